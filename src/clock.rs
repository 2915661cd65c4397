//! The service's clock, as far as it is known here.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::time::{SdkDate, parse_sdk_date, response_date};

/// How far the date of a signature may be off, by the gateway's rules.
const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// How far a server's time may be off this machine's and still be believed: about ten years. A
/// clock that was never set is corrected; a response cannot obtain a signature for a date in the
/// far future.
const BELIEVED: Duration = Duration::from_secs(3_653 * 24 * 60 * 60);

/// What has to be added to this machine's clock to get the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset {
    millis: i64,
}

impl Offset {
    /// Returns the offset to a server's time. `None` if that cannot be believed, or not be written
    /// in a signature.
    pub(crate) fn to(server: SystemTime) -> Option<Self> {
        SdkDate::new(server)?;
        let now = SystemTime::now();
        let (distance, is_ahead) = match server.duration_since(now) {
            Ok(ahead) => (ahead, true),
            Err(behind) => (behind.duration(), false),
        };
        let millis = i64::try_from(distance.as_millis()).ok().filter(|_| distance <= BELIEVED)?;
        Some(Self { millis: if is_ahead { millis } else { -millis } })
    }
}

/// The offset that the calls of a client start with. Nothing, until the service has accepted
/// another.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_millis: AtomicI64,
}

impl Clock {
    /// Returns the time to sign with: by the offset that a call tries, or else by the one that is
    /// kept.
    pub(crate) fn now(&self, tried: Option<Offset>) -> SystemTime {
        let now = SystemTime::now();
        let offset =
            tried.map_or_else(|| self.offset_millis.load(Ordering::Relaxed), |tried| tried.millis);
        let distance = Duration::from_millis(offset.unsigned_abs());
        let shifted =
            if offset < 0 { now.checked_sub(distance) } else { now.checked_add(distance) };
        shifted.unwrap_or(now)
    }

    /// Keeps an offset for all calls, after the service has accepted a signature that was made with
    /// it.
    pub(crate) fn keep(&self, accepted: Offset) {
        self.offset_millis.store(accepted.millis, Ordering::Relaxed);
    }
}

/// Returns the server's time: the one that the gateway compared with, from its message, or else the
/// `Date` of the response.
pub(crate) fn server_time(headers: &HeaderMap, message: &str) -> Option<SystemTime> {
    let told = message
        .split_once("server time:")
        .and_then(|(_, told)| parse_sdk_date(told.trim_start().get(..16)?));
    told.or_else(|| response_date(headers))
}

/// Returns `true` if a signature of this date is too old or too new for a server at that time.
pub(crate) fn is_out_of_bounds(signed_at: SystemTime, server: SystemTime) -> bool {
    let distance = server.duration_since(signed_at).unwrap_or_else(|early| early.duration());
    distance > TOLERANCE
}

#[cfg(test)]
mod tests {
    use http::header::DATE;

    use super::*;
    use crate::time::parse_http_date;

    #[test]
    fn an_offset_is_tried_by_one_call_and_kept_for_all() {
        let clock = Clock::default();
        let day = Duration::from_secs(86_400);
        let is_close = |to: SystemTime, by: SystemTime| {
            by.duration_since(to).unwrap_or_else(|e| e.duration()) < day / 24
        };
        for days in [400, 3_650] {
            for server in
                [SystemTime::now() + day * days, SystemTime::now() - day * days, SystemTime::now()]
            {
                let before = clock.now(None);
                let offset = Offset::to(server).unwrap();
                assert!(is_close(server, clock.now(Some(offset))), "{days}");
                assert!(is_close(before, clock.now(None)), "{days}");
                clock.keep(offset);
                assert!(is_close(server, clock.now(None)), "{days}");
            }
        }
    }

    #[test]
    fn a_time_that_is_ten_years_off_or_has_no_date_is_not_believed() {
        let day = Duration::from_secs(86_400);
        for server in [
            SystemTime::now() + day * 3_660,
            SystemTime::now() - day * 3_660,
            parse_http_date("Thu, 30 Dec 9999 21:59:59 GMT").unwrap(),
            SystemTime::UNIX_EPOCH,
        ] {
            assert_eq!(Offset::to(server), None, "{server:?}");
        }
    }

    #[test]
    fn the_servers_time_is_in_the_header_or_in_the_message() {
        let told =
            "signature expired, signature time:20211217T064303Z,server time:20211217T065804Z";
        let seconds = |headers: &HeaderMap, message| {
            server_time(headers, message)?
                .duration_since(SystemTime::UNIX_EPOCH)
                .ok()
                .map(|since| since.as_secs())
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
