//! A service with scripted responses on a loopback port, over real HTTP.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::SystemTime;

use http::header::AUTHORIZATION;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::testing::verify_parts;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A service that returns prepared responses, one for each request, and keeps the requests.
pub(crate) struct Service(MockServer);

impl Service {
    pub(crate) async fn of(responses: impl IntoIterator<Item = ResponseTemplate>) -> Self {
        let responses: Mutex<VecDeque<_>> = Mutex::new(responses.into_iter().collect());
        let next = move |_: &Request| {
            let nothing_left =
                || ResponseTemplate::new(410).set_body_string("the script has no more responses");
            responses.lock().unwrap().pop_front().unwrap_or_else(nothing_left)
        };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(next).mount(&server).await;
        Self(server)
    }

    /// `http://127.0.0.1:40123`
    pub(crate) fn endpoint(&self) -> String {
        self.0.uri()
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }
}

/// A response with a body, which may be empty.
pub(crate) fn response(status: u16, body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

/// The access key of those of the credentials that the request is signed with at this time; `None`
/// if it is not signed.
pub(crate) fn signer<'c>(
    request: &Request,
    known: &'c [Credentials],
    at: SystemTime,
) -> Option<&'c str> {
    let authorization = request.headers.get(AUTHORIZATION)?.to_str().unwrap();
    if !authorization.starts_with("SDK-HMAC-SHA256 ") {
        return None;
    }
    let Request { method, url, headers, body, .. } = request;
    let verified = |credentials: &&Credentials| {
        let accepted = std::slice::from_ref(*credentials);
        verify_parts(method, url, headers, body, accepted, at).is_ok()
    };
    let signer = known
        .iter()
        .find(verified)
        .unwrap_or_else(|| panic!("signed by none of those known: {request:?}"));
    assert_eq!(headers.contains_key("x-security-token"), signer.is_temporary(), "{request:?}");
    Some(signer.access_key())
}
