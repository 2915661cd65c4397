//! The projects that a command works in.

use std::collections::HashSet;
use std::path::Path;

use huaweicloud_cts::CtsClient;
use serde::Deserialize;

use crate::connect::{Context, Settings};
use crate::credentials::{Agency, Source};
use crate::exit::Failure;
use crate::files::{self, Format, RulesFile};

/// A project, with its client.
#[derive(Clone)]
pub(crate) struct Project {
    /// Its name in a file, or its region; `None` for the one project that the options name.
    pub(crate) name: Option<String>,
    pub(crate) client: CtsClient,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    targets: Vec<Entry>,
}

/// A project as it stands in a file of targets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Option<String>,
    region: Option<String>,
    endpoint: Option<String>,
    project_id: Option<String>,
    domain_id: Option<String>,
    credentials: Option<Source>,
    profile: Option<String>,
    assume: Option<Agency>,
}

impl Context {
    /// Returns the projects that the options name: those of a file, or one for each region.
    pub(crate) fn projects(&self) -> Result<Vec<Project>, Failure> {
        let global = &self.global;
        let named: Vec<(Option<String>, Settings)> = match (
            &global.targets,
            global.region.as_slice(),
        ) {
            (Some(path), _) => self.read_targets(path)?,
            (None, [] | [_]) => vec![(None, self.settings()?)],
            (None, regions) => {
                if global.project_id.is_some() || global.endpoint.is_some() {
                    return Err(Failure::usage("a project id and an endpoint belong to one region").hint(
                        "unset HUAWEICLOUD_SDK_PROJECT_ID and CTS_ENDPOINT, or name the projects in a file (--targets)",
                    ));
                }
                regions
                    .iter()
                    .map(|region| (Some(region.clone()), self.settings_in(Some(region.clone()))))
                    .collect()
            }
        };
        let mut seen = HashSet::new();
        if let Some(name) =
            named.iter().filter_map(|(name, _)| name.as_ref()).find(|name| !seen.insert(*name))
        {
            return Err(Failure::usage(format!(
                "two projects are named {name:?}: give each of them a name of its own"
            )));
        }
        named
            .into_iter()
            .map(|(name, settings)| {
                let client = self.client_of(&settings)?;
                Ok(Project { name, client })
            })
            .collect()
    }

    fn read_targets(&self, path: &Path) -> Result<Vec<(Option<String>, Settings)>, Failure> {
        let (name, text) = files::read_text(path)?;
        let file: File = files::parse(&RulesFile { name, text, format: Format::Toml })?;
        let global = &self.global;
        let region = match global.region.as_slice() {
            [] => None,
            [region] => Some(region.clone()),
            _ => return Err(Failure::usage("give either several regions, or --targets")),
        };
        let mut named = Vec::new();
        for entry in file.targets {
            let given = self.settings_in(region.clone());
            let settings = Settings {
                // An endpoint is of one region, unless it is that of a fake service.
                endpoint: entry
                    .endpoint
                    .or(given.endpoint.filter(|url| entry.region.is_none() || is_here(url))),
                region: entry.region.or(given.region),
                project_id: entry.project_id,
                domain_id: entry.domain_id,
                credentials: entry.credentials.unwrap_or(given.credentials),
                profile: entry.profile.or(given.profile),
                agency: entry.assume,
            };
            let name = [entry.name, settings.project_id.clone(), settings.region.clone()]
                .into_iter()
                .flatten()
                .next();
            let name = name.unwrap_or_else(|| format!("target {}", named.len() + 1));
            // The variable would name the project of this target too, because credentials bring it.
            if settings.project_id.is_none()
                && settings.agency.is_none()
                && global.project_id.is_some()
            {
                let message = format!(
                    "{}: {name:?} has no project_id, and there is another one",
                    path.display()
                );
                return Err(Failure::usage(message)
                    .hint("give project_id in the file, or unset HUAWEICLOUD_SDK_PROJECT_ID"));
            }
            named.push((Some(name), settings));
        }
        if named.is_empty() {
            return Err(Failure::usage(format!("{}: the file has no target", path.display())));
        }
        Ok(named)
    }
}

/// Returns `true` if an endpoint is on this machine.
fn is_here(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|here| host.starts_with(here))
}
