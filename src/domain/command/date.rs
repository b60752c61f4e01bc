//! Dates as people write them: `2026-12-10`, `10/12/2026`, `10 de diciembre`, `10-dic`.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Problem;

/// How far ahead a date may lie, in months: beyond it a digit is wrong.
const AHEAD_MONTHS: u32 = 12;

/// Names of the months in order; three letters are enough of one.
const MONTHS: [[&str; 2]; 12] = [
    ["enero", "january"],
    ["febrero", "february"],
    ["marzo", "march"],
    ["abril", "april"],
    ["mayo", "may"],
    ["junio", "june"],
    ["julio", "july"],
    ["agosto", "august"],
    ["septiembre", "september"],
    ["octubre", "october"],
    ["noviembre", "november"],
    ["diciembre", "december"],
];

/// Fewest letters of a month's name.
const MONTH_MIN_LETTERS: usize = 3;

/// How far back a date may lie that something happened on, in days.
const BACK_DAYS: u64 = 92;

/// Reads a date to come, or today's, folded. Without a year it is the next such date.
pub(super) fn read(text: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let (year, on) = parts(text)?;
    let date = match year {
        Some(year) => on(year)?,
        // 29 February is in one of the next years or in none.
        None => match on(today.year()) {
            Ok(date) if date >= today => date,
            _ => on(today.year() + 1)?,
        },
    };
    let last = today
        .checked_add_months(Months::new(AHEAD_MONTHS))
        .unwrap_or(today);
    if date < today || date > last {
        return Err(Problem::DateOutOfRange);
    }
    Ok(date)
}

/// Reads a date on which something happened, folded: today's or one of the weeks before. Without a
/// year it is the last such date.
pub(super) fn read_past(text: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let (year, on) = parts(text)?;
    let date = match year {
        Some(year) => on(year)?,
        None => match on(today.year()) {
            Ok(date) if date <= today => date,
            _ => on(today.year() - 1)?,
        },
    };
    let first = today
        .checked_sub_days(Days::new(BACK_DAYS))
        .unwrap_or(today);
    if date > today || date < first {
        return Err(Problem::DayOutOfRange);
    }
    Ok(date)
}

/// A date whose year may be unsaid: the year, and the date in a year.
type Parts<F> = (Option<i32>, F);

/// Takes a date apart.
fn parts(text: &str) -> Result<Parts<impl Fn(i32) -> Result<NaiveDate, Problem>>, Problem> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '.' | ','))
        .filter(|word| !word.is_empty() && !matches!(*word, "el" | "de" | "del"))
        .collect();
    let (year, month, day) = match words.as_slice() {
        [year, month, day] if year.len() == 4 => {
            (Some(number(year)?), number(month)?, number(day)?)
        }
        [day, month, year] => (Some(year_of(year)?), month_of(month)?, number(day)?),
        [day, month] => (None, month_of(month)?, number(day)?),
        _ => return Err(Problem::BadDate),
    };
    let on = move |year: i32| NaiveDate::from_ymd_opt(year, month, day).ok_or(Problem::BadDate);
    let year = year.map(i32::try_from).transpose();
    Ok((year.map_err(|_| Problem::BadDate)?, on))
}

fn number(word: &str) -> Result<u32, Problem> {
    let short = word.len() <= 4 && word.chars().all(|c| c.is_ascii_digit());
    word.parse().ok().filter(|_| short).ok_or(Problem::BadDate)
}

/// `2026` or `26`.
fn year_of(word: &str) -> Result<u32, Problem> {
    match (word.len(), number(word)?) {
        (4, year) => Ok(year),
        (2, year) => Ok(2_000 + year),
        _ => Err(Problem::BadDate),
    }
}

fn month_of(word: &str) -> Result<u32, Problem> {
    let is_named = |name: &str| word.len() >= MONTH_MIN_LETTERS && name.starts_with(word);
    let named = MONTHS
        .iter()
        .zip(1u32..)
        .find(|(names, _)| names.iter().any(|name| is_named(name)));
    match named {
        Some((_, month)) => Ok(month),
        None => number(word),
    }
}
