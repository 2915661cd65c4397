//! Whether to try again, and when: a policy, and a pure decision.

use std::num::NonZeroU32;
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::error::{ApiError, Class};
use crate::transport::TransportErrorKind;

/// A limit on how often a call is tried, and how long all of it may take.
///
/// | what happened | calls that read | update, delete | create |
/// |---|---|---|---|
/// | no connection: it certainly did not arrive | again | again | again |
/// | 429: throttled before any work | when there is room | same | same |
/// | 408, 500, 502, 504, a gateway's 503 | again | again | no |
/// | no response, or only part of one | again | again | no |
/// | `CTS.0001`, `CTS.0300`: a dependency failed, with status 400 | again | again | no |
/// | 401 because the clock is off | once, with the server's time | same | same |
/// | 401 because the credentials are outdated or not known | once, if the provider then gives others | same | same |
/// | a 503 of the service, a 429 for an exhausted quota, any other response | no | no | no |
///
/// The pause before attempt *n* is random between nothing and `base_delay · 2ⁿ⁻²`, at most
/// `max_delay`; a longer `Retry-After` of the service is kept to. If the pause does not fit into
/// what is left of the total time, the call fails at once. Each attempt is signed anew, with a new
/// date.
///
/// A throttled call (429) waits about 2, 4, 8 … seconds, no longer than the window that the gateway
/// names, or as long as `Retry-After` says, until the total time is used, however many attempts
/// that takes: see [`Pace`](super::Pace).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: NonZeroU32,
    base_delay: Duration,
    max_delay: Duration,
    total_timeout: Duration,
}

impl RetryPolicy {
    /// Creates the policy that clients have unless set: four attempts, pauses from 200 ms to 5 s,
    /// 60 seconds in total.
    pub const fn standard() -> Self {
        const FOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);
        Self {
            max_attempts: FOUR,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(5),
            total_timeout: Duration::from_secs(60),
        }
    }

    /// Creates a policy of one attempt, which never waits because of throttling. A request that
    /// certainly was not carried out is still sent once more at once: with the service's time if
    /// the clock is off, to the next endpoint if one has no address or no TLS, with other
    /// credentials if the provider has others now.
    pub const fn never() -> Self {
        Self { max_attempts: NonZeroU32::MIN, ..Self::standard() }
    }

    /// Sets the number of attempts, including the first. Those that were throttled do not count.
    pub const fn max_attempts(self, attempts: NonZeroU32) -> Self {
        Self { max_attempts: attempts, ..self }
    }

    /// Sets the maximum pause before the second attempt. It doubles with each attempt.
    pub const fn base_delay(self, delay: Duration) -> Self {
        Self { base_delay: delay, ..self }
    }

    /// Sets the maximum of all pauses, unless the service asks for a longer one.
    pub const fn max_delay(self, delay: Duration) -> Self {
        Self { max_delay: delay, ..self }
    }

    /// Sets the maximum time for the whole call: getting credentials, all attempts, the pauses
    /// between them, and waiting where calls are throttled.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use huaweicloud_cts::RetryPolicy;
    ///
    /// let patient = RetryPolicy::standard().total_timeout(Duration::from_secs(300));
    /// assert_ne!(patient, RetryPolicy::standard());
    /// ```
    pub const fn total_timeout(self, limit: Duration) -> Self {
        Self { total_timeout: limit, ..self }
    }

    /// Returns `true` if calls wait at all.
    fn waits(&self) -> bool {
        self.max_attempts > NonZeroU32::MIN
    }

    /// Returns until when a call that began at `started` waits for its turn, if it waits at all:
    /// not until it would be sent without enough time for a response.
    pub(crate) fn deadline(&self, started: Instant) -> Option<Instant> {
        // As good as never, where the limit is as good as none.
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        const RESPONSE: Duration = Duration::from_secs(1);
        let limit = self.total_timeout.min(YEAR);
        self.waits().then(|| started + limit.saturating_sub(RESPONSE.min(limit / 20)))
    }

    pub(crate) fn limit(&self) -> Duration {
        self.total_timeout
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.max_attempts.get()
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

/// The state of a call when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// The number of attempts, including those at endpoints that have no address or no TLS.
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    /// Whether the clock has been corrected.
    pub(crate) clock_corrected: bool,
    /// The number of endpoints that this attempt has not tried.
    pub(crate) endpoints_left: usize,
}

/// The outcome of an attempt.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    Transport(TransportErrorKind),
    Response {
        api: &'a ApiError,
        /// The response says that the date of the signature is out of bounds.
        clock_is_off: bool,
    },
    /// There were no credentials, or the call was never sent for another reason.
    NotSent,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    GiveUp,
    Wait(Duration),
    /// When its turn comes, which is after this at the earliest.
    Queue(Duration),
    /// The next endpoint, at once.
    MoveOn,
    /// Again at once, with the server's time.
    CorrectClock,
    /// Again at once, with the other credentials that the provider has now.
    Renew,
}

/// Decides. `jitter` is a random number from 0 to 1.
pub(crate) fn decide(
    policy: &RetryPolicy,
    class: Class,
    progress: &Progress,
    outcome: &Outcome<'_>,
    jitter: f64,
) -> Next {
    let retry_after = match outcome {
        Outcome::NotSent => return Next::GiveUp,
        Outcome::Transport(TransportErrorKind::Dns | TransportErrorKind::Tls)
            if progress.endpoints_left > 0 =>
        {
            return Next::MoveOn;
        }
        Outcome::Transport(kind) => {
            if !may_repeat_lost(*kind, class) {
                return Next::GiveUp;
            }
            None
        }
        Outcome::Response { clock_is_off: true, .. } => {
            return if progress.clock_corrected { Next::GiveUp } else { Next::CorrectClock };
        }
        Outcome::Response { api, .. } => {
            if !may_repeat_refused(api, class) {
                return Next::GiveUp;
            }
            if api.is_throttled() {
                return if policy.waits() {
                    Next::Queue(api.retry_after().unwrap_or_default())
                } else {
                    Next::GiveUp
                };
            }
            api.retry_after()
        }
    };
    if progress.attempts >= policy.max_attempts.get() {
        return Next::GiveUp;
    }
    let doubled = policy
        .base_delay
        .saturating_mul(1_u32.checked_shl(progress.attempts - 1).unwrap_or(u32::MAX));
    let own = doubled.min(policy.max_delay).mul_f64(jitter.clamp(0.0, 1.0));
    let wait = own.max(retry_after.unwrap_or_default());
    if progress.elapsed.saturating_add(wait) >= policy.total_timeout {
        Next::GiveUp
    } else {
        Next::Wait(wait)
    }
}

fn may_repeat_lost(kind: TransportErrorKind, class: Class) -> bool {
    match kind {
        TransportErrorKind::Connect | TransportErrorKind::Dns | TransportErrorKind::Tls => true,
        TransportErrorKind::Timeout | TransportErrorKind::Interrupted => class != Class::Create,
        TransportErrorKind::TooLarge
        | TransportErrorKind::Unsendable
        | TransportErrorKind::Setup
        | TransportErrorKind::ProxyAuthentication
        | TransportErrorKind::Redirected => false,
    }
}

fn may_repeat_refused(api: &ApiError, class: Class) -> bool {
    // 429 says that it was turned away before any work.
    api.is_transient() && (class != Class::Create || api.status() == StatusCode::TOO_MANY_REQUESTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const EACH: [Class; 3] = [Class::Read, Class::Idempotent, Class::Create];

    fn progress(attempts: u32) -> Progress {
        Progress { attempts, elapsed: Duration::ZERO, clock_corrected: false, endpoints_left: 0 }
    }

    fn response(status: u16, code: &str) -> ApiError {
        let body = if code.is_empty() {
            String::new()
        } else {
            format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#)
        };
        ApiError::from_response(
            &http::Response::builder().status(status).body(Bytes::from(body)).unwrap(),
        )
    }

    fn after(
        api: &ApiError,
        retry_after: Option<Duration>,
        class: Class,
        progress: &Progress,
        jitter: f64,
    ) -> Next {
        let api = api.clone().waiting(retry_after);
        let outcome = Outcome::Response { api: &api, clock_is_off: false };
        decide(&RetryPolicy::standard(), class, progress, &outcome, jitter)
    }

    #[test]
    fn every_row_of_the_table() {
        use TransportErrorKind::{
            Connect, Dns, Interrupted, ProxyAuthentication, Redirected, Setup, Timeout, Tls,
            TooLarge, Unsendable,
        };
        let transport: [(TransportErrorKind, [bool; 3]); 10] = [
            (Connect, [true, true, true]),
            (Dns, [true, true, true]),
            (Tls, [true, true, true]),
            (Timeout, [true, true, false]),
            (Interrupted, [true, true, false]),
            (TooLarge, [false; 3]),
            (Unsendable, [false; 3]),
            (Setup, [false; 3]),
            (ProxyAuthentication, [false; 3]),
            (Redirected, [false; 3]),
        ];
        for (kind, expected) in transport {
            let decided = EACH.map(|class| {
                decide(
                    &RetryPolicy::standard(),
                    class,
                    &progress(1),
                    &Outcome::Transport(kind),
                    1.0,
                ) != Next::GiveUp
            });
            assert_eq!(decided, expected, "{kind:?}");
        }
        let answers: [(u16, &str, [bool; 3]); 21] = [
            (429, "APIGW.0308", [true, true, true]),
            (429, "APIG.0308", [true, true, true]),
            (429, "", [true, true, true]),
            (429, "CTS.0407", [false; 3]),
            (429, "Common.QuotaExceeded", [false; 3]),
            (408, "", [true, true, false]),
            (500, "", [true, true, false]),
            (500, "CTS.0004", [true, true, false]),
            (502, "", [true, true, false]),
            (503, "", [true, true, false]),
            (503, "APIGW.0201", [true, true, false]),
            (503, "CTS.0005", [false; 3]),
            (504, "APIGW.0203", [true, true, false]),
            (400, "CTS.0001", [true, true, false]),
            (400, "CTS.0300", [true, true, false]),
            (400, "CTS.0400", [false; 3]),
            (401, "APIGW.0301", [false; 3]),
            (403, "CTS.0002", [false; 3]),
            (404, "CTS.0403", [false; 3]),
            (302, "", [false; 3]),
            (501, "", [false; 3]),
        ];
        for (status, code, expected) in answers {
            let api = response(status, code);
            let decided =
                EACH.map(|class| after(&api, None, class, &progress(1), 1.0) != Next::GiveUp);
            assert_eq!(decided, expected, "{status} {code}");
        }
        let never =
            decide(&RetryPolicy::standard(), Class::Read, &progress(0), &Outcome::NotSent, 1.0);
        assert_eq!(never, Next::GiveUp);
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_are_random() {
        let api = response(502, "");
        let wait = |attempts, jitter| after(&api, None, Class::Read, &progress(attempts), jitter);
        let many = RetryPolicy::standard().max_attempts(NonZeroU32::new(100).unwrap());
        let outcome = Outcome::Response { api: &api, clock_is_off: false };
        assert_eq!(wait(1, 1.0), Next::Wait(Duration::from_millis(200)));
        assert_eq!(wait(2, 1.0), Next::Wait(Duration::from_millis(400)));
        assert_eq!(wait(3, 0.5), Next::Wait(Duration::from_millis(400)));
        assert_eq!(wait(3, 0.0), Next::Wait(Duration::ZERO));
        assert_eq!(wait(4, 1.0), Next::GiveUp, "four attempts");
        for attempts in [6, 31, 32, 33, 99] {
            let next = decide(&many, Class::Read, &progress(attempts), &outcome, 1.0);
            assert_eq!(next, Next::Wait(Duration::from_secs(5)), "{attempts}");
        }
        let once = decide(&RetryPolicy::never(), Class::Read, &progress(1), &outcome, 1.0);
        assert_eq!(once, Next::GiveUp);
    }

    #[test]
    fn the_service_is_waited_for_if_there_is_time() {
        let api = response(503, "APIGW.0201");
        let seconds = Duration::from_secs;
        let wait = |retry_after, elapsed| {
            let progress = Progress { elapsed, ..progress(1) };
            after(&api, Some(retry_after), Class::Idempotent, &progress, 1.0)
        };
        assert_eq!(wait(seconds(30), seconds(1)), Next::Wait(seconds(30)));
        assert_eq!(wait(Duration::ZERO, seconds(1)), Next::Wait(Duration::from_millis(200)));
        assert_eq!(
            wait(seconds(60), seconds(1)),
            Next::GiveUp,
            "it does not fit into the total time"
        );
        assert_eq!(wait(Duration::MAX, seconds(1)), Next::GiveUp);
        assert_eq!(wait(Duration::ZERO, seconds(60)), Next::GiveUp);
    }

    #[test]
    fn a_throttled_call_waits_for_its_turn_however_often() {
        let api = response(429, "APIG.0308");
        let turn = Duration::from_secs(32);
        for class in EACH {
            assert_eq!(after(&api, Some(turn), class, &progress(99), 1.0), Next::Queue(turn));
        }
        let outcome = Outcome::Response { api: &api, clock_is_off: false };
        assert_eq!(
            decide(&RetryPolicy::never(), Class::Read, &progress(1), &outcome, 1.0),
            Next::GiveUp
        );
    }

    #[test]
    fn another_endpoint_is_tried_at_once_where_it_can_help() {
        let two = Progress { endpoints_left: 1, attempts: 4, ..progress(4) };
        for (kind, next) in [
            (TransportErrorKind::Dns, Next::MoveOn),
            (TransportErrorKind::Tls, Next::MoveOn),
            (TransportErrorKind::Connect, Next::GiveUp),
            (TransportErrorKind::Timeout, Next::GiveUp),
        ] {
            let decided = decide(
                &RetryPolicy::standard(),
                Class::Create,
                &two,
                &Outcome::Transport(kind),
                1.0,
            );
            assert_eq!(decided, next, "{kind:?}");
        }
    }

    #[test]
    fn the_clock_is_corrected_once() {
        let api = response(401, "APIGW.0301");
        let outcome = Outcome::Response { api: &api, clock_is_off: true };
        for class in EACH {
            let first = decide(&RetryPolicy::never(), class, &progress(1), &outcome, 1.0);
            assert_eq!(first, Next::CorrectClock);
            let corrected = Progress { clock_corrected: true, ..progress(2) };
            assert_eq!(
                decide(&RetryPolicy::standard(), class, &corrected, &outcome, 1.0),
                Next::GiveUp
            );
        }
    }
}
