//! The obligatory rest days of art. 74 of the Mexican labour law, by rule (policy.md §7).

use chrono::{Datelike, NaiveDate, Weekday};

/// Which rest days close a calendar besides the dates it lists itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestDays {
    /// Those of art. 74 of the Ley Federal del Trabajo.
    Mexico,
    /// None.
    None,
}

/// The first year whose change of government takes place on 1 October; before, on 1 December
/// (art. 83 of the constitution, as amended on 10 February 2014).
const FIRST_OCTOBER_HANDOVER: i32 = 2024;

/// Years between two changes of the federal government.
const PRESIDENTIAL_TERM_YEARS: i32 = 6;

impl RestDays {
    /// Whether `date` is a rest day. Total: every date has an answer.
    ///
    /// The rule is today's for every year. The Mondays exist since 2006, so for earlier years
    /// the answer is not history; no mail is that old. Election days are Sundays and not listed.
    pub fn contains(self, date: NaiveDate) -> bool {
        match self {
            Self::Mexico => is_mexican_rest_day(date),
            Self::None => false,
        }
    }
}

/// Policy §7: never shifted; a rest day on a weekend is not made up for on another day.
fn is_mexican_rest_day(date: NaiveDate) -> bool {
    match (date.month(), date.day()) {
        // LFT art. 74, I, IV, V, VIII: New Year, Labour Day, Independence Day, Christmas.
        (1, 1) | (5, 1) | (9, 16) | (12, 25) => true,
        // LFT art. 74, II: the first Monday of February, for the 5th.
        (2, 1..=7) => date.weekday() == Weekday::Mon,
        // LFT art. 74, III and VI: the third Monday of March, for the 21st, and of November, for the 20th.
        (3 | 11, 15..=21) => date.weekday() == Weekday::Mon,
        // LFT art. 74, VII: every six years, when the federal government changes hands.
        (10, 1) => is_handover_year(date.year()) && date.year() >= FIRST_OCTOBER_HANDOVER,
        (12, 1) => is_handover_year(date.year()) && date.year() < FIRST_OCTOBER_HANDOVER,
        _ => false,
    }
}

fn is_handover_year(year: i32) -> bool {
    (year - FIRST_OCTOBER_HANDOVER).rem_euclid(PRESIDENTIAL_TERM_YEARS) == 0
}
