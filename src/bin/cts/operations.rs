//! The catalogue of operations.

use clap::Args;
use huaweicloud_cts::catalogue::{CatalogueEntry, ListOperations};

use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen;
use crate::table::Table;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts operations\n  cts operations IAM user\n  cts operations --grep delete -o name"
)]
pub(crate) struct Operations {
    /// The service, such as IAM.
    service: Option<String>,
    /// The resource, such as user.
    resource: Option<String>,
    /// Only operations whose name contains this, whatever the case.
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Operations) -> Result<Exit, Failure> {
    let client = context.client()?;
    let all = client.list_operations(&ListOperations::new()).await?;
    let mut found = select(&all, arguments)?;
    if let Some(part) = &arguments.grep {
        let part = part.to_lowercase();
        for entry in &mut found {
            entry.operation_list.retain(|name| name.to_lowercase().contains(&part));
        }
        found.retain(|entry| !entry.operation_list.is_empty());
        if found.is_empty() {
            return Err(Failure::not_found(format!("no operation contains {part:?}")));
        }
    }
    let output = context.global.output;
    let paths = found.iter().flat_map(|entry| {
        let CatalogueEntry { service_type, resource_type, operation_list, .. } = entry;
        operation_list.iter().map(move |name| format!("{service_type}/{resource_type}/{name}"))
    });
    match output {
        // What --operation takes.
        Output::Name => {
            screen::out(paths.map(|path| screen::clean(&path)).collect::<Vec<_>>().join("\n"))?;
        }
        Output::Table | Output::Wide => {
            let mut table = Table::new(["SERVICE", "RESOURCE", "OPERATIONS"]).wrapping();
            for entry in &found {
                table.row([
                    &entry.service_type,
                    &entry.resource_type,
                    &entry.operation_list.join(" "),
                ]);
            }
            table.print(output == Output::Wide)?;
        }
        _ => screen::values(output, &found)?,
    }
    Ok(Exit::Done)
}

fn select(all: &[CatalogueEntry], arguments: &Operations) -> Result<Vec<CatalogueEntry>, Failure> {
    let Some(service) = &arguments.service else { return Ok(all.to_vec()) };
    let of_service: Vec<&CatalogueEntry> =
        all.iter().filter(|entry| entry.service_type.eq_ignore_ascii_case(service)).collect();
    if of_service.is_empty() {
        return Err(unknown(
            "service",
            service,
            all.iter().map(|entry| entry.service_type.as_str()),
        ));
    }
    let Some(resource) = &arguments.resource else {
        return Ok(of_service.into_iter().cloned().collect());
    };
    let found: Vec<CatalogueEntry> = of_service
        .iter()
        .filter(|entry| entry.resource_type.eq_ignore_ascii_case(resource))
        .copied()
        .cloned()
        .collect();
    if found.is_empty() {
        return Err(unknown(
            "resource",
            resource,
            of_service.iter().map(|entry| entry.resource_type.as_str()),
        ));
    }
    Ok(found)
}

fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    let failure = Failure::not_found(format!("the catalogue has no {what} {name:?}"));
    match similar(name, known) {
        Some(similar) => failure.hint(format!("did you mean {similar:?}?")),
        None => failure,
    }
}

/// Returns the name that is most like this one, if one is.
pub(crate) fn similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    known
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}
