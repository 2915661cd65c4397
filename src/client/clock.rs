//! The service's clock, as far as it is known here.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::DATE;

use crate::time::{parse_http_date, parse_sdk_date};

/// How far the date of a signature may be off, by the gateway's rules.
const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What has to be added to this machine's clock to get the service's. Nothing, until an answer says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_millis: AtomicI64,
}

impl Clock {
    /// The time to sign with.
    pub(crate) fn now(&self) -> SystemTime {
        let now = SystemTime::now();
        let offset = self.offset_millis.load(Ordering::Relaxed);
        let distance = Duration::from_millis(offset.unsigned_abs());
        let shifted = if offset < 0 { now.checked_sub(distance) } else { now.checked_add(distance) };
        shifted.unwrap_or(now)
    }

    /// Takes over the time of the server. Returns what [`restore`](Self::restore) takes to undo that.
    pub(crate) fn learn(&self, server: SystemTime) -> i64 {
        let now = SystemTime::now();
        let millis = |distance: Duration| i64::try_from(distance.as_millis()).unwrap_or(i64::MAX);
        let offset = match server.duration_since(now) {
            Ok(ahead) => millis(ahead),
            Err(behind) => -millis(behind.duration()),
        };
        self.offset_millis.swap(offset, Ordering::Relaxed)
    }

    pub(crate) fn restore(&self, offset: i64) {
        self.offset_millis.store(offset, Ordering::Relaxed);
    }
}

/// The server's time: what the gateway compared with, by its message, or else the answer's `Date`.
pub(crate) fn server_time(headers: &HeaderMap, message: &str) -> Option<SystemTime> {
    let told = message.split_once("server time:").and_then(|(_, told)| parse_sdk_date(told.trim_start().get(..16)?));
    told.or_else(|| headers.get(DATE).and_then(|value| value.to_str().ok()).and_then(parse_http_date))
}

/// Whether a signature of this date is too old or too new for a server at that time.
pub(crate) fn is_out_of_bounds(signed_at: SystemTime, server: SystemTime) -> bool {
    let distance = server.duration_since(signed_at).unwrap_or_else(|early| early.duration());
    distance > TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_learnt_tells_the_servers_time() {
        let clock = Clock::default();
        let day = Duration::from_secs(86_400);
        for server in [SystemTime::now() + day, SystemTime::now() - day, SystemTime::now()] {
            clock.learn(server);
            let off = clock.now().duration_since(server).unwrap_or_else(|early| early.duration());
            assert!(off < Duration::from_secs(5), "{off:?}");
        }
        clock.learn(SystemTime::UNIX_EPOCH);
        assert!(clock.now() < SystemTime::UNIX_EPOCH + day);
        let before = clock.learn(SystemTime::now() + day);
        clock.restore(before);
        assert!(clock.now() < SystemTime::UNIX_EPOCH + day);
    }

    #[test]
    fn the_servers_time_is_in_the_header_or_in_the_message() {
        let told = "signature expired, signature time:20211217T064303Z,server time:20211217T065804Z";
        let seconds = |headers: &HeaderMap, message| {
            server_time(headers, message)?.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs())
        };
        let mut headers = HeaderMap::new();
        assert_eq!(seconds(&headers, told), Some(1_639_724_284));
        assert_eq!(seconds(&headers, "signature expired, server time: 2021"), None);
        assert_eq!(seconds(&headers, "server time:中中中中中中中中"), None);
        headers.insert(DATE, "Thu, 01 Jan 1970 00:00:07 GMT".parse().unwrap());
        assert_eq!(seconds(&headers, told), Some(1_639_724_284), "a Date may be a proxy's");
        assert_eq!(seconds(&headers, "no time"), Some(7));
        headers.insert(DATE, "yesterday".parse().unwrap());
        assert_eq!(seconds(&headers, told), Some(1_639_724_284));
    }
}
