//! Whose credentials are used.

use huaweicloud_cts::credentials::SourceOutcome;
use serde_json::json;

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::layout;
use crate::screen::{self, DIMMED, clean};

pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let client = context.client()?;
    let description = client.describe_credentials().await;
    if !description.provides() {
        return Err(Failure::new(
            crate::exit::Exit::Denied,
            format!("no usable credentials\n{description}"),
        ));
    }
    // The first call finds the project out, if it is not given.
    client.list_quotas().await?;
    let account = client.domain_id().await.map(str::to_owned);
    let source = description.sources.iter().rev().find_map(|source| match &source.outcome {
        SourceOutcome::Provided { access_key, is_temporary, expiry, .. } => {
            Some((source.name.clone(), access_key.clone(), *is_temporary, *expiry))
        }
        _ => None,
    });
    let Some((source, access_key, is_temporary, expiry)) = source else { return Ok(Exit::Done) };
    let expires = expiry.map(screen::time);
    let region = client.region().map(|region| region.id().to_owned());
    if context.global.output.is_for_programs() {
        screen::value(
            context.global.output,
            &json!({
                "access_key": access_key, "source": source, "temporary": is_temporary, "expires": expires,
                "region": region, "endpoint": client.endpoint().as_str(), "project_id": client.project_id(),
                "domain_id": account.as_ref().ok(),
            }),
        )?;
        return Ok(Exit::Done);
    }
    let kind = match (is_temporary, &expires) {
        (true, Some(expires)) => format!("temporary, until {expires}"),
        (true, None) => "temporary".to_owned(),
        (false, _) => "permanent".to_owned(),
    };
    let account = account.unwrap_or_else(|error| format!("unknown: {error}"));
    let rows = [
        ("access key", format!("{} {DIMMED}({kind}){DIMMED:#}", clean(&access_key))),
        ("from", clean(&source)),
        ("region", clean(region.as_deref().unwrap_or("none"))),
        ("endpoint", clean(client.endpoint().as_str())),
        ("project", clean(client.project_id().unwrap_or("unknown"))),
        ("account", clean(&account)),
    ];
    screen::out(layout::fields(0, rows))?;
    if context.global.verbose > 0 {
        screen::note(format_args!("{DIMMED}{}{DIMMED:#}", description.to_string().trim_end()));
    }
    Ok(Exit::Done)
}
