//! Points in time in every known notation.

use std::time::SystemTime;

use serde_json::Value;

use super::values::loose_value;
use crate::time::{from_civil, from_epoch_nanos, from_rfc3339};

loose_value! {
    /// A point in time, in the notation of its publisher.
    ///
    /// | notation | read as |
    /// |---|---|
    /// | a number, or a string of digits | below 10¹¹ seconds since the epoch, below 10¹⁴ milliseconds, below 10¹⁷ microseconds, else nanoseconds |
    /// | `2018/06/26 08:54:07 GMT+08:00`, `2017-02-15 14:21:50 GMT+08:00` | as written |
    /// | `Dec 8, 2016 11:24:04 GMT+08:00` | as written |
    /// | `12/01/2016 11:07:28 GMT+08:00` | [`Ambiguous`](TimeReading::Ambiguous), unless one number is above twelve or both are equal |
    /// | `2024-01-01T00:00:00Z` (RFC 3339) | as written |
    /// | an empty string, `null`, nothing | [`Missing`](TimeReading::Missing) |
    ///
    /// A date without an offset is [`Unreadable`](TimeReading::Unreadable): its point in time is
    /// unknown.
    ///
    /// The one published sample with the year last has the month first, according to the clock in
    /// the id of its trace. Whether this is true of all publishers is unknown, so there is no guess
    /// here. [`Trace::time`](crate::trace::Trace::time) uses the clock in the id of the trace.
    ///
    /// ```
    /// use huaweicloud_cts::trace::TimeValue;
    /// use std::time::{Duration, SystemTime};
    ///
    /// let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_529_974_447);
    /// assert_eq!(TimeValue::from("2018/06/26 08:54:07 GMT+08:00").at(), Some(at));
    /// assert_eq!(TimeValue::from(1_529_974_447_000_i64).at(), Some(at));
    /// assert_eq!(TimeValue::from("1529974447").at(), Some(at));
    /// ```
    pub struct TimeValue;
}

/// The meaning of a [`TimeValue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeReading {
    /// The field is missing, `null` or empty.
    Missing,
    /// This point in time.
    At(SystemTime),
    /// A date with the year last, such as `12/01/2016`, that could be either.
    Ambiguous {
        /// If the first number is the month.
        month_first: SystemTime,
        /// If the first number is the day.
        day_first: SystemTime,
    },
    /// The value is in no known notation.
    Unreadable,
}

impl TimeValue {
    /// Reads the value.
    ///
    /// ```
    /// use huaweicloud_cts::trace::{TimeReading, TimeValue};
    ///
    /// assert!(matches!(TimeValue::from("12/01/2016 11:07:28 GMT").read(), TimeReading::Ambiguous { .. }));
    /// assert_eq!(TimeValue::from("yesterday").read(), TimeReading::Unreadable);
    /// ```
    #[must_use]
    pub fn read(&self) -> TimeReading {
        match self.value() {
            None | Some(Value::Null) => TimeReading::Missing,
            Some(Value::String(text)) => read_text(text.trim()),
            Some(Value::Number(number)) => {
                let whole =
                    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
                sure(whole.map_or_else(|| number.as_f64().and_then(from_float), from_number))
            }
            Some(_) => TimeReading::Unreadable,
        }
    }

    /// Returns the point in time, if it is unambiguous.
    #[must_use]
    pub fn at(&self) -> Option<SystemTime> {
        match self.read() {
            TimeReading::At(at) => Some(at),
            _ => None,
        }
    }

    /// Returns the point in time. Of two that it could be, the one that is within a day of `clock`,
    /// if only one is.
    ///
    /// ```
    /// use huaweicloud_cts::trace::TimeValue;
    ///
    /// let december = TimeValue::from("2016/12/01 11:07:28 GMT+08:00").at().unwrap();
    /// let ambiguous = TimeValue::from("12/01/2016 11:07:28 GMT+08:00");
    /// assert_eq!(ambiguous.at(), None);
    /// assert_eq!(ambiguous.at_near(december), Some(december));
    /// ```
    #[must_use]
    pub fn at_near(&self, clock: SystemTime) -> Option<SystemTime> {
        match self.read() {
            TimeReading::At(at) => Some(at),
            TimeReading::Ambiguous { month_first, day_first } => {
                match (is_near(month_first, clock), is_near(day_first, clock)) {
                    (true, false) => Some(month_first),
                    (false, true) => Some(day_first),
                    _ => None,
                }
            }
            TimeReading::Missing | TimeReading::Unreadable => None,
        }
    }
}

fn is_near(a: SystemTime, b: SystemTime) -> bool {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

    a.duration_since(b).unwrap_or_else(|before| before.duration()) <= DAY
}

fn sure(at: Option<SystemTime>) -> TimeReading {
    at.map_or(TimeReading::Unreadable, TimeReading::At)
}

/// Returns the nanoseconds in the unit of a number of this size.
fn unit(size: u128) -> i128 {
    match size {
        0..100_000_000_000 => 1_000_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    }
}

fn from_number(number: i128) -> Option<SystemTime> {
    within_calendar(number.checked_mul(unit(number.unsigned_abs()))?)
}

/// Returns the point in time, up to the year 9999. No publisher means a later one.
fn within_calendar(nanos: i128) -> Option<SystemTime> {
    const LAST: u128 = 253_402_300_799_999_999_999;

    from_epoch_nanos(nanos).filter(|_| nanos.unsigned_abs() <= LAST)
}

/// Converts a floating-point number. Some publishers have no integers: `1.529996047E9`, with or
/// without a fraction.
fn from_float(number: f64) -> Option<SystemTime> {
    if !number.is_finite() || number.abs() >= 1e30 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "finite and in range")]
    let whole = number.trunc() as i128;
    let unit = unit(whole.unsigned_abs());
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a fraction of at most 10^9"
    )]
    let fraction = (number.fract() * unit as f64) as i128;
    within_calendar(whole.checked_mul(unit)?.checked_add(fraction)?)
}

/// The maximum length of a notation, with room to spare.
const LONGEST: usize = 64;

fn read_text(text: &str) -> TimeReading {
    if text.is_empty() {
        return TimeReading::Missing;
    }
    if text.len() > LONGEST {
        return TimeReading::Unreadable;
    }
    if let Ok(number) = text.parse() {
        return sure(from_number(number));
    }
    match from_rfc3339(text) {
        Some(at) => TimeReading::At(at),
        None => read_date(text).unwrap_or(TimeReading::Unreadable),
    }
}

/// `<date> <hours>:<minutes>:<seconds> GMT<offset>`
fn read_date(text: &str) -> Option<TimeReading> {
    let (rest, zone) = text.rsplit_once(' ')?;
    let offset = read_zone(zone)?;
    let (date, clock) = rest.rsplit_once(' ')?;
    let [hour, minute, second] = three(clock.split(':'))?;
    let clock = (number(hour)?, number(minute)?, number(second)?);
    let at = |year, month, day| from_civil((year, month, day), clock, offset);

    if let Some((month, rest)) = date.split_once(' ') {
        let (day, year) = rest.split_once(',')?;
        return Some(sure(at(number(year.trim())?, month_named(month)?, number(day.trim())?)));
    }
    let [first, second, third] = three(date.split(['/', '-']))?;
    if first.len() == 4 {
        return Some(sure(at(number(first)?, number(second)?, number(third)?)));
    }
    let (first, second, year) =
        (number(first)?, number(second)?, number(third).filter(|_| third.len() == 4)?);
    Some(match (at(year, first, second), at(year, second, first)) {
        (Some(month_first), Some(day_first)) if month_first != day_first => {
            TimeReading::Ambiguous { month_first, day_first }
        }
        (month_first, day_first) => sure(month_first.or(day_first)),
    })
}

/// Digits only: no sign.
fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn three<'t>(mut parts: impl Iterator<Item = &'t str>) -> Option<[&'t str; 3]> {
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

/// `GMT+08:00`, `GMT+0800`, `GMT+8`, `UTC`: seconds east of Greenwich.
fn read_zone(zone: &str) -> Option<i32> {
    let offset = zone.strip_prefix("GMT").or_else(|| zone.strip_prefix("UTC"))?;
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, offset) = match offset.strip_prefix('-') {
        Some(offset) => (-1, offset),
        None => (1, offset.strip_prefix('+')?),
    };
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 4 => offset.split_at_checked(2)?,
        None => (offset, "0"),
    };
    let (hours, minutes) = (number::<i32>(hours)?, number::<i32>(minutes)?);
    (hours <= 18 && minutes < 60).then(|| sign * (hours * 3600 + minutes * 60))
}

fn month_named(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    (1..).zip(NAMES).find_map(|(number, known)| name.eq_ignore_ascii_case(known).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn nanos(at: SystemTime) -> i128 {
        match at.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i128::try_from(since.as_nanos()).unwrap(),
            Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap(),
        }
    }

    #[test]
    fn every_notation_is_read() {
        let second = 1_000_000_000;
        for (value, expected) in [
            (json!(1_529_996_047), 1_529_996_047 * second),
            (json!(1_529_996_047_000_i64), 1_529_996_047 * second),
            (json!("1765788999507"), 1_765_788_999_507_000_000),
            (json!(1_765_788_999_507_123_i64), 1_765_788_999_507_123_000),
            (json!(1_481_066_128_032_123_456_i64), 1_481_066_128_032_123_456),
            (json!("1481066128032123456"), 1_481_066_128_032_123_456),
            (json!(1.529_996_047E9), 1_529_996_047 * second),
            (json!(1_529_996_047.5), 1_529_996_047 * second + second / 2),
            (json!(1.765_788_999_507E12), 1_765_788_999_507_000_000),
            (json!(0), 0),
            (json!(-1000), -1000 * second),
            (json!("2018/06/26 08:54:07 GMT+08:00"), 1_529_974_447 * second),
            (json!(" 2018/06/26 08:54:07 GMT+08:00\n"), 1_529_974_447 * second),
            (json!("2018-06-26 08:54:07 GMT+0800"), 1_529_974_447 * second),
            (json!("2018/06/26 00:54:07 GMT"), 1_529_974_447 * second),
            (json!("2018/06/25 19:54:07 UTC-5"), 1_529_974_447 * second),
            (json!("26/06/2018 08:54:07 GMT+08:00"), 1_529_974_447 * second),
            (json!("06/26/2018 08:54:07 GMT+08:00"), 1_529_974_447 * second),
            (json!("Jun 26, 2018 08:54:07 GMT+08:00"), 1_529_974_447 * second),
            (json!("05/05/2018 00:00:00 GMT"), 1_525_478_400 * second),
            (json!("2024-01-01T00:00:00Z"), 1_704_067_200 * second),
            (json!("2018-06-01T08:30:00+08:00"), 1_527_813_000 * second),
            (json!("2025-07-28T11:47:56.893440057+02:00"), 1_753_696_076_893_440_057),
            (json!("20240117T120000Z"), 1_705_492_800 * second),
        ] {
            assert_eq!(TimeValue::from(value.clone()).at().map(nanos), Some(expected), "{value}");
        }
    }

    #[test]
    fn a_time_in_another_notation_is_not_guessed() {
        for missing in [json!(null), json!(""), json!("  ")] {
            assert_eq!(TimeValue::from(missing).read(), TimeReading::Missing);
        }
        assert_eq!(TimeValue::default().read(), TimeReading::Missing);
        for odd in [
            json!({}),
            json!([1]),
            json!(true),
            json!("yesterday"),
            json!("2018/06/26 08:54:07"),
            json!("2018-06-26T08:54:07"),
            json!("2020-08-20T12:00:00.000Z+08:00"),
            json!("2018/13/26 08:54:07 GMT+08:00"),
            json!("13/13/2018 08:54:07 GMT+08:00"),
            json!("2018/06/26 25:54:07 GMT+08:00"),
            json!("2018/06/26 08:54:07 GMT+99:00"),
            json!("2018/06/26 08:54:07 GMT+19:00"),
            json!("2018/06/26 08:54:07 GMT+08:60"),
            json!("2018/06/26 08:54:07 GMT+974447000"),
            json!("2018/06/26 08:54:07 GMT-2147483647:2147483647"),
            json!("2018/06/26 08:54:07 GMT+99999999999"),
            json!("+8/06/2018 08:54:07 GMT"),
            json!("99999999999999999999999999999999"),
            json!(1e300),
            json!("9".repeat(21)),
            json!("9".repeat(1_000_000)),
        ] {
            assert_eq!(TimeValue::from(odd.clone()).read(), TimeReading::Unreadable, "{odd}");
        }
    }

    #[test]
    fn a_clock_distinguishes_month_and_day() {
        let time = TimeValue::from("12/01/2016 11:07:28 GMT+08:00");
        let (december, january) = (1_480_561_648, 1_452_568_048);
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(
            time.read(),
            TimeReading::Ambiguous { month_first: at(december), day_first: at(january) }
        );
        assert_eq!(time.at(), None);
        assert_eq!(time.at_near(at(december + 5)), Some(at(december)));
        assert_eq!(time.at_near(at(january - 5)), Some(at(january)));
        assert_eq!(time.at_near(at(1_700_000_000)), None);
        assert_eq!(
            TimeValue::from("02/01/2016 23:00:00 GMT").at_near(at(1_453_000_000)),
            None,
            "near to neither"
        );
    }
}
