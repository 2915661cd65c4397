//! A call as a request that is not signed yet: no I/O, and no client.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use percent_encoding::utf8_percent_encode;

use super::call::Call;
use super::destination::Destination;
use crate::endpoint::Endpoint;
use crate::sign::ENCODED;

const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");

/// Headers that a caller cannot set.
const RESERVED: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "x-sdk-content-sha256",
    "x-sdk-date",
    "x-security-token",
];

/// Writes a call as a request to `endpoint`. Calls to CTS get the headers that the caller has
/// `added`.
pub(super) fn unsigned(
    call: &Call,
    destination: Destination<'_>,
    endpoint: &Endpoint,
    added: Option<&HeaderMap>,
) -> Result<http::Request<Bytes>, http::Error> {
    let (version, id) = destination.base().unwrap_or_default();
    let parts = [endpoint.prefix(), version, id, &call.path];
    // Exactly, if there is no query: then the path keeps this very buffer.
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut target = String::with_capacity(length + if call.query.is_empty() { 0 } else { 128 });
    target.extend(parts);
    for (i, (key, value)) in call.query.iter().enumerate() {
        target.push(if i == 0 { '?' } else { '&' });
        target.extend(utf8_percent_encode(key, ENCODED));
        target.push('=');
        target.extend(utf8_percent_encode(value, ENCODED));
    }
    let mut uri = http::uri::Parts::default();
    uri.scheme = endpoint.uri.scheme().cloned();
    uri.authority = endpoint.uri.authority().cloned();
    uri.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(target))?);
    let uri = Uri::from_parts(uri)?;

    // A map makes places for 6 or for 12. A list has six headers when it is sent, two of the
    // signature and two of the transport included, but hyper makes sure that a seventh fits, and
    // would move all of them.
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(HOST, endpoint.host.clone());
    if let Some(project) = destination.project() {
        headers.insert(X_PROJECT_ID, project.header.clone());
    }
    for (name, value) in
        call.headers.iter().chain(added.filter(|_| destination.is_cts()).into_iter().flatten())
    {
        // What the call, the signature and the transport set is theirs.
        if !RESERVED.contains(&name.as_str()) && !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if !call.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    }
    let mut request = http::Request::new(call.body.clone());
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::client::destination::Project;
    use crate::endpoint::Endpoints;
    use crate::error::{CallName, Class};

    const NAME: CallName = CallName { operation: "Test", actions: "cts:*:*", class: Class::Read };

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::of_api(text).unwrap()
    }

    /// The names and values of all headers, in the order of their names.
    fn headers(request: &http::Request<Bytes>) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn the_target_is_the_endpoint_the_project_the_path_and_the_encoded_query() {
        let get = |path: &'static str| Call::new(NAME, Method::GET, path);
        for (text, project, call, expected) in [
            (
                "https://cts.eu-de.otc.t-systems.com",
                "p",
                get("/quotas"),
                "https://cts.eu-de.otc.t-systems.com/v3/p/quotas",
            ),
            ("https://h/", "p", get("/quotas"), "https://h/v3/p/quotas"),
            ("https://h/v3/", "p", get("/quotas"), "https://h/v3/p/quotas"),
            ("https://h/a/b/", "p", get("/quotas"), "https://h/a/b/v3/p/quotas"),
            ("http://127.0.0.1:8080", "p", get("/quotas"), "http://127.0.0.1:8080/v3/p/quotas"),
            ("https://h:443", "p", get("/quotas"), "https://h/v3/p/quotas"),
            ("https://h", "a+b:c", get("/quotas"), "https://h/v3/a%2Bb%3Ac/quotas"),
            (
                "https://h",
                "p",
                get("/notifications/smn").query("notification_name", "a b&c=d/é+~"),
                "https://h/v3/p/notifications/smn?notification_name=a%20b%26c%3Dd%2F%C3%A9%2B~",
            ),
            ("https://h", "p", get("/o").query("a", "").query("b", "2"), "https://h/v3/p/o?a=&b=2"),
        ] {
            let project = Project::new(project).unwrap();
            let request =
                unsigned(&call, Destination::Project(&project), &endpoint(text), None).unwrap();
            assert_eq!(request.uri(), expected);
            assert_eq!(request.method(), Method::GET);
        }
    }

    #[test]
    fn a_call_to_iam_has_neither_the_project_nor_the_headers_of_the_caller() {
        let iam = Endpoints::new(endpoint("https://iam.example.com"), Vec::new());
        let call = Call::new(NAME, Method::GET, "/v3/projects").query("name", "eu-de");
        let added = HeaderMap::from_iter([(
            HeaderName::from_static("x-note"),
            HeaderValue::from_static("n"),
        )]);
        let request =
            unsigned(&call, Destination::Iam(&iam), iam.current().1, Some(&added)).unwrap();
        assert_eq!(request.uri(), "https://iam.example.com/v3/projects?name=eu-de");
        assert_eq!(headers(&request), [("host", "iam.example.com")]);
    }

    #[test]
    fn the_host_has_its_port_and_only_a_body_has_a_type() {
        let project = Project::new("p").unwrap();
        let destination = Destination::Project(&project);
        let endpoint = endpoint("http://127.0.0.1:8080/prefix");
        let call = Call::new(NAME, Method::DELETE, "/notifications");
        let request = unsigned(&call, destination, &endpoint, None).unwrap();
        assert_eq!(headers(&request), [("host", "127.0.0.1:8080"), ("x-project-id", "p")]);
        assert!(request.body().is_empty());

        let call = Call::new(NAME, Method::POST, "/notifications").json(&json!({"a": 1})).unwrap();
        let request = unsigned(&call, destination, &endpoint, None).unwrap();
        assert_eq!(
            headers(&request),
            [
                ("content-type", "application/json;charset=UTF-8"),
                ("host", "127.0.0.1:8080"),
                ("x-project-id", "p"),
            ]
        );
        assert_eq!(
            (request.method(), request.body().as_ref()),
            (&Method::POST, &br#"{"a":1}"#[..])
        );
    }

    #[test]
    fn headers_of_the_caller_never_replace_those_of_the_call_the_signature_or_the_transport() {
        let project = Project::new("p").unwrap();
        let theirs = HeaderValue::from_static("theirs");
        let names = [
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "host",
            "transfer-encoding",
            "x-note",
            "x-project-id",
            "x-sdk-content-sha256",
            "x-sdk-date",
            "x-security-token",
        ];
        let added: HeaderMap =
            names.map(|name| (HeaderName::from_static(name), theirs.clone())).into_iter().collect();
        let call = Call::new(NAME, Method::GET, "/quotas");
        let request =
            unsigned(&call, Destination::Project(&project), &endpoint("https://h"), Some(&added))
                .unwrap();
        assert_eq!(headers(&request), [("host", "h"), ("x-note", "theirs"), ("x-project-id", "p")]);
    }
}
