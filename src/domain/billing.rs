//! What is charged (policy.md §7): time by bucket, and the mails that are follow-ups.
//!
//! Everything here is a function of the whole: of a session from end to end, of all mails of a
//! ticket. So a session recorded after the mails it covers, or a corrected one, needs no code of
//! its own: the charge is computed anew and the ledger writes the difference.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::calendar::Calendar;

/// What a follow-up costs, in minutes (policy.md §7: "cada seguimiento … 15 minutos").
pub const FOLLOW_UP_MINUTES: i64 = 15;

/// When charged time was, for the price it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// In support hours.
    InHours,
    /// Out of them, in a window that an authorizer asked for and a consultant accepted.
    OutOfHoursApproved,
    /// Out of them without such a window: charged as ordinary time.
    OutOfHoursUnapproved,
}

/// A span of time that is charged, or approved, from one instant to another, not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends. A span that ends before it begins holds nothing.
    pub to: DateTime<Utc>,
}

/// A part of charged time that lies in one bucket throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// When.
    pub span: Span,
    /// For which price.
    pub bucket: Bucket,
}

/// What is charged in one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// For which price.
    pub bucket: Bucket,
    /// Minutes of all consultants together, more than zero.
    pub minutes: i64,
}

/// One charged follow-up: a mail, and those after it that are the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp<C> {
    /// Who wrote.
    pub consultant: C,
    /// When the first of its mails was sent: the beginning of its window.
    pub at: DateTime<Utc>,
    /// How many mails it stands for.
    pub mails: u32,
}

impl Bucket {
    /// Every bucket, in the order of a statement.
    pub const ALL: [Self; 3] = [
        Self::InHours,
        Self::OutOfHoursApproved,
        Self::OutOfHoursUnapproved,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::InHours => "in_hours",
            Self::OutOfHoursApproved => "out_of_hours_approved",
            Self::OutOfHoursUnapproved => "out_of_hours_unapproved",
        }
    }

    /// The inverse of [`Bucket::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.name() == name)
    }

    /// The bucket of an instant: of a follow-up, of work logged without a beginning and an end.
    pub fn at(t: DateTime<Utc>, calendar: &Calendar, approved: &[Span]) -> Self {
        if calendar.is_open(t) {
            Self::InHours
        } else if approved.iter().any(|window| window.contains(t)) {
            Self::OutOfHoursApproved
        } else {
            Self::OutOfHoursUnapproved
        }
    }
}

impl Span {
    /// Whether an instant lies in it. Its end does not.
    pub fn contains(&self, t: DateTime<Utc>) -> bool {
        self.from <= t && t < self.to
    }

    /// Whether the two have some time in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// How long it is in real time; zero where it ends before it begins.
    fn length(&self) -> Duration {
        (self.to - self.from).max(Duration::zero())
    }
}

/// Charged time in parts, cut at opening, closing and the ends of approved windows; in order and
/// without gaps. Empty where the span holds nothing.
///
/// A window that lies in support hours changes nothing there: they need no approval. Windows may
/// come in any order and overlap.
pub fn parts(span: Span, calendar: &Calendar, approved: &[Span]) -> Vec<Part> {
    let mut windows = approved.to_vec();
    windows.sort_unstable();
    let mut parts: Vec<Part> = Vec::new();
    let mut extend = |from: DateTime<Utc>, to: DateTime<Utc>, bucket: Bucket| {
        if to <= from {
            return;
        }
        match parts.last_mut() {
            Some(last) if last.bucket == bucket => last.span.to = to,
            _ => parts.push(Part {
                span: Span { from, to },
                bucket,
            }),
        }
    };
    for segment in calendar.split(span.from, span.to) {
        if segment.open {
            extend(segment.from, segment.to, Bucket::InHours);
            continue;
        }
        let mut reached = segment.from;
        for window in &windows {
            let from = window.from.clamp(reached, segment.to);
            let to = window.to.clamp(from, segment.to);
            if from < to {
                extend(reached, from, Bucket::OutOfHoursUnapproved);
                extend(from, to, Bucket::OutOfHoursApproved);
                reached = to;
            }
        }
        extend(reached, segment.to, Bucket::OutOfHoursUnapproved);
    }
    parts
}

/// What a session, or work with a beginning and an end, is charged: minutes × consultants, by
/// bucket, in the order of [`Bucket::ALL`]. Buckets without a minute are left out.
///
/// Policy §7: a started minute counts, and rounding comes after the split, so that the buckets
/// add up to the minutes started from the beginning to the end. Whole minutes stay in their
/// bucket; those that a cut within a minute leaves over go to the buckets with the most seconds
/// left, to the earlier in [`Bucket::ALL`] where these are equal.
pub fn charges(
    span: Span,
    consultants: u32,
    calendar: &Calendar,
    approved: &[Span],
) -> Vec<Charge> {
    let parts = parts(span, calendar, approved);
    let mut shares: Vec<Share> = Bucket::ALL
        .into_iter()
        .map(|bucket| Share::of(bucket, &parts))
        .collect();
    let whole: i64 = shares.iter().map(|share| share.minutes).sum();
    let rounded_off = usize::try_from(started_minutes(span.length()) - whole).unwrap_or(0);
    // Stable: equal rests stay in the order of the buckets.
    shares.sort_by_key(|share| std::cmp::Reverse(share.rest));
    for share in shares.iter_mut().take(rounded_off) {
        share.minutes += 1;
    }
    shares.sort_by_key(|share| share.bucket);
    shares
        .into_iter()
        .map(|share| Charge {
            bucket: share.bucket,
            minutes: share.minutes.saturating_mul(i64::from(consultants)),
        })
        .filter(|charge| charge.minutes > 0)
        .collect()
}

/// The follow-ups among the mails that consultants sent to the client of one ticket, in the order
/// they were sent. Each costs [`FOLLOW_UP_MINUTES`].
///
/// Mails of one consultant within `coalesce` of the first are one; the window is anchored at the
/// first and is not moved by the others, and the next mail after it begins a new one. A mail sent
/// during a session of the ticket is paid with it, and begins none.
pub fn follow_ups<C: Ord + Clone>(
    mails: &[(DateTime<Utc>, C)],
    sessions: &[Span],
    coalesce: Duration,
) -> Vec<FollowUp<C>> {
    let mut mails: Vec<&(DateTime<Utc>, C)> = mails
        .iter()
        .filter(|(at, _)| !sessions.iter().any(|session| session.contains(*at)))
        .collect();
    mails.sort_unstable();
    let mut charged: Vec<FollowUp<C>> = Vec::new();
    let mut latest: BTreeMap<&C, usize> = BTreeMap::new();
    for (at, consultant) in mails {
        let open = latest
            .get(consultant)
            .and_then(|place| charged.get_mut(*place))
            .filter(|follow_up| *at - follow_up.at < coalesce);
        if let Some(follow_up) = open {
            follow_up.mails += 1;
        } else {
            latest.insert(consultant, charged.len());
            charged.push(FollowUp {
                consultant: consultant.clone(),
                at: *at,
                mails: 1,
            });
        }
    }
    charged
}

/// The time of one bucket: whole minutes, and less than a minute left over.
struct Share {
    bucket: Bucket,
    minutes: i64,
    rest: Duration,
}

impl Share {
    fn of(bucket: Bucket, parts: &[Part]) -> Self {
        let time: Duration = parts
            .iter()
            .filter(|part| part.bucket == bucket)
            .map(|part| part.span.length())
            .sum();
        let minutes = time.num_minutes();
        Self {
            bucket,
            minutes,
            rest: time - Duration::minutes(minutes),
        }
    }
}

/// Whole minutes of a time, the last one counted once it has begun.
fn started_minutes(time: Duration) -> i64 {
    let whole = time.num_minutes();
    whole + i64::from(time > Duration::minutes(whole))
}
