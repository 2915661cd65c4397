//! A service with scripted responses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use huaweicloud_cts::credentials::{Credentials, CredentialsContext};
use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
use huaweicloud_cts::{BoxFuture, CtsClient, RetryPolicy};

/// A transport that returns prepared responses, one for each request, and keeps the requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Result<Response<Bytes>, TransportErrorKind>>,
    requests: Vec<Request<Bytes>>,
}

impl Answers {
    /// Responses of these statuses and bodies.
    pub(crate) fn of<const N: usize>(responses: [(u16, &str); N]) -> Self {
        responses
            .into_iter()
            .fold(Self::default(), |answers, (status, body)| answers.answer(status, body))
    }

    pub(crate) fn answer(self, status: u16, body: impl AsRef<[u8]>) -> Self {
        self.response(
            Response::builder().status(status).body(Bytes::copy_from_slice(body.as_ref())).unwrap(),
        )
    }

    pub(crate) fn response(self, response: Response<Bytes>) -> Self {
        self.0.lock().unwrap().answers.push_back(Ok(response));
        self
    }

    /// Adds the prepared responses of another.
    pub(crate) fn then(self, other: &Self) -> Self {
        let mut more = std::mem::take(&mut other.0.lock().unwrap().answers);
        self.0.lock().unwrap().answers.append(&mut more);
        self
    }

    pub(crate) fn failure(self, kind: TransportErrorKind) -> Self {
        self.0.lock().unwrap().answers.push_back(Err(kind));
        self
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.0.lock().unwrap().requests.clone()
    }

    pub(crate) fn targets(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.uri().to_string()).collect()
    }

    pub(crate) fn client(&self) -> CtsClient {
        CtsClient::builder()
            .endpoint("https://cts.eu-de.otc.t-systems.com")
            .project_id("24edf66e79d04187acb99a463e610764")
            .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
            .transport(self.clone())
            .retry(RetryPolicy::never())
            .build()
            .unwrap()
    }
}

impl Transport for Answers {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut state = self.0.lock().unwrap();
        state.requests.push(request);
        let answer = state.answers.pop_front();
        Box::pin(async move {
            match answer {
                Some(Ok(response)) => Ok(response),
                Some(Err(kind)) => Err(TransportError::with_source(kind, "scripted")),
                None => std::future::pending().await,
            }
        })
    }
}

/// Returns the error that a list call makes of a response.
pub(crate) async fn error_of(response: Response<Bytes>) -> huaweicloud_cts::Error {
    use huaweicloud_cts::notification::ListNotifications;
    Answers::default()
        .response(response)
        .client()
        .list_notifications(&ListNotifications::smn())
        .await
        .unwrap_err()
}

/// Returns a response of this status and body.
pub(crate) fn response(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().status(status).body(body.into()).unwrap()
}

/// No region, no IAM, no transport.
pub(crate) fn nowhere() -> CredentialsContext {
    CredentialsContext::default()
}
