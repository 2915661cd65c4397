//! Points in time in the notations of the service. Only this module uses jiff.

use std::time::SystemTime;

use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use jiff::tz::Offset;

/// The value of an `X-Sdk-Date`: `20240131T235959Z`, UTC, whole seconds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SdkDate([u8; 16]);

impl SdkDate {
    /// Returns the date; `None` outside the years 0 to 9999, which four digits can't represent.
    pub(crate) fn new(at: SystemTime) -> Option<Self> {
        let civil = Offset::UTC.to_datetime(Timestamp::try_from(at).ok()?);
        let (year, month, day) = (u16::try_from(civil.year()).ok()?, civil.month(), civil.day());
        let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
        let [y1, y2] = two_digits(year / 100);
        let [y3, y4] = two_digits(year % 100);
        let [mo1, mo2] = two_digits(month.unsigned_abs().into());
        let [d1, d2] = two_digits(day.unsigned_abs().into());
        let [h1, h2] = two_digits(hour.unsigned_abs().into());
        let [mi1, mi2] = two_digits(minute.unsigned_abs().into());
        let [s1, s2] = two_digits(second.unsigned_abs().into());
        Some(Self([y1, y2, y3, y4, mo1, mo2, d1, d2, b'T', h1, h2, mi1, mi2, s1, s2, b'Z']))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        // Digits, `T` and `Z` only, by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the day alone: `20240131`.
    pub(crate) fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }
}

fn two_digits(n: u16) -> [u8; 2] {
    #[allow(clippy::cast_possible_truncation, reason = "both are below ten")]
    let digit = |n: u16| b'0' + (n % 10) as u8;
    [digit(n / 10), digit(n)]
}

/// Returns the value of a `Date` header: `Sat, 21 Nov 2026 10:00:00 GMT`.
#[cfg(feature = "test-util")]
pub(crate) fn http_date(at: SystemTime) -> String {
    let printed = Timestamp::try_from(at)
        .and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at));
    printed.unwrap_or_default()
}

/// Returns a time in UTC in RFC 3339 notation, with this many digits of the fraction:
/// `2024-01-31T23:59:59.000Z`. `None` outside the years -9999 to 9999.
pub(crate) fn rfc3339(at: SystemTime, digits: usize) -> Option<String> {
    let at = Timestamp::try_from(at).ok()?;
    Some(format!("{at:.digits$}"))
}

/// A day in UTC. `Display` writes `2024-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UtcDay(jiff::civil::Date);

impl UtcDay {
    /// `None` outside the years -9999 to 9999.
    pub(crate) fn of(at: SystemTime) -> Option<Self> {
        Some(Self(Offset::UTC.to_datetime(Timestamp::try_from(at).ok()?).date()))
    }
}

impl std::fmt::Display for UtcDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns when a response was made, by the clock of its server.
pub(crate) fn response_date(headers: &HeaderMap) -> Option<SystemTime> {
    parse_http_date(headers.get(DATE)?.to_str().ok()?)
}

/// Parses a `Date` header, or the date in a `Retry-After`.
pub(crate) fn parse_http_date(text: &str) -> Option<SystemTime> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().and_then(system_time)
}

/// Parses an `X-Sdk-Date`: `20240131T235959Z`.
pub(crate) fn parse_sdk_date(text: &str) -> Option<SystemTime> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Offset::UTC.to_timestamp(civil).ok().and_then(system_time)
}

/// Converts milliseconds since the epoch, as the service counts. `None` if the platform can't
/// represent the time.
pub(crate) fn from_epoch_millis(millis: i64) -> Option<SystemTime> {
    let distance = std::time::Duration::from_millis(millis.unsigned_abs());
    if millis < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// Returns a time in whole milliseconds since the epoch, rounded down.
pub(crate) fn millis_before(at: SystemTime) -> i64 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(early) => i64::try_from(early.duration().as_nanos().div_ceil(1_000_000))
            .map_or(i64::MIN, |millis| -millis),
    }
}

/// Returns a time in whole milliseconds since the epoch, rounded up.
pub(crate) fn millis_after(at: SystemTime) -> i64 {
    let before = millis_before(at);
    let is_whole = from_epoch_millis(before).is_some_and(|whole| whole == at);
    if is_whole { before } else { before.saturating_add(1) }
}

/// Converts nanoseconds since the epoch. `None` if the platform can't represent the time.
pub(crate) fn from_epoch_nanos(nanos: i128) -> Option<SystemTime> {
    const SECOND: u128 = 1_000_000_000;

    let (seconds, rest) = (nanos.unsigned_abs() / SECOND, nanos.unsigned_abs() % SECOND);
    let distance = std::time::Duration::new(seconds.try_into().ok()?, rest.try_into().ok()?);
    if nanos < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// Converts a timestamp. `SystemTime::from` would panic if the platform can't represent it, as
/// Windows before the year 1601.
fn system_time(at: Timestamp) -> Option<SystemTime> {
    from_epoch_nanos(at.as_nanosecond())
}

/// Parses a time in RFC 3339 notation, with or without a fraction of the second.
pub(crate) fn from_rfc3339(text: &str) -> Option<SystemTime> {
    text.trim().parse::<Timestamp>().ok().and_then(system_time)
}

/// Converts year, month and day, hour, minute and second of a clock that is `offset` seconds ahead
/// of UTC.
pub(crate) fn from_civil(
    (year, month, day): (i16, i8, i8),
    (hour, minute, second): (i8, i8, i8),
    offset: i32,
) -> Option<SystemTime> {
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Offset::from_seconds(offset).ok()?.to_timestamp(civil).ok().and_then(system_time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_sdk_date_has_sixteen_characters_or_is_refused() {
        let text = |seconds: u64| {
            SdkDate::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
                .map(|date| date.as_str().to_owned())
        };
        assert_eq!(text(0).as_deref(), Some("19700101T000000Z"));
        assert_eq!(text(1_706_745_599).as_deref(), Some("20240131T235959Z"));
        assert_eq!(text(1_709_164_800).as_deref(), Some("20240229T000000Z"));
        assert_eq!(text(253_402_300_799), None, "jiff's range ends a day before year 10000");
        assert_eq!(text(400_000_000_000), None);
    }

    #[test]
    fn milliseconds_are_rounded_to_either_side() {
        let at = |nanos: i128| from_epoch_nanos(nanos).unwrap();
        for (nanos, before, after) in [
            (0, 0, 0),
            (1, 0, 1),
            (-1, -1, 0),
            (1_472_148_708_232_000_000, 1_472_148_708_232, 1_472_148_708_232),
            (1_472_148_708_232_999_999, 1_472_148_708_232, 1_472_148_708_233),
            (-1_500_000, -2, -1),
        ] {
            assert_eq!(
                (millis_before(at(nanos)), millis_after(at(nanos))),
                (before, after),
                "{nanos}"
            );
        }
    }

    #[test]
    fn days_end_at_midnight_in_utc() {
        let day = |nanos| UtcDay::of(from_epoch_nanos(nanos)?).map(|day| day.to_string());
        let midnight = 1_709_164_800_000_000_000;
        assert_eq!(day(midnight - 1).as_deref(), Some("2024-02-28"));
        assert_eq!(day(midnight).as_deref(), Some("2024-02-29"));
        assert_eq!(day(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(day(400_000_000_000_000_000_000), None);
    }

    #[test]
    fn rfc_3339_is_written_with_milliseconds() {
        let text = |nanos| rfc3339(from_epoch_nanos(nanos)?, 3);
        assert_eq!(text(1_709_164_800_999_999_999).as_deref(), Some("2024-02-29T00:00:00.999Z"));
        assert_eq!(text(-1_000_000_000).as_deref(), Some("1969-12-31T23:59:59.000Z"));
        assert_eq!(text(400_000_000_000_000_000_000), None);
    }

    #[test]
    fn times_in_rfc_3339_are_parsed_with_or_without_a_fraction() {
        let at = |text| {
            from_rfc3339(text)?
                .duration_since(SystemTime::UNIX_EPOCH)
                .ok()
                .map(|since| since.as_millis())
        };
        for (text, millis) in [
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2024-02-29T00:00:00.000000Z", Some(1_709_164_800_000)),
            ("2024-02-29T00:00:00.25Z", Some(1_709_164_800_250)),
            ("2024-02-29T01:00:00+01:00", Some(1_709_164_800_000)),
            ("2024-02-29T00:00:00", None),
            ("2023-02-29T00:00:00Z", None),
            ("1709164800", None),
            ("", None),
        ] {
            assert_eq!(at(text), millis, "{text}");
        }
    }
}
