//! Credentials that are kept, and whether they can be used at a given time.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::credentials::Credentials;

/// Credentials are renewed when less time than this is left, as in the official SDKs.
const WINDOW: Duration = Duration::from_secs(40 * 60);

/// The pause after a renewal that failed, or that returned credentials which are refused too.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) credentials: Credentials,
    /// The credentials are due when less than this is left.
    pub(super) window: Duration,
    /// The credentials had expired when they arrived.
    came_expired: bool,
    /// The credentials are not renewed before this time.
    pub(super) not_before: Option<Instant>,
    /// The service refused the credentials.
    refused: bool,
    /// When the provider last responded after a refusal, of these credentials or of earlier ones.
    asked_again: Option<Instant>,
}

/// Whether the credentials can be used.
#[derive(Debug)]
pub(super) enum State {
    /// They are valid.
    Fresh(Credentials),
    /// They are valid, but it is time to renew them.
    Due(Credentials),
    /// There are none that can be valid.
    None,
}

impl Entry {
    pub(super) fn new(credentials: Credentials, now: SystemTime, at: Instant) -> Self {
        let left = left(&credentials, now);
        let came_expired = left == Some(Duration::ZERO);
        let window = left.map_or(Duration::ZERO, |left| WINDOW.min(left / 2));
        let not_before = came_expired.then(|| at + PAUSE);
        Self { credentials, window, came_expired, not_before, refused: false, asked_again: None }
    }

    /// Takes over what is known of the credentials before. If the provider returns refused ones
    /// again, they stay refused.
    pub(super) fn following(self, former: Option<&Self>) -> Self {
        let Some(former) = former else { return self };
        let refused = former.refused && self.credentials.is_same_as(&former.credentials);
        Self { refused, asked_again: former.asked_again, ..self }
    }

    pub(super) fn state(&self, now: SystemTime, at: Instant) -> State {
        if self.refused && self.asked_again.is_none_or(|asked| at.duration_since(asked) >= PAUSE) {
            return State::None;
        }
        let Some(left) = left(&self.credentials, now) else {
            return State::Fresh(self.credentials.clone());
        };
        let waits = self.not_before.is_some_and(|not_before| at < not_before);
        if left.is_zero() && !(self.came_expired && waits) {
            State::None
        } else if waits || left >= self.window {
            State::Fresh(self.credentials.clone())
        } else {
            State::Due(self.credentials.clone())
        }
    }

    /// Notes that the service refused `credentials`, if the entry has these.
    pub(super) fn note_refusal(&mut self, credentials: &Credentials) {
        self.refused |= self.credentials.is_same_as(credentials);
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Notes when the provider responded, if that was after a refusal.
    pub(super) fn note_response(&mut self, at: Instant) {
        if self.refused {
            self.asked_again = Some(at);
        }
    }

    /// Ends the pause after a refusal.
    pub(super) fn end_pause(&mut self) {
        self.asked_again = None;
    }
}

/// Returns how long the credentials are still valid; `None` for permanent ones.
fn left(credentials: &Credentials, now: SystemTime) -> Option<Duration> {
    credentials.expiry().map(|expiry| expiry.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    fn credentials(name: &str) -> Credentials {
        Credentials::new(name, "secret")
    }

    fn shown(entry: &Entry, now: SystemTime, at: Instant) -> &'static str {
        match entry.state(now, at) {
            State::Fresh(_) => "fresh",
            State::Due(_) => "due",
            State::None => "none",
        }
    }

    #[test]
    fn credentials_are_due_in_the_last_forty_minutes_or_half_of_their_lifetime() {
        let (now, at) = (SystemTime::now(), Instant::now());
        let shown = |entry: &Entry, later: Duration| shown(entry, now + later, at + later);
        for (lifetime, states) in [
            (
                24 * 60 * MINUTE,
                [
                    (23 * 60, "fresh"),
                    (24 * 60 - 40, "fresh"),
                    (24 * 60 - 39, "due"),
                    (24 * 60, "none"),
                ],
            ),
            (60 * MINUTE, [(20, "fresh"), (30, "fresh"), (31, "due"), (60, "none")]),
            (10 * MINUTE, [(0, "fresh"), (5, "fresh"), (6, "due"), (11, "none")]),
        ] {
            let entry = Entry::new(credentials("a").with_expiry(now + lifetime), now, at);
            for (minutes, state) in states {
                assert_eq!(
                    shown(&entry, minutes * MINUTE),
                    state,
                    "{lifetime:?} after {minutes} minutes"
                );
            }
        }
        let permanent = Entry::new(credentials("a"), now, at);
        assert_eq!(shown(&permanent, 100_000 * MINUTE), "fresh");
        let expired = Entry::new(credentials("a").with_expiry(now - MINUTE), now, at);
        assert_eq!(shown(&expired, 29 * SECOND), "fresh", "this machine's clock may be ahead");
        assert_eq!(shown(&expired, 30 * SECOND), "none");
        let mut paused = Entry::new(credentials("a").with_expiry(now + MINUTE), now, at);
        paused.not_before = Some(at + 50 * SECOND);
        assert_eq!(shown(&paused, 45 * SECOND), "fresh");
        assert_eq!(shown(&paused, 55 * SECOND), "due");
        paused.not_before = Some(at + 2 * MINUTE);
        assert_eq!(shown(&paused, MINUTE), "none", "a pause does not outlive the credentials");
    }

    #[test]
    fn refused_credentials_are_renewed_immediately_and_then_every_thirty_seconds() {
        let (now, at) = (SystemTime::now(), Instant::now());
        let shown = |entry: &Entry, later: Duration| shown(entry, now, at + later);
        let mut entry = Entry::new(credentials("a"), now, at);
        entry.note_response(at);
        entry.note_refusal(&credentials("b"));
        assert_eq!(shown(&entry, SECOND), "fresh", "other credentials were refused");
        entry.note_refusal(&credentials("a"));
        assert_eq!(shown(&entry, SECOND), "none");

        entry.note_response(at + SECOND);
        let mut again = Entry::new(credentials("a"), now, at + SECOND).following(Some(&entry));
        assert_eq!(
            (shown(&again, 30 * SECOND), shown(&again, 31 * SECOND)),
            ("fresh", "none"),
            "the same again"
        );
        again.end_pause();
        assert_eq!(shown(&again, SECOND), "none");

        let mut other = Entry::new(credentials("b"), now, at + SECOND).following(Some(&entry));
        assert_eq!(shown(&other, MINUTE), "fresh");
        other.note_refusal(&credentials("b"));
        assert_eq!(
            (shown(&other, 30 * SECOND), shown(&other, 31 * SECOND)),
            ("fresh", "none"),
            "so soon after"
        );
    }
}
