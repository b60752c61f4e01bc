//! Where the marks of a statement's charts stand. The words beside them and their text alternatives
//! are the template's; here are whole numbers on a ground of [`WIDTH`], so that the same statement is
//! drawn by the same bytes everywhere.
//!
//! A chart shows nothing that a table beside it does not say: it may leave out what it cannot show,
//! such as a week with less than no time.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::billing::Bucket;
use crate::domain::statement::Statement;
use crate::domain::statement_service::ResponseRow;
use crate::domain::ticket::Priority;

/// The width of a strip or a bar, in units of its own.
const WIDTH: i64 = 1000;

/// The hundredths of its limit at which an answer stands at the right end, and all later ones too.
const LATEST_PERCENT: i64 = 200;

/// The width and the height of the ground of the trend's columns.
const TREND: (i64, i64) = (360, 96);

/// The part of a column's place that it fills, in hundredths.
const COLUMN_PERCENT: i64 = 56;

/// All charts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Charts {
    /// First answers against their limits, by priority; only those that there were.
    response: Vec<Strip>,
    /// Charged time by week.
    weeks: Vec<Bar>,
    /// Charged time of the last months.
    trend: Vec<Column>,
}

/// The first answers of a priority, each where its share of the limit puts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Strip {
    /// Which.
    priority: Priority,
    /// Where the limit stands.
    limit: i64,
    /// Where the target stands, where there is one.
    target: Option<i64>,
    /// Where answers within the limit stand; answers that fall together are one.
    kept: BTreeSet<i64>,
    /// Where later ones stand.
    late: BTreeSet<i64>,
}

/// A bar of a week, from left to right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Bar {
    parts: Vec<Part>,
}

/// A part of a bar or of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Part {
    /// For which price.
    bucket: &'static str,
    /// Where it begins: from the left, or from the top.
    from: i64,
    /// How long it is.
    length: i64,
}

/// A month of the trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Column {
    /// Its left side.
    x: i64,
    /// Its width.
    width: i64,
    /// The middle of its place.
    middle: i64,
    /// Where it ends above.
    top: i64,
    parts: Vec<Part>,
}

/// The charts of a statement.
pub(super) fn charts(statement: &Statement) -> Charts {
    let response = statement.service.response.iter();
    Charts {
        response: response
            .filter(|row| !row.percents.is_empty())
            .map(strip)
            .collect(),
        weeks: weeks(statement),
        trend: trend(statement),
    }
}

fn strip(row: &ResponseRow) -> Strip {
    let place = |percent: i64| percent.clamp(0, LATEST_PERCENT) * WIDTH / LATEST_PERCENT;
    let target = row.target_minutes;
    let target = target.map(|target| place(target * 100 / row.limit_minutes.max(1)));
    // The longest come last; what is beyond the limit is late, but for the night after it.
    let late_from = row.percents.len().saturating_sub(row.missed);
    let places = |percents: Option<&[i64]>| {
        let percents = percents.unwrap_or_default().iter();
        percents.map(|percent| place(*percent)).collect()
    };
    Strip {
        priority: row.priority,
        limit: place(100),
        target,
        kept: places(row.percents.get(..late_from)),
        late: places(row.percents.get(late_from..)),
    }
}

/// Parts one behind the other, of what `whole` is drawn `length` long.
fn parts(minutes: [i64; 3], whole: i64, length: i64) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut sum: i64 = 0;
    let place = |minutes: i64| minutes * length / whole.max(1);
    for (bucket, minutes) in Bucket::ALL.into_iter().zip(minutes) {
        let minutes = minutes.max(0);
        let from = place(sum);
        sum += minutes;
        if minutes > 0 {
            parts.push(Part {
                bucket: bucket.name(),
                from,
                length: (place(sum) - from).max(1),
            });
        }
    }
    parts
}

fn positive(minutes: [i64; 3]) -> i64 {
    minutes.into_iter().map(|minutes| minutes.max(0)).sum()
}

fn weeks(statement: &Statement) -> Vec<Bar> {
    let weeks = &statement.lines.weeks;
    let longest = weeks.iter().map(|week| positive(week.minutes)).max();
    let longest = longest.unwrap_or_default();
    let bars = weeks.iter().map(|week| Bar {
        parts: parts(week.minutes, longest, WIDTH),
    });
    bars.collect()
}

fn trend(statement: &Statement) -> Vec<Column> {
    let (ground, height) = TREND;
    let months = &statement.trend;
    let highest = months.iter().map(|month| positive(month.minutes)).max();
    let highest = highest.unwrap_or_default();
    let count = i64::try_from(months.len()).unwrap_or(1).max(1);
    let place = ground / count;
    let width = place * COLUMN_PERCENT / 100;
    let columns = (0..).zip(months).map(|(number, month)| {
        let standing = parts(month.minutes, highest, height);
        let tall = positive(month.minutes) * height / highest.max(1);
        // From below: what is first stands on the ground.
        let hung = standing.into_iter().map(|part| Part {
            from: height - part.from - part.length,
            ..part
        });
        Column {
            x: number * place + (place - width) / 2,
            width,
            middle: number * place + place / 2,
            top: height - tall,
            parts: hung.collect(),
        }
    });
    columns.collect()
}
