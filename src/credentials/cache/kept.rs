//! Credentials that are kept, and what may be done with them at a moment.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::credentials::Credentials;

/// How much time is left to credentials that are renewed, at most: what the official SDKs do.
const WINDOW: Duration = Duration::from_secs(40 * 60);

/// How long the provider is left alone after a renewal that failed or a refusal that did not help.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Kept {
    pub(super) credentials: Credentials,
    /// They are due when less than this is left.
    pub(super) window: Duration,
    /// They had run out when they came.
    came_expired: bool,
    /// They are not renewed before.
    pub(super) not_before: Option<Instant>,
    /// The service does not take them.
    refused: bool,
    /// When the provider last answered after a refusal, of these credentials or of earlier ones.
    asked_again: Option<Instant>,
}

/// What may be done with the credentials that are kept.
#[derive(Debug)]
pub(super) enum State {
    Fresh(Credentials),
    /// To be renewed, but they still hold.
    Due(Credentials),
    /// There are none, or none that can be right.
    None,
}

impl Kept {
    pub(super) fn new(credentials: Credentials, now: SystemTime, at: Instant) -> Self {
        let left = left(&credentials, now);
        let came_expired = left == Some(Duration::ZERO);
        let window = left.map_or(Duration::ZERO, |left| WINDOW.min(left / 2));
        let not_before = came_expired.then(|| at + PAUSE);
        Self { credentials, window, came_expired, not_before, refused: false, asked_again: None }
    }

    /// Takes over what is known of the credentials before. If the provider gives refused ones again, they stay refused.
    pub(super) fn following(self, former: Option<&Self>) -> Self {
        let Some(former) = former else { return self };
        let refused = former.refused && self.credentials.are_the_keys_of(&former.credentials);
        Self { refused, asked_again: former.asked_again, ..self }
    }

    pub(super) fn state(&self, now: SystemTime, at: Instant) -> State {
        if self.refused && self.asked_again.is_none_or(|asked| at.duration_since(asked) >= PAUSE) {
            return State::None;
        }
        let Some(left) = left(&self.credentials, now) else { return State::Fresh(self.credentials.clone()) };
        let waits = self.not_before.is_some_and(|not_before| at < not_before);
        if left.is_zero() && !(self.came_expired && waits) {
            State::None
        } else if waits || left >= self.window {
            State::Fresh(self.credentials.clone())
        } else {
            State::Due(self.credentials.clone())
        }
    }

    /// Notes that the service does not take `credentials`, if these are the ones.
    pub(super) fn refuse(&mut self, credentials: &Credentials) {
        self.refused |= self.credentials.are_the_keys_of(credentials);
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Notes when the provider answered, after a refusal.
    pub(super) fn asked(&mut self, at: Instant) {
        if self.refused {
            self.asked_again = Some(at);
        }
    }

    /// Ends the pause after a refusal.
    pub(super) fn ask_again(&mut self) {
        self.asked_again = None;
    }
}

/// How long the credentials hold; `None` for permanent ones.
fn left(credentials: &Credentials, now: SystemTime) -> Option<Duration> {
    credentials.expiry().map(|expiry| expiry.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    fn keys(name: &str) -> Credentials {
        Credentials::new(name, "secret")
    }

    fn shown(kept: &Kept, now: SystemTime, at: Instant) -> &'static str {
        match kept.state(now, at) {
            State::Fresh(_) => "fresh",
            State::Due(_) => "due",
            State::None => "none",
        }
    }

    #[test]
    fn when_keys_are_due() {
        let (now, at) = (SystemTime::now(), Instant::now());
        let shown = |kept: &Kept, later: Duration| shown(kept, now + later, at + later);
        for (lifetime, states) in [
            (24 * 60 * MINUTE, [(23 * 60, "fresh"), (24 * 60 - 40, "fresh"), (24 * 60 - 39, "due"), (24 * 60, "none")]),
            (60 * MINUTE, [(20, "fresh"), (30, "fresh"), (31, "due"), (60, "none")]),
            (10 * MINUTE, [(0, "fresh"), (5, "fresh"), (6, "due"), (11, "none")]),
        ] {
            let kept = Kept::new(keys("a").with_expiry(now + lifetime), now, at);
            for (minutes, state) in states {
                assert_eq!(shown(&kept, minutes * MINUTE), state, "{lifetime:?} after {minutes} minutes");
            }
        }
        let permanent = Kept::new(keys("a"), now, at);
        assert_eq!(shown(&permanent, 100_000 * MINUTE), "fresh");
        let expired = Kept::new(keys("a").with_expiry(now - MINUTE), now, at);
        assert_eq!(shown(&expired, 29 * SECOND), "fresh", "this machine's clock may be ahead");
        assert_eq!(shown(&expired, 30 * SECOND), "none");
        let mut paused = Kept::new(keys("a").with_expiry(now + MINUTE), now, at);
        paused.not_before = Some(at + 50 * SECOND);
        assert_eq!(shown(&paused, 45 * SECOND), "fresh");
        assert_eq!(shown(&paused, 55 * SECOND), "due");
        paused.not_before = Some(at + 2 * MINUTE);
        assert_eq!(shown(&paused, MINUTE), "none", "a pause does not outlive the keys");
    }

    #[test]
    fn refused_credentials_are_asked_for_at_once_and_then_every_thirty_seconds() {
        let (now, at) = (SystemTime::now(), Instant::now());
        let shown = |kept: &Kept, later: Duration| shown(kept, now, at + later);
        let mut kept = Kept::new(keys("a"), now, at);
        kept.asked(at);
        kept.refuse(&keys("b"));
        assert_eq!(shown(&kept, SECOND), "fresh", "others were refused");
        kept.refuse(&keys("a"));
        assert_eq!(shown(&kept, SECOND), "none");

        kept.asked(at + SECOND);
        let mut again = Kept::new(keys("a"), now, at + SECOND).following(Some(&kept));
        assert_eq!((shown(&again, 30 * SECOND), shown(&again, 31 * SECOND)), ("fresh", "none"), "the same again");
        again.ask_again();
        assert_eq!(shown(&again, SECOND), "none");

        let mut other = Kept::new(keys("b"), now, at + SECOND).following(Some(&kept));
        assert_eq!(shown(&other, MINUTE), "fresh");
        other.refuse(&keys("b"));
        assert_eq!((shown(&other, 30 * SECOND), shown(&other, 31 * SECOND)), ("fresh", "none"), "so soon after");
    }
}
