//! Credentials of an invocation of a function.

use http::HeaderMap;

use super::Credentials;

impl Credentials {
    /// Reads the credentials that FunctionGraph sends a function with an invocation, from the
    /// headers of the event: those of the function's agency, valid for 24 hours. `None` if the
    /// function has no agency.
    ///
    /// Read them for each invocation, because an instance can outlive them. They have no expiry,
    /// because none is sent.
    ///
    /// | header | meaning |
    /// |---|---|
    /// | `X-CFF-Security-Access-Key`, or else `X-CFF-Access-Key` | access key |
    /// | `X-CFF-Security-Secret-Key`, or else `X-CFF-Secret-Key` | secret key |
    /// | `X-CFF-Security-Token` | security token |
    ///
    /// An empty value and `null` count as absent. Behind an HTTP function these headers arrive with
    /// the request of a client: never log or forward them.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// let mut headers = HeaderMap::new();
    /// assert!(Credentials::of_invocation(&headers).is_none(), "the function has no agency");
    /// headers.insert("x-cff-security-access-key", "AK".parse()?);
    /// headers.insert("x-cff-security-secret-key", "SK".parse()?);
    /// headers.insert("x-cff-security-token", "token".parse()?);
    /// assert!(Credentials::of_invocation(&headers).is_some_and(|credentials| credentials.is_temporary()));
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    ///
    /// Source: the pages on custom runtimes and HTTP functions in the manuals of Huawei Cloud and
    /// Open Telekom Cloud.
    #[must_use]
    pub fn of_invocation(headers: &HeaderMap) -> Option<Self> {
        let value = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?.trim();
            Some(value).filter(|value| !value.is_empty() && *value != "null")
        };
        let pair = |access: &str, secret: &str| Some((value(access)?, value(secret)?));
        let (access_key, secret_key) =
            pair("x-cff-security-access-key", "x-cff-security-secret-key")
                .or_else(|| pair("x-cff-access-key", "x-cff-secret-key"))?;
        let credentials = Self::new(access_key, secret_key);
        Some(match value("x-cff-security-token") {
            Some(token) => credentials.security_token(token),
            None => credentials,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> Option<(String, String, Option<String>)> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            })
            .collect();
        let found = Credentials::of_invocation(&headers)?;
        let token = found.session_token().map(str::to_owned);
        Some((found.access_key().to_owned(), found.secret_key().to_owned(), token))
    }

    #[test]
    fn the_newer_pair_is_preferred_and_half_a_pair_is_none() {
        let new = [("x-cff-security-access-key", "A2"), ("x-cff-security-secret-key", "S2")];
        let old = [("x-cff-access-key", "A1"), ("x-cff-secret-key", "S1")];
        let token = [("x-cff-security-token", "T")];
        let given = |access: &str, secret: &str, token: Option<&str>| {
            Some((access.to_owned(), secret.to_owned(), token.map(str::to_owned)))
        };
        assert_eq!(read(&[&new[..], &old, &token].concat()), given("A2", "S2", Some("T")));
        assert_eq!(read(&[&old[..], &token].concat()), given("A1", "S1", Some("T")));
        assert_eq!(read(&old), given("A1", "S1", None));
        assert_eq!(read(&[&new[..1], &old].concat()), given("A1", "S1", None));
        for (access, secret) in [("", "S"), ("A", ""), ("null", "S"), ("A", "null"), (" ", "S")] {
            assert_eq!(
                read(&[("x-cff-access-key", access), ("x-cff-secret-key", secret)]),
                None,
                "{access} {secret}"
            );
        }
        let null = [
            ("x-cff-access-key", "A"),
            ("x-cff-secret-key", "S"),
            ("x-cff-security-token", "null"),
        ];
        assert_eq!(read(&null), given("A", "S", None));
        assert_eq!(read(&token), None);
    }
}
