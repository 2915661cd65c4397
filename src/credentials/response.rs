//! Reads the credentials in a response of IAM, STS, the metadata service or a pod's agent.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use zeroize::Zeroizing;

use super::Credentials;
use crate::time;

/// A response with the credentials in a field. The name of the field depends on the service.
#[derive(serde::Deserialize)]
struct Wrapped {
    credential: Option<Fields>,
    credentials: Option<Fields>,
}

#[derive(serde::Deserialize)]
struct Fields {
    access: Option<Secret>,
    #[serde(rename = "accessKeyId")]
    access_camel: Option<Secret>,
    #[serde(rename = "access_key_id")]
    access_snake: Option<Secret>,

    secret: Option<Secret>,
    #[serde(rename = "secretAccessKey")]
    secret_camel: Option<Secret>,
    #[serde(rename = "secret_access_key")]
    secret_snake: Option<Secret>,

    securitytoken: Option<Secret>,
    #[serde(rename = "securityToken")]
    token_camel: Option<Secret>,
    #[serde(rename = "security_token")]
    token_snake: Option<Secret>,

    expires_at: Option<Secret>,
    expiration: Option<Secret>,
}

/// A string that is wiped when it is dropped.
struct Secret(Zeroizing<String>);

impl Secret {
    fn into_string(mut self) -> String {
        std::mem::take(&mut *self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyString;
        impl Visitor<'_> for AnyString {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Secret, E> {
                Ok(Secret(Zeroizing::new(value.to_owned())))
            }
        }
        deserializer.deserialize_str(AnyString)
    }
}

/// The maximum size of a response, in bytes, far beyond that of any credentials.
const MAX: usize = 1024 * 1024;

/// Returns the credentials in `body`, or what is wrong with it: names of fields, but none of their
/// values.
pub(super) fn credentials(body: &[u8]) -> Result<Credentials, String> {
    if body.len() > MAX {
        return Err("it is larger than 1 MiB".to_owned());
    }
    let wrapped: Wrapped = serde_json::from_slice(body).map_err(|error| described(&error))?;
    let fields = match wrapped.credential.or(wrapped.credentials) {
        Some(fields) => fields,
        None => serde_json::from_slice(body).map_err(|error| described(&error))?,
    };
    let field = |name: &str, value: Option<Secret>| {
        value
            .filter(|value| !value.0.is_empty())
            .ok_or_else(|| format!("the field {name} is missing or empty"))
    };
    let access = field("access", fields.access.or(fields.access_camel).or(fields.access_snake))?;
    let secret = field("secret", fields.secret.or(fields.secret_camel).or(fields.secret_snake))?;
    let token =
        field("securitytoken", fields.securitytoken.or(fields.token_camel).or(fields.token_snake))?;
    let expires_at = field("expires_at", fields.expires_at.or(fields.expiration))?;
    let expires_at = time::from_rfc3339(&expires_at.0)
        .ok_or("the field expires_at is not a time such as 2026-11-21T10:00:00.000000Z")?;
    let credentials = Credentials::new(access.into_string(), secret.into_string())
        .security_token(token.into_string())
        .with_expiry(expires_at);
    credentials.validate().map_err(|error| error.to_string())?;
    Ok(credentials)
}

/// Returns where reading stopped. The message of serde would show the value that it did not expect.
fn described(error: &serde_json::Error) -> String {
    let what = if error.is_data() { "it is JSON of another shape" } else { "it is not JSON" };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, SystemTime};

    const EXPIRY: Duration = Duration::from_secs(1_795_255_200);

    #[test]
    fn every_spelling_of_the_fields_is_read() {
        let bare = [
            r#"{"access":"A","secret":"S","securitytoken":"T","expires_at":"2026-11-21T10:00:00.000000Z"}"#,
            r#"{"accessKeyId":"A","secretAccessKey":"S","securityToken":"T","expiration":"2026-11-21T10:00:00Z"}"#,
            r#"{"access_key_id":"A","secret_access_key":"S","security_token":"T","expires_at":"2026-11-21T12:00:00+02:00"}"#,
            r#"{"access":null,"accessKeyId":"A","secret":"S","x":[{}],"securitytoken":"T","expires_at":"2026-11-21T10:00:00.000Z"}"#,
        ];
        for bare in bare {
            for body in [
                bare.to_owned(),
                format!(r#"{{"credential":{bare}}}"#),
                format!(r#"{{"credentials":{bare},"other":1}}"#),
                format!(r#"{{"credential":null,"credentials":{bare}}}"#),
            ] {
                let credentials = credentials(body.as_bytes()).unwrap();
                let found = (
                    credentials.access_key(),
                    credentials.secret_key(),
                    credentials.session_token(),
                    credentials.expiry(),
                );
                assert_eq!(
                    found,
                    ("A", "S", Some("T"), Some(SystemTime::UNIX_EPOCH + EXPIRY)),
                    "{body}"
                );
            }
        }
    }

    #[test]
    fn an_invalid_response_is_explained_without_its_values() {
        for (body, part) in [
            ("", "it is not JSON (line 1, column 0)"),
            ("sentinel", "it is not JSON"),
            ("\"sentinel\"", "it is JSON of another shape"),
            (r#"{"credential":"sentinel"}"#, "it is JSON of another shape"),
            (r#"{"access":["sentinel"]}"#, "it is JSON of another shape"),
            (r#"{"credential":{}}"#, "access is missing"),
            (r#"{"access":"A","secret":""}"#, "secret is missing or empty"),
            (r#"{"access":"A","secret":"sentinel"}"#, "securitytoken is missing"),
            (r#"{"access":"A","secret":"S","securitytoken":"sentinel"}"#, "expires_at is missing"),
            (
                r#"{"access":"A","secret":"S","securitytoken":"T","expires_at":"sentinel"}"#,
                "expires_at is not a time",
            ),
            (
                r#"{"access":"A","secret":"sentinel\n","securitytoken":"T","expires_at":"2026-11-21T10:00:00Z"}"#,
                "the secret key has white space",
            ),
        ] {
            let error = credentials(body.as_bytes()).unwrap_err();
            assert!(error.contains(part) && !error.contains("sentinel"), "{body}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_response_makes_it_panic(body in any::<Vec<u8>>(), text in "(?s).{0,60}", odd in r#"([{}\[\],:"\\]|null|1|"credential"|"access"|"secret"|"expires_at"){0,30}"#) {
            let _ = credentials(&body);
            let _ = credentials(text.as_bytes());
            let _ = credentials(odd.as_bytes());
            let json = serde_json::json!({"credentials": {"access": text, "secret": odd, "security_token": text, "expiration": odd}});
            let _ = credentials(json.to_string().as_bytes());
        }
    }
}
