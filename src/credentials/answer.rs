//! Reads the keys in an answer of the metadata service or of IAM.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use zeroize::Zeroizing;

use super::Credentials;
use crate::time;

/// The answer, with the keys in a member of it. The names differ by service and version.
#[derive(serde::Deserialize)]
struct Wrapped {
    credential: Option<Keys>,
    credentials: Option<Keys>,
}

#[derive(serde::Deserialize)]
struct Keys {
    access: Option<Text>,
    #[serde(rename = "accessKeyId")]
    access_camel: Option<Text>,
    #[serde(rename = "access_key_id")]
    access_snake: Option<Text>,

    secret: Option<Text>,
    #[serde(rename = "secretAccessKey")]
    secret_camel: Option<Text>,
    #[serde(rename = "secret_access_key")]
    secret_snake: Option<Text>,

    securitytoken: Option<Text>,
    #[serde(rename = "securityToken")]
    token_camel: Option<Text>,
    #[serde(rename = "security_token")]
    token_snake: Option<Text>,

    expires_at: Option<Text>,
    expiration: Option<Text>,
}

/// A text that is wiped when it is dropped.
struct Text(Zeroizing<String>);

impl Text {
    fn into_string(mut self) -> String {
        std::mem::take(&mut *self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl Visitor<'_> for AnyText {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Zeroizing::new(text.to_owned())))
            }
        }
        deserializer.deserialize_str(AnyText)
    }
}

/// The keys in `body`, or what is wrong with it. Says the names of members, but none of their values.
pub(super) fn keys(body: &[u8]) -> Result<Credentials, String> {
    let wrapped: Wrapped = serde_json::from_slice(body).map_err(|error| described(&error))?;
    let keys = match wrapped.credential.or(wrapped.credentials) {
        Some(keys) => keys,
        None => serde_json::from_slice(body).map_err(|error| described(&error))?,
    };
    let member = |name: &str, text: Option<Text>| {
        text.filter(|text| !text.0.is_empty()).ok_or_else(|| format!("the member {name} is missing or empty"))
    };
    let access = member("access", keys.access.or(keys.access_camel).or(keys.access_snake))?;
    let secret = member("secret", keys.secret.or(keys.secret_camel).or(keys.secret_snake))?;
    let token = member("securitytoken", keys.securitytoken.or(keys.token_camel).or(keys.token_snake))?;
    let expires_at = member("expires_at", keys.expires_at.or(keys.expiration))?;
    let expires_at = time::from_rfc3339(&expires_at.0)
        .ok_or("the member expires_at is not a time such as 2026-11-21T10:00:00.000000Z")?;
    let keys = Credentials::new(access.into_string(), secret.into_string())
        .security_token(token.into_string())
        .with_expiry(expires_at);
    keys.validate().map_err(|error| error.to_string())?;
    Ok(keys)
}

/// Where reading stopped. serde's own words would show the value that it did not expect.
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
    fn every_spelling_is_read() {
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
                let keys = keys(body.as_bytes()).unwrap();
                let found = (keys.access_key(), keys.secret_key(), keys.session_token(), keys.expiry());
                assert_eq!(found, ("A", "S", Some("T"), Some(SystemTime::UNIX_EPOCH + EXPIRY)), "{body}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_values() {
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
            (r#"{"access":"A","secret":"S","securitytoken":"T","expires_at":"sentinel"}"#, "expires_at is not a time"),
            (
                r#"{"access":"A","secret":"sentinel\n","securitytoken":"T","expires_at":"2026-11-21T10:00:00Z"}"#,
                "the secret key has white space",
            ),
        ] {
            let error = keys(body.as_bytes()).unwrap_err();
            assert!(error.contains(part) && !error.contains("sentinel"), "{body}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in any::<Vec<u8>>(), text in "(?s).{0,60}", odd in r#"([{}\[\],:"\\]|null|1|"credential"|"access"|"secret"|"expires_at"){0,30}"#) {
            let _ = keys(&body);
            let _ = keys(text.as_bytes());
            let _ = keys(odd.as_bytes());
            let json = serde_json::json!({"credentials": {"access": text, "secret": odd, "security_token": text, "expiration": odd}});
            let _ = keys(json.to_string().as_bytes());
        }
    }
}
