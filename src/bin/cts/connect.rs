//! Clients, by the options of all commands.

use std::sync::Arc;
use std::time::Duration;

use huaweicloud_cts::client::{Attempt, Pace};
use huaweicloud_cts::credentials::ProvideCredentials;
use huaweicloud_cts::transport::{ReqwestTransport, Transport};
use huaweicloud_cts::{CallOptions, CtsClient, Region, RetryPolicy};

use crate::args::Global;
use crate::credentials::{Agency, Source};
use crate::exit::{Exit, Failure};
use crate::screen::{self, DIMMED};
use crate::watched::{Calls, Watched};

/// What commands work with.
pub(crate) struct Context {
    pub(crate) global: Global,
    /// Where calls of all projects wait while they are throttled.
    pub(crate) pace: Pace,
    calls: Calls,
}

/// What a client is made from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) domain_id: Option<String>,
    pub(crate) credentials: Source,
    pub(crate) profile: Option<String>,
    pub(crate) agency: Option<Agency>,
}

impl Settings {
    pub(crate) fn provider(&self) -> Result<Arc<dyn ProvideCredentials>, Failure> {
        if self.profile.is_some() && !matches!(self.credentials, Source::Default | Source::Koocli) {
            return Err(Failure::usage(
                "only KooCLI has profiles: leave out --profile, or give --credentials koocli",
            ));
        }
        if self.profile.is_some() && !self.credentials.has_profiles() {
            let message =
                "a profile is of KooCLI: give --credentials koocli with it, or leave it out";
            return Err(Failure::usage(message));
        }
        let source = self.credentials.provider(self.profile.as_deref());
        match &self.agency {
            None => Ok(source),
            Some(agency) => agency.over(source).map_err(Failure::usage),
        }
    }
}

impl Context {
    pub(crate) fn new(mut global: Global) -> Self {
        // An empty variable is one that is not set.
        global.region.retain(|region| !region.is_empty());
        for value in [
            &mut global.project_id,
            &mut global.domain_id,
            &mut global.endpoint,
            &mut global.iam_endpoint,
        ] {
            value.take_if(|value| value.is_empty());
        }
        Self { global, pace: Pace::new(), calls: Calls::default() }
    }

    /// Returns `true` if a request was held back by `--dry-run`.
    pub(crate) fn held_back(&self) -> bool {
        self.calls.held_back()
    }

    /// Returns how a command ends that was interrupted.
    pub(crate) fn interrupted(&self) -> Failure {
        let done = self.calls.writes();
        let message = if done.is_empty() {
            "interrupted".to_owned()
        } else {
            format!("interrupted after these calls succeeded:\n  {}", done.join("\n  "))
        };
        let failure = Failure::new(Exit::Interrupted, message);
        if self.calls.any_write() {
            failure.hint("a call that was under way may have been applied too: run the command again, or `cts plan`")
        } else {
            failure
        }
    }

    /// Returns what the options say about a single project.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let global = &self.global;
        if global.targets.is_some() || global.region.len() > 1 {
            return Err(Failure::usage(
                "this command works in one project: give one --region, and no --targets",
            ));
        }
        Ok(self.settings_in(global.region.first().cloned()))
    }

    pub(crate) fn settings_in(&self, region: Option<String>) -> Settings {
        let global = self.global.clone();
        Settings {
            region,
            endpoint: global.endpoint,
            project_id: global.project_id,
            domain_id: global.domain_id,
            credentials: global.credentials.unwrap_or_default(),
            profile: global.profile,
            agency: None,
        }
    }

    /// Returns the client of a command that works in one project.
    pub(crate) fn client(&self) -> Result<CtsClient, Failure> {
        self.client_of(&self.settings()?)
    }

    pub(crate) fn transport(&self) -> Result<Arc<dyn Transport>, Failure> {
        let mut builder = ReqwestTransport::builder()
            .user_agent_suffix(concat!("cts/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &self.global.ca_file {
            builder = builder.root_certificates_file(path);
        }
        let transport = builder.build().map_err(|error| Failure::failed(error.to_string()))?;
        Ok(Arc::new(Watched::new(
            transport,
            self.calls.clone(),
            self.global.dry_run,
            self.global.verbose > 1,
        )))
    }

    pub(crate) fn client_of(&self, settings: &Settings) -> Result<CtsClient, Failure> {
        let mut builder =
            CtsClient::builder().credentials(settings.provider()?).retry(self.retry());
        if let Some(region) = &settings.region {
            builder = builder.region(Region::from(region.as_str()));
        }
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.endpoint(endpoint);
        }
        if let Some(endpoint) = &self.global.iam_endpoint {
            builder = builder.iam_endpoint(endpoint);
        }
        if let Some(id) = &settings.project_id {
            builder = builder.project_id(id);
        }
        if let Some(id) = &settings.domain_id {
            builder = builder.domain_id(id);
        }
        let client = builder.transport(self.transport()?).build()?;
        let (calls, verbose) = (self.calls.clone(), self.global.verbose > 0);
        Ok(client.with_options(CallOptions::new().on_attempt(move |attempt| {
            if attempt.status.is_some_and(|status| status.is_success()) && !attempt.method.is_safe()
            {
                calls.succeeded(attempt.operation);
            }
            if verbose {
                screen::note(line(attempt));
            }
        })))
    }

    fn retry(&self) -> RetryPolicy {
        let mut policy =
            if self.global.dry_run { RetryPolicy::never() } else { RetryPolicy::standard() };
        if let Some(attempts) = self.global.attempts {
            policy = policy.max_attempts(attempts);
        }
        if let Some(seconds) = self.global.timeout {
            policy = policy.total_timeout(Duration::from_secs(seconds));
        }
        policy
    }

    /// Prints a remark for people: not with `--quiet`.
    pub(crate) fn remark(&self, text: impl std::fmt::Display) {
        if !self.global.quiet {
            screen::note(text);
        }
    }

    /// Asks for a confirmation, unless there is `--yes`, or nothing is sent anyway.
    pub(crate) fn confirm(&self, question: &str) -> Result<(), Failure> {
        screen::confirm(self.global.yes || self.global.dry_run, self.global.no_input, question)
    }
}

/// Returns an attempt at a call in one line.
fn line(attempt: &Attempt<'_>) -> String {
    let Attempt {
        operation,
        method,
        host,
        number,
        status,
        error,
        transport,
        request_id,
        duration,
        ..
    } = attempt;
    let status = match (status, transport, error) {
        (Some(status), _, _) => status.as_u16().to_string(),
        (None, Some(kind), _) => format!("{kind:?}"),
        (None, None, error) => error.map_or_else(String::new, |error| format!("{error:?}")),
    };
    let id = screen::clean(request_id.unwrap_or("none"));
    let millis = duration.as_millis();
    format!(
        "{DIMMED}{operation}: {method} {host}, attempt {number}: {status} in {millis} ms, request {id}{DIMMED:#}"
    )
}
