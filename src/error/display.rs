//! An error in words.

use std::fmt;

use http::StatusCode;

use super::{ApiError, Cause, Error, ErrorCode, Held, Inner, RateLimit};
use crate::id::NotificationId;
use crate::text::{Chain, printable};

/// The maximum number of characters of a change that are printed.
const CHANGE: usize = 400;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names, ids and messages come from elsewhere: nothing in them may control a terminal.
        let text = Raw(self).to_string();
        f.write_str(&printable(&text, text.len()))
    }
}

/// An error with the characters of its parts unescaped.
struct Raw<'e>(&'e Error);

impl fmt::Display for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { call, path, cause, history } = &*self.0.0;
        match path {
            Some(path) => write!(f, "{} {path}: ", call.operation)?,
            None => write!(f, "{}: ", call.operation)?,
        }
        match cause {
            Cause::Request(reason) => write!(f, "not sent: {reason}")?,
            Cause::Credentials(error) => write!(f, "no usable credentials: {}", Chain(error))?,
            Cause::Sign(error) => write!(f, "the request can't be signed: {}", Chain(error))?,
            Cause::Transport { error, host } => write!(f, "{} ({host})", Chain(error))?,
            Cause::Project { reason, .. } => f.write_str(reason)?,
            Cause::Api(api) => f.write_str(&refusal(api, call.actions))?,
            Cause::Throttled(held) => {
                write!(f, "not sent{}: ", if history.attempts > 0 { " again" } else { "" })?;
                write!(f, "calls like it are {held}")?;
            }
            Cause::Decode { status, reason, .. } => {
                write!(f, "{} but the response can't be read: {reason}", status.as_u16())?;
            }
            Cause::NotKept { name, fields } => write!(
                f,
                "the service accepted {name:?}, but returns other values of {}: this cloud may not support what was sent",
                fields.join(", ")
            )?,
            Cause::Changed { name, change } => {
                // It names fields as the service does.
                let change = printable(change, CHANGE);
                write!(f, "{name:?} changed since the plan was made: {change}; plan again")?;
            }
            Cause::NotFound(what) => write!(f, "there is no {what}")?,
            Cause::Ambiguous { name, ids } => {
                write!(f, "{} notifications are named {name:?}: {}", ids.len(), joined(ids))?;
            }
            Cause::BothNames { name, former, ids } => write!(
                f,
                "{former:?} is renamed to {name:?}, but notifications of both names exist; delete or rename one of them: {}",
                joined(ids)
            )?,
            Cause::Placeholder { name } => write!(
                f,
                "not sent: the topic of {name:?} has a placeholder in it; fill in {{region}} and {{project_id}} with \
                 NotificationSet::for_client, or with for_target if the client was built without a region"
            )?,
            Cause::WrongProject { planned, client } => {
                write!(
                    f,
                    "not sent: the plan was made in project {planned}, but the client works in project {client}"
                )?;
            }
        }
        if self.0.may_have_applied() {
            f.write_str("; the request may still have been applied")?;
        }
        // The reason for an unknown project includes the request id.
        let request_id = self.0.request_id().filter(|_| !matches!(cause, Cause::Project { .. }));
        match (request_id, history.attempts) {
            (None, 0 | 1) => Ok(()),
            (None, n) => write!(f, " (after {n} attempts)"),
            (Some(id), 0 | 1) => write!(f, " (request id {id})"),
            (Some(id), n) => write!(f, " (request id {id}, after {n} attempts)"),
        }
    }
}

fn joined(ids: &[NotificationId]) -> String {
    ids.iter().map(NotificationId::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the service's message, and what to do where that does not say it.
fn refusal(api: &ApiError, actions: &str) -> String {
    let by_service = api.code().is_some_and(|code| {
        code.gateway_number().is_none() && *code != ErrorCode::ProjectIdInvalid
    });
    let permission =
        (api.meant_status() == StatusCode::FORBIDDEN && by_service && !actions.is_empty())
            .then(|| format!("the call needs the IAM permission {actions}"));
    let wait = api.retry_after().map(|wait| match RateLimit::in_message(api.message()) {
        _ if !api.is_throttled() => format!("the service asks to wait {} s", wait.as_secs()),
        Some(limit) => Held { limit: Some(limit), wait }.to_string(),
        None => Held { limit: None, wait }.try_again(),
    });
    let advice = api.explanation().or_else(|| api.code().and_then(ErrorCode::advice));
    // The time to wait says more than the advice to wait.
    let advice = advice.filter(|_| wait.is_none() || !api.is_throttled()).map(str::to_owned);
    let mut text = api.to_string();
    for more in [permission, advice, wait].into_iter().flatten() {
        text.truncate(text.trim_end_matches('.').len());
        text.push_str("; ");
        text.push_str(&more);
    }
    text
}
