//! Why the gateway refused a signature, in words: it answers every cause with the same code.

use std::time::{Duration, SystemTime};

use super::clock::is_out_of_bounds;
use crate::credentials::{Credentials, masked};
use crate::error::{ApiError, CANONICAL_REQUEST};
use crate::sign::Signature;
use crate::text::printable;

/// How much of a line is shown, in characters.
const SHOWN: usize = 120;

/// Explains a refusal, as far as it can be told from the answer and from what was signed.
pub(super) fn explain(
    api: &ApiError,
    ours: Option<&Signature>,
    signed_at: SystemTime,
    server: Option<SystemTime>,
    credentials: &Credentials,
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
        return Some(format!(
            "the access key {key} is not known there: it may be of another cloud, deleted or disabled, {token}"
        ));
    }
    if let Some(server) = server.filter(|server| is_out_of_bounds(signed_at, *server)) {
        return Some(match server.duration_since(signed_at) {
            Ok(behind) => clock_is_off(behind, "behind"),
            Err(ahead) => clock_is_off(ahead.duration(), "ahead of"),
        });
    }
    if let Some((_, theirs)) = message.split_once(CANONICAL_REQUEST) {
        let ours = ours?.canonical_request();
        return Some(match first_difference(&ours, theirs) {
            Some(difference) => difference,
            None => format!("what was signed arrived unchanged, so the secret key is not that of the access key {key}"),
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

/// Whether the gateway does not know the keys, or not any more.
pub(super) fn are_keys_refused(api: &ApiError) -> bool {
    let outdated = api.code().is_some_and(|code| code.gateway_number() == Some(307));
    outdated
        || ["not exist", "Get secretKey failed", "decrypt token fail"].iter().any(|words| api.message().contains(words))
}

fn clock_is_off(distance: Duration, direction: &str) -> String {
    format!("the clock here is {} seconds {direction} the service's, and 900 are allowed: set it", distance.as_secs())
}

/// Names the first line in which the gateway's canonical request differs from ours.
fn first_difference(ours: &str, theirs: &str) -> Option<String> {
    // A value may hold a `|` itself, so ours is put into the gateway's form rather than theirs into lines.
    let headers = ours.lines().skip(3).take_while(|line| !line.is_empty()).count();
    let theirs: Vec<&str> = theirs.trim().split('|').collect();
    let lines: Vec<&str> = ours.split('\n').collect();
    let mut at = 0;
    for (i, line) in lines.iter().enumerate() {
        let pieces = line.split('|').count();
        let their_line = theirs.get(at..at + pieces).unwrap_or_default().join("|");
        at += pieces;
        let is_last = i + 1 == lines.len();
        // Behind the last line there may be more of the message.
        let equal = if is_last { their_line.starts_with(line) } else { their_line == *line };
        if equal {
            continue;
        }
        let what = match i {
            0 => "the method".to_owned(),
            1 => "the path".to_owned(),
            2 => "the query".to_owned(),
            _ if i < 3 + headers => {
                let name = line.split(':').next().unwrap_or_default();
                if name == "x-security-token" {
                    // The gateway masks it, or we have, before we looked.
                    let theirs = their_line.split_once(':').map(|(_, value)| value).unwrap_or_default();
                    if theirs.starts_with('*') || theirs.starts_with("[redacted]") {
                        continue;
                    }
                    return Some("the security token arrived changed: does a proxy rewrite it?".to_owned());
                }
                // The value of a header that a user has added may be a secret.
                if !["host", "content-type", "x-project-id", "x-sdk-date"].contains(&name) {
                    return Some(format!("the header {name} arrived changed: does a proxy rewrite it?"));
                }
                format!("the header {name}")
            }
            _ if is_last => return Some("the body arrived changed: does a proxy rewrite it?".to_owned()),
            _ => "the list of signed headers".to_owned(),
        };
        return Some(format!(
            "{what} arrived changed: signed was {:?}, the gateway read {:?}; does a proxy rewrite it, or is the endpoint \
             not the one that clients should use?",
            printable(line, SHOWN),
            printable(&their_line, SHOWN),
        ));
    }
    None
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
        assert_eq!(first_difference(OURS, &gateway("secret", "[redacted]")), None, "we have masked it");
        assert_eq!(first_difference(OURS, &format!("{}, and more", gateway("", ""))), None);
        for (from, to, expected) in [
            ("GET", "POST", r#"the method arrived changed: signed was "GET", the gateway read "POST""#),
            ("/smn/", "/smn//", "the path arrived changed"),
            ("name=a", "name=b", "the query arrived changed"),
            (
                "host:h",
                "host:10.0.0.1",
                r#"the header host arrived changed: signed was "host:h", the gateway read "host:10.0.0.1""#,
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
