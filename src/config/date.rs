//! A day, as `YYYY-MM-DD`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, Deserialize, Hash, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day on which so many seconds after 1970-01-01 fall, in UTC.
    #[must_use]
    pub fn of_unix(seconds: u64) -> Self {
        // The calendar in eras of 400 years that begin in March (H. Hinnant's civil_from_days).
        let days = seconds / 86_400 + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year + era * 400 + u64::from(month <= 2);
        let small = |n: u64| u8::try_from(n).unwrap_or(u8::MAX);
        Self { year: u16::try_from(year).unwrap_or(u16::MAX), month: small(month), day: small(day) }
    }
}

impl Date {
    /// The last second of the day in UTC, since 1970.
    #[must_use]
    pub fn end(self) -> i64 {
        let day = chrono::NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), self.day.into());
        // Every day of this type exists.
        day.and_then(|day| day.and_hms_opt(23, 59, 59)).map_or(0, |last| last.and_utc().timestamp())
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

/// A text is not a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotADay(String);

impl std::fmt::Display for NotADay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is not a day; it is written YYYY-MM-DD", self.0.escape_debug())
    }
}

impl std::error::Error for NotADay {}

impl TryFrom<String> for Date {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        let parts: Vec<&str> = text.split('-').collect();
        let date = match parts[..] {
            [y, m, d] if (y.len(), m.len(), d.len()) == (4, 2, 2) => {
                y.parse().ok().zip(m.parse().ok().zip(d.parse().ok()))
            }
            _ => None,
        };
        let days = |year: u16, month: u8| match month {
            2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        match date {
            Some((year, (month, day))) if day >= 1 && day <= days(year, month) => Ok(Self { year, month, day }),
            _ => Err(NotADay(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn seconds_fall_on_the_right_day() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_767_225_599, "2025-12-31"),
            (4_102_444_800, "2100-01-01"),
        ] {
            assert_eq!(Date::of_unix(seconds).to_string(), day);
            let end = u64::try_from(Date::of_unix(seconds).end()).unwrap();
            assert_eq!((Date::of_unix(end).to_string().as_str(), end % 86_400), (day, 86_399));
        }
    }

    #[test]
    fn only_days_that_exist_are_days() {
        for wrong in ["2025-02-29", "2025-13-01", "2025-1-1", "soon", "2025-00-10", "2025-04-31"] {
            assert!(Date::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert!(Date::try_from("2024-02-29".to_owned()).unwrap() < Date::try_from("2024-03-01".to_owned()).unwrap());
    }
}
