//! A signed call by its path.

use clap::Args;
use http::{HeaderName, HeaderValue, Method};

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::screen;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts api GET '/v3/{project_id}/quotas'
  cts api GET '/v3/{project_id}/traces' --query trace_type=system --query limit=1
  cts api PUT '/v3/{project_id}/notifications' -d @body.json -i")]
pub(crate) struct Api {
    /// The method.
    #[arg(value_parser = method)]
    method: Method,
    /// The path below the endpoint. `{project_id}` and `{domain_id}` are filled in.
    path: String,
    /// The body, @FILE, or @- for the standard input.
    #[arg(short, long, value_name = "BODY")]
    data: Option<String>,
    /// A parameter of the query. May be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    query: Vec<(String, String)>,
    /// A header. May be given several times.
    #[arg(short = 'H', long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(HeaderName, HeaderValue)>,
    /// Print the status and the headers of the response as well.
    #[arg(short, long)]
    include: bool,
}

fn method(text: &str) -> Result<Method, String> {
    text.to_ascii_uppercase().parse().map_err(|_| "not a method: GET, POST, PUT, DELETE".to_owned())
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("write it as \"NAME: VALUE\"")?;
    let name = name.trim().parse().map_err(|_| "not the name of a header".to_owned())?;
    let value = value.trim().parse().map_err(|_| "not the value of a header".to_owned())?;
    Ok((name, value))
}

/// Returns the body that an argument names.
pub(crate) fn body(argument: &str) -> Result<Vec<u8>, Failure> {
    match argument.strip_prefix('@') {
        Some(path) => Ok(files::read_bytes(path.as_ref())?.1),
        None => Ok(argument.as_bytes().to_vec()),
    }
}

pub(crate) async fn run(context: &Context, arguments: &Api) -> Result<Exit, Failure> {
    let client = context.client()?;
    let mut request = client.request(arguments.method.clone(), &arguments.path);
    for (name, value) in &arguments.query {
        request = request.query(name, value);
    }
    for (name, value) in &arguments.header {
        request = request.header(name.clone(), value.clone());
    }
    if let Some(data) = &arguments.data {
        request = request.body(body(data)?);
    }
    let response = request.send().await?;
    if arguments.include {
        screen::out(format_args!("{:?} {}", response.version(), response.status()))?;
        screen::out(crate::watched::headers(response.headers()) + "\n")?;
    }
    // On a terminal, a body that is JSON is shown so that it can be read; elsewhere it is as it
    // came.
    let body = response.body();
    if screen::width().is_some()
        && let Ok(value) = serde_json::from_slice::<serde_json::Value>(body)
    {
        screen::out(screen::clean_lines(&format!("{value:#}")))?;
    } else {
        screen::raw(body)?;
    }
    Ok(Exit::Done)
}
