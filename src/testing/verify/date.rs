//! The calendar of `X-Sdk-Date`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the seconds since 1970 of `YYYYMMDDTHHMMSSZ`; `None` for anything else, such as 30
/// February.
pub(super) fn seconds_of(date: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = date.get(from..to)?;
        // `parse` alone would accept a sign.
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    if date.len() != 16 || date.get(8..9) != Some("T") || date.get(15..) != Some("Z") {
        return None;
    }
    let civil = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let day = day_number(civil);
    // A day that the calendar does not have comes back as another one.
    let real = civil.0 > 0 && civil_date(day) == civil && hour < 24 && minute < 60 && second < 60;
    real.then_some(day * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Returns the seconds since 1970 as `YYYYMMDDTHHMMSSZ`.
pub(super) fn date_of(seconds: i64) -> String {
    let (year, month, day) = civil_date(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Returns the whole seconds since 1970, rounded down.
pub(super) fn clock_seconds(now: SystemTime) -> i64 {
    let whole = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match now.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration().saturating_add(Duration::from_nanos(999_999_999))),
    }
}

/// Returns the days from 1970-01-01 to (year, month, day), Gregorian. Years begin in March here, so
/// that the leap day is the last one; 719 468 days lie between 0000-03-01 and 1970-01-01.
fn day_number((year, month, day): (i64, i64, i64)) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

/// Returns the date of a [`day_number`]; 146 097 days are 400 years.
fn civil_date(day_number: i64) -> (i64, i64, i64) {
    let days = day_number + 719_468;
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (days.div_euclid(146_097) * 400 + year + i64::from(month <= 2), month, day)
}
