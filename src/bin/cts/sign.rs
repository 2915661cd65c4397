//! Signing a request without sending it.

use std::time::SystemTime;

use clap::Args;
use http::{HeaderName, HeaderValue, Method, Request};
use huaweicloud_cts::Region;
use huaweicloud_cts::credentials::{Credentials, CredentialsContext, ProvideCredentials as _};
use huaweicloud_cts::sign::Signer;

use crate::api;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, BOLD, clean, clean_lines};

/// What stands for the security token in what is printed: a shell fills it in.
const TOKEN: &str = "$HUAWEICLOUD_SDK_SECURITY_TOKEN";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts sign GET https://cts.eu-de.otc.t-systems.com/v3/PROJECT/quotas
  eval \"$(cts sign --curl GET https://ecs.eu-de.otc.t-systems.com/v1/PROJECT/cloudservers/detail)\"
  cts sign --explain POST https://smn.eu-de.otc.t-systems.com/v2/PROJECT/topics -d @body.json

The signature is valid for 15 minutes. A security token is not printed: $HUAWEICLOUD_SDK_SECURITY_TOKEN stands for it.")]
pub(crate) struct Sign {
    /// The method.
    #[arg(value_parser = method)]
    method: Method,
    /// The URL.
    url: String,
    /// The body, @FILE, or @- for the standard input.
    #[arg(short, long, value_name = "BODY")]
    data: Option<String>,
    /// A header, which is signed as well. May be given several times.
    #[arg(short = 'H', long, value_name = "NAME: VALUE", value_parser = api::header)]
    header: Vec<(HeaderName, HeaderValue)>,
    /// Print a command for curl.
    #[arg(long, conflicts_with = "explain")]
    curl: bool,
    /// Print what is signed: the canonical request and the string to sign.
    #[arg(long)]
    explain: bool,
}

fn method(text: &str) -> Result<Method, String> {
    text.to_ascii_uppercase().parse().map_err(|_| "not a method: GET, POST, PUT, DELETE".to_owned())
}

pub(crate) async fn run(context: &Context, arguments: &Sign) -> Result<Exit, Failure> {
    let credentials = credentials(context).await?;
    let body = arguments.data.as_deref().map(api::body).transpose()?.unwrap_or_default();
    let mut builder = Request::builder().method(arguments.method.clone()).uri(&arguments.url);
    for (name, value) in &arguments.header {
        builder = builder.header(name, value);
    }
    let mut request =
        builder.body(body).map_err(|error| Failure::usage(format!("not a request: {error}")))?;
    let signer = Signer::new(&credentials);
    let now = SystemTime::now();
    let refused = |error: huaweicloud_cts::sign::SignError| Failure::failed(error.to_string());
    if arguments.explain {
        let signature = signer.signature(&request, now).map_err(refused)?;
        screen::out(format_args!("{BOLD}Canonical request{BOLD:#}"))?;
        screen::out(clean_lines(&without_token(&signature.canonical_request())))?;
        screen::out(format_args!("\n{BOLD}String to sign{BOLD:#}"))?;
        screen::out(clean_lines(&signature.string_to_sign()))?;
        return Ok(Exit::Done);
    }
    signer.sign(&mut request, now).map_err(refused)?;
    let headers = request.headers().iter().map(|(name, value)| {
        let value = if name == "x-security-token" {
            TOKEN.into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        (name.as_str(), value)
    });
    if !arguments.curl {
        for (name, value) in headers {
            screen::out(format_args!("{name}: {}", clean(&value)))?;
        }
        return Ok(Exit::Done);
    }
    let mut line = format!("curl -X {}", request.method());
    for (name, value) in headers {
        let quoted = if value == TOKEN {
            format!("\"{name}: {TOKEN}\"")
        } else {
            quoted(&format!("{name}: {value}"))
        };
        line.push_str(&format!(" \\\n  -H {quoted}"));
    }
    if !request.body().is_empty() {
        let text = std::str::from_utf8(request.body()).map_err(|_| {
            Failure::usage("the body is not text, so it can't be part of a command")
        })?;
        line.push_str(&format!(" \\\n  --data-raw {}", quoted(text)));
    }
    line.push_str(&format!(" \\\n  {}", quoted(&arguments.url)));
    screen::out(line)?;
    Ok(Exit::Done)
}

/// Returns a canonical request without the security token.
fn without_token(canonical: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some((name @ "x-security-token", _)) => format!("{name}:{TOKEN}"),
        _ => line.to_owned(),
    };
    canonical.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Returns text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

async fn credentials(context: &Context) -> Result<Credentials, Failure> {
    let settings = context.settings_in(context.global.region.first().cloned());
    let mut asked = CredentialsContext::new().with_transport(context.transport()?);
    if let Some(region) = settings.region.as_deref() {
        asked = asked.with_region(Region::from(region));
    }
    if let Some(endpoint) = &context.global.iam_endpoint {
        asked = asked.with_iam_endpoint(endpoint);
    }
    let provided = settings.provider()?.provide(&asked).await;
    provided.map_err(|error| Failure::new(Exit::Denied, error.to_string()))
}
