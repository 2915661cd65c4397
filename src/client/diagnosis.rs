//! Why the gateway refused a signature, in words: it answers every cause with the same code.

use std::time::{Duration, SystemTime};

use url::Url;

use crate::clock::is_out_of_bounds;
use crate::error::ApiError;
use crate::region::{self, Namesake};
use crate::secret::Credentials;
use crate::text::{masked, printable};
use crate::wire::error::CANONICAL_REQUEST;

/// How much of a line is shown, in characters.
const SHOWN: usize = 120;

/// Explains a refusal, as far as the response and what was `signed`, a canonical request, show it.
pub(super) fn explain(
    api: &ApiError,
    signed: &str,
    signed_at: SystemTime,
    server: Option<SystemTime>,
    credentials: &Credentials,
    endpoint: &Url,
) -> Option<String> {
    let key = masked(credentials.access_key());
    let message = api.message();
    let says = |words: &str| message.contains(words);
    if says("reach the limit") {
        return Some(format!(
            "the access key {key} is locked for 5 minutes, for its signature was wrong five times in a row: correct the \
             secret key, wait, and let nothing use it in the meantime"
        ));
    }
    if says("not exist") || says("Get secretKey failed") {
        let token = if credentials.is_temporary() {
            "or its security token may have expired"
        } else {
            "or temporary, and then its security token is missing"
        };
        let other = endpoint.host_str().and_then(region::namesake).map(|Namesake { operator, domain, .. }| {
            format!("; {operator} has a region of this name too: if the key is of there, call cloud_domain({domain:?})")
        });
        return Some(format!(
            "the access key {key} is not known there: it may be of another cloud, deleted or disabled, {token}{}",
            other.unwrap_or_default()
        ));
    }
    if let Some(server) = server.filter(|server| is_out_of_bounds(signed_at, *server)) {
        return Some(match server.duration_since(signed_at) {
            Ok(behind) => clock_is_off(behind, "behind"),
            Err(ahead) => clock_is_off(ahead.duration(), "ahead of"),
        });
    }
    if let Some((_, theirs)) = message.split_once(CANONICAL_REQUEST) {
        return Some(match first_difference(signed, theirs) {
            Some(difference) => difference,
            None => format!(
                "what was signed arrived unchanged, so the secret key is not that of the access key {key}"
            ),
        });
    }
    if says("decrypt token fail") && credentials.is_temporary() {
        return Some(
            "the gateway can't read the security token: it may be cut off, or of another cloud or region".to_owned(),
        );
    }
    if says("x-auth-token not found") || says("decrypt token fail") {
        return Some(
            "the gateway saw no signature: does a proxy remove or rewrite the Authorization header?".to_owned(),
        );
    }
    if api.code().is_some_and(|code| code.gateway_number() == Some(307)) {
        return Some("the security token has expired, or is of another region".to_owned());
    }
    None
}

/// Returns `true` if the gateway does not know the access key, or no longer does.
pub(super) fn are_credentials_refused(api: &ApiError) -> bool {
    let outdated = api.code().is_some_and(|code| code.gateway_number() == Some(307));
    outdated
        || ["not exist", "Get secretKey failed", "decrypt token fail"]
            .iter()
            .any(|words| api.message().contains(words))
}

fn clock_is_off(distance: Duration, direction: &str) -> String {
    format!(
        "the clock here is {} seconds {direction} the service's, and 900 are allowed: set it",
        distance.as_secs()
    )
}

/// The headers whose values are shown: this crate sets them, and none is a secret. A header that a
/// user has added may be.
const SHOWN_HEADERS: [&str; 4] = ["host", "content-type", "x-project-id", "x-sdk-date"];

/// A canonical request in the gateway's form, which has `|` where lines end.
struct Canonical<'t> {
    method: &'t str,
    path: &'t str,
    query: &'t str,
    /// Each header's name and the pieces of its value, which may hold a `|` itself.
    headers: Vec<(&'t str, Vec<&'t str>)>,
    signed: &'t str,
    payload: &'t str,
}

impl<'t> Canonical<'t> {
    /// Takes a canonical request apart. A header starts where one of `names` does, whatever comes
    /// before or after it.
    fn read(text: &'t str, names: &[&str]) -> Self {
        let pieces: Vec<&str> = text.split('|').collect();
        let piece = |at: usize| pieces.get(at).copied().unwrap_or_default();
        // An empty line ends the headers. The last is meant: a value may have an empty piece as
        // well.
        let end = pieces.iter().rposition(|piece| piece.is_empty()).unwrap_or(pieces.len()).max(3);
        let mut headers: Vec<(&str, Vec<&str>)> = Vec::new();
        for piece in pieces.iter().take(end).skip(3) {
            match (
                piece.split_once(':').filter(|(name, _)| names.contains(name)),
                headers.last_mut(),
            ) {
                (Some((name, value)), _) => headers.push((name, vec![value])),
                (None, Some((_, value))) => value.push(piece),
                (None, None) => {}
            }
        }
        Self {
            method: piece(0),
            path: piece(1),
            query: piece(2),
            headers,
            signed: piece(end + 1),
            payload: piece(end + 2),
        }
    }

    /// All values of a header.
    fn header(&self, name: &str) -> Vec<&[&'t str]> {
        self.headers
            .iter()
            .filter(|(own, _)| *own == name)
            .map(|(_, value)| value.as_slice())
            .collect()
    }
}

/// Says where the gateway's canonical request first differs from ours. Headers are compared by
/// name: a line that is missing moves all that follow, and would set a value of one header against
/// another's name.
fn first_difference(ours: &str, theirs: &str) -> Option<String> {
    let gateway_form = ours.replace('\n', "|");
    let names: Vec<&str> =
        ours.lines().skip(3).map_while(|line| line.split_once(':')).map(|(name, _)| name).collect();
    let (ours, theirs) =
        (Canonical::read(&gateway_form, &names), Canonical::read(theirs.trim(), &names));
    let changed = |what: &str| format!("{what} arrived changed: does a proxy rewrite it?");
    // What stands in the place of another line may be any header's value, so it is shown only if it
    // looks right.
    let shown = |what: &str, ours: &str, theirs: &str, looks_right: bool| {
        if !looks_right {
            return changed(what);
        }
        format!(
            "{what} arrived changed: signed was {:?}, the gateway read {:?}; does a proxy rewrite it, or is the endpoint \
             not the one that clients should use?",
            printable(ours, SHOWN),
            printable(theirs, SHOWN),
        )
    };
    if ours.method != theirs.method {
        let looks_right =
            theirs.method.len() <= 7 && theirs.method.bytes().all(|b| b.is_ascii_uppercase());
        return Some(shown("the method", ours.method, theirs.method, looks_right));
    }
    if ours.path != theirs.path {
        return Some(shown("the path", ours.path, theirs.path, theirs.path.starts_with('/')));
    }
    if ours.query != theirs.query {
        let looks_right = theirs.query.is_empty()
            || (theirs.query.contains('=') && !theirs.query.contains([':', ' ']));
        return Some(shown("the query", ours.query, theirs.query, looks_right));
    }
    for name in &names {
        let (own, their) = (ours.header(name), theirs.header(name));
        if own == their {
            continue;
        }
        if *name == "x-security-token" {
            // The gateway masks it, or we have, before we looked.
            match their.as_slice() {
                [[value, ..]] if value.starts_with('*') || value.starts_with("[redacted]") => {
                    continue;
                }
                _ => {
                    return Some(
                        "the security token arrived changed: does a proxy rewrite it?".to_owned(),
                    );
                }
            }
        }
        return Some(match (own.as_slice(), their.as_slice()) {
            (_, []) => format!("the header {name} did not arrive: does a proxy remove it?"),
            ([[own]], [[their]]) if SHOWN_HEADERS.contains(name) => {
                shown(&format!("the header {name}"), own, their, true)
            }
            _ => changed(&format!("the header {name}")),
        });
    }
    if ours.signed != theirs.signed {
        return Some(changed("the list of signed headers"));
    }
    // Behind the last line there may be more of the message.
    (!theirs.payload.starts_with(ours.payload)).then(|| changed("the body"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "GET\n/v3/p/notifications/smn/\nname=a\nhost:h\nx-note:a|b\nx-sdk-date:20240131T235959Z\nx-security-token:secret\n\nhost;x-note;x-sdk-date;x-security-token\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_line_that_differs_is_named() {
        let gateway = |from: &str, to: &str| OURS.replace(from, to).replace('\n', "|");
        assert_eq!(first_difference(OURS, &gateway("", "")), None);
        assert_eq!(first_difference(OURS, &gateway("secret", "***")), None, "it is masked");
        assert_eq!(
            first_difference(OURS, &gateway("secret", "[redacted]")),
            None,
            "we have masked it"
        );
        assert_eq!(first_difference(OURS, &format!("{}, and more", gateway("", ""))), None);
        for (from, to, expected) in [
            (
                "GET",
                "POST",
                r#"the method arrived changed: signed was "GET", the gateway read "POST""#,
            ),
            ("/smn/", "/smn//", "the path arrived changed"),
            ("name=a", "name=b", "the query arrived changed"),
            (
                "host:h",
                "host:10.0.0.1",
                r#"the header host arrived changed: signed was "h", the gateway read "10.0.0.1""#,
            ),
            ("a|b", "a|c", "the header x-note arrived changed"),
            ("secret", "other", "the security token arrived changed"),
            ("host;x-note;", "host;", "the list of signed headers"),
            ("e3b0", "abcd", "the body arrived changed"),
        ] {
            let said = first_difference(OURS, &gateway(from, to)).unwrap();
            assert!(said.starts_with(expected), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
        for cut in ["", "GET", "GET|/v3", "|||||||||||"] {
            assert!(first_difference(OURS, cut).is_some());
        }
    }
}
