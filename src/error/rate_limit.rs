//! The limit that the gateway names when it throttles a call.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// How many calls the gateway lets through in which time, as far as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit {
    pub(crate) calls: Option<NonZeroU32>,
    window: Option<Window>,
}

/// A number of units of time, not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    count: NonZeroU32,
    unit: &'static Unit,
}

#[derive(Debug, PartialEq, Eq)]
struct Unit {
    name: &'static str,
    seconds: u64,
}

const UNITS: [Unit; 4] = [
    Unit { name: "second", seconds: 1 },
    Unit { name: "minute", seconds: 60 },
    Unit { name: "hour", seconds: 3_600 },
    Unit { name: "day", seconds: 86_400 },
];

/// Why a call is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) limit: Option<RateLimit>,
    /// How long to wait at least before the next attempt.
    pub(crate) wait: Duration,
}

impl Held {
    /// `try again in 37 s`.
    pub(crate) fn try_again(&self) -> String {
        // A moment early would be too early.
        let seconds =
            self.wait.as_secs().saturating_add(u64::from(self.wait.subsec_nanos() > 0)).max(1);
        format!("try again in {seconds} s")
    }
}

impl RateLimit {
    /// Reads the gateway's message: `… over ratelimit,limit:100,time:1 minute`, with or without the
    /// last two parts. A part that can't be read is one that is not there.
    pub(crate) fn in_message(message: &str) -> Option<Self> {
        let message = message.to_ascii_lowercase();
        let (_, parts) = message.split_once("over ratelimit")?;
        let part = |name: &str| {
            let value = parts
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.trim_start().strip_prefix(':'))?;
            leading_number(value.trim_start())
        };
        let calls = part("limit").map(|(calls, _)| calls);
        let window = part("time").and_then(|(count, unit)| {
            let word = unit.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next()?;
            let singular = word.strip_suffix('s').unwrap_or(word);
            Some(Window { count, unit: UNITS.iter().find(|unit| unit.name == singular)? })
        });
        (calls.is_some() || window.is_some()).then_some(Self { calls, window })
    }

    /// The length of the window.
    pub(crate) fn window(&self) -> Option<Duration> {
        self.window.map(|Window { count, unit }| {
            Duration::from_secs(u64::from(count.get()) * unit.seconds)
        })
    }
}

/// The number that a text starts with, and the rest of the text. One that is too large counts as
/// the largest.
fn leading_number(text: &str) -> Option<(NonZeroU32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let number = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) };
    Some((NonZeroU32::new(number)?, rest))
}

/// `throttled (10 per 1 minute); try again in 37 s`.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("throttled")?;
        if let Some(limit) = self.limit {
            write!(f, " ({limit})")?;
        }
        write!(f, "; {}", self.try_again())
    }
}

/// `10 per 1 minute`.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calls {
            Some(calls) => write!(f, "{calls} per ")?,
            None => f.write_str("a limit per ")?,
        }
        match self.window {
            Some(Window { count, unit }) => {
                write!(f, "{count} {}{}", unit.name, if count.get() > 1 { "s" } else { "" })
            }
            None => f.write_str("window"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limit_is_read_from_every_form_of_the_message() {
        let policy = "The throttling threshold has been reached: policy user over ratelimit";
        for (rest, shown, window) in [
            (",limit:100,time:1 minute", Some("100 per 1 minute"), Some(60)),
            (",limit:5,time:5 second", Some("5 per 5 seconds"), Some(5)),
            (",limit:2000,time:1 second", Some("2000 per 1 second"), Some(1)),
            (",limit:60,time:2 minutes.", Some("60 per 2 minutes"), Some(120)),
            (",limit:1,time:1 hour", Some("1 per 1 hour"), Some(3_600)),
            (", limit: 7 , time: 1 DAY, and more", Some("7 per 1 day"), Some(86_400)),
            (",limit:10", Some("10 per window"), None),
            (",time:1 minute", Some("a limit per 1 minute"), Some(60)),
            (",limit:0,time:0 second", None, None),
            (",limit:-1,time:-1 minute", None, None),
            (",limit:,time:", None, None),
            (",limit:ten,time:one minute", None, None),
            (",limit:10,time:1 fortnight", Some("10 per window"), None),
            (",limit:10,time:minute", Some("10 per window"), None),
            (
                ",limit:99999999999999999999,time:99999999999999999999 days",
                Some("4294967295 per 4294967295 days"),
                Some(86_400 * u64::from(u32::MAX)),
            ),
            (",limit:1\u{661}0,time:1\u{a0}minute", Some("1 per 1 minute"), Some(60)),
            ("", None, None),
        ] {
            let found = RateLimit::in_message(&format!("{policy}{rest}"));
            assert_eq!(found.map(|limit| limit.to_string()).as_deref(), shown, "{rest}");
            assert_eq!(
                found.and_then(|limit| limit.window()),
                window.map(Duration::from_secs),
                "{rest}"
            );
        }
        assert_eq!(RateLimit::in_message("limit:10,time:1 minute"), None, "another message");
    }

    proptest! {
        #[test]
        fn any_message_can_be_read(text in "(over ratelimit)?[,:0-9a-z\\PC]{0,40}(,limit:)?[0-9]{0,25}(,time:)?\\PC{0,20}") {
            if let Some(limit) = RateLimit::in_message(&text) {
                prop_assert!(!limit.to_string().is_empty() && limit.window() != Some(Duration::ZERO));
            }
        }
    }
}
