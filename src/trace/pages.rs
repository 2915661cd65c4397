//! Makes the requests of a walk, one at a time, when a trace is asked for.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::time::Instant;

use super::walk::Walk;
use super::{Trace, TraceList};
use crate::BoxFuture;
use crate::client::CtsClient;
use crate::error::Error;

type Response = Result<(TraceList, Option<SystemTime>), Error>;

/// How far the service's clock may be off the one that it accepted a signature of, with time to
/// spare.
const TOLERANCE: Duration = Duration::from_secs(60 * 60);

/// Returns `true` if a date may be the service's: that of a proxy or a cache may be any.
fn is_believable(date: SystemTime, signed_by: SystemTime) -> bool {
    date.duration_since(signed_by).unwrap_or_else(|early| early.duration()) <= TOLERANCE
}

pub(super) struct Pages {
    client: CtsClient,
    walk: Walk,
    /// What is left of the page that is delivered.
    page: VecDeque<Trace>,
    request: Option<BoxFuture<'static, Response>>,
    /// The time of the first response by the service's clock, and when it arrived. The first page
    /// is the latest.
    date: Option<(SystemTime, Instant)>,
}

impl Pages {
    pub(super) fn new(client: CtsClient, walk: Walk) -> Self {
        Self { client, walk, page: VecDeque::new(), request: None, date: None }
    }

    pub(super) fn walk(&self) -> &Walk {
        &self.walk
    }

    pub(super) fn date(&self) -> Option<(SystemTime, Instant)> {
        self.date
    }

    /// Returns the next trace. After an error, the same page is requested again.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Trace, Error>>> {
        loop {
            if let Some(trace) = self.page.pop_front() {
                let is_new = self.walk.deliver(&trace);
                if self.page.is_empty() {
                    self.walk.advance();
                }
                if is_new {
                    return Poll::Ready(Some(Ok(trace)));
                }
                continue;
            }
            if self.request.is_none() {
                let Some(page) = self.walk.request() else { return Poll::Ready(None) };
                let client = self.client.clone();
                self.request = Some(Box::pin(async move { client.dated_page(&page).await }));
            }
            let Some(request) = &mut self.request else { continue };
            let response = ready!(request.as_mut().poll(cx));
            self.request = None;
            match response {
                Ok((list, date)) => {
                    let date = date.filter(|date| is_believable(*date, self.client.now()));
                    self.date = self.date.or(date.map(|date| (date, Instant::now())));
                    self.page = self.walk.accept(list).into();
                    if self.page.is_empty() {
                        self.walk.advance();
                    }
                }
                Err(error)
                    if error.status() == Some(StatusCode::NOT_FOUND)
                        && self.walk.not_found(error.is_not_found()) => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}
