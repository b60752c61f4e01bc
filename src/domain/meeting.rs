//! A meeting as a mail announces, answers or calls it off, and how people are shown it: what,
//! when, where (mail.md §2). The words come with the templates.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::pattern::fill;

/// What a mail does with a meeting (RFC 5546 §1.4; PARTSTAT, RFC 5545 §3.2.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MeetingKind {
    /// It asks people to come (`REQUEST`, `PUBLISH`, `ADD`, or no method).
    #[default]
    Invitation,
    /// The organizer calls it off (`CANCEL`).
    Cancelled,
    /// Somebody comes (`REPLY`, `ACCEPTED`).
    Accepted,
    /// Somebody does not come (`REPLY`, `DECLINED`).
    Declined,
    /// Somebody may come (`REPLY`, `TENTATIVE`).
    Tentative,
    /// Somebody proposes another time (`COUNTER`), or that is refused (`DECLINECOUNTER`).
    Countered,
    /// Another answer: delegated, refresh asked for, or without a word of what it says.
    Answered,
}

impl MeetingKind {
    /// Whether the mail asks nobody for anything: such a mail never opens a ticket.
    pub fn is_answer(self) -> bool {
        self != Self::Invitation
    }
}

/// A point in time as a calendar writes it (RFC 5545 §3.3.4, §3.3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// An instant: UTC, or local time of a known zone.
    Instant(DateTime<Utc>),
    /// A whole day.
    Day(NaiveDate),
    /// Local time of a zone that is not known, with the name that it was given; empty: none.
    Local(NaiveDateTime, String),
}

/// The first event of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meeting {
    /// What the mail does with it.
    pub kind: MeetingKind,
    /// The identity of the meeting, by which its answers name it (RFC 5545 §3.8.4.7).
    pub uid: String,
    /// What it is about, without the words that programs put before it (`Aceptada: …`).
    pub summary: String,
    /// When it begins.
    pub start: Option<Moment>,
    /// When it ends; of whole days the day after the last (RFC 5545 §3.6.1).
    pub end: Option<Moment>,
    /// Where it takes place.
    pub place: String,
    /// Who called it: a name, or an address where there is no name.
    pub organizer: String,
}

/// The words in which a meeting is shown: the table `[meeting]` of `words.toml`. What stands in
/// braces is replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeetingPatterns {
    /// First line of [`MeetingKind::Invitation`]; the others follow.
    pub invitation: String,
    /// [`MeetingKind::Cancelled`].
    pub cancelled: String,
    /// [`MeetingKind::Accepted`].
    pub accepted: String,
    /// [`MeetingKind::Declined`].
    pub declined: String,
    /// [`MeetingKind::Tentative`].
    pub tentative: String,
    /// [`MeetingKind::Countered`].
    pub countered: String,
    /// [`MeetingKind::Answered`].
    pub answered: String,
    /// A day: `{weekday}`, `{day}`, `{month}`, `{year}`.
    pub date: String,
    /// Begins and ends on one day: `{date}`, `{from}`, `{to}`.
    pub hours: String,
    /// Has no end, or is one end of what lasts longer: `{date}`, `{from}`.
    pub hour: String,
    /// Lasts from one day to another: `{first}`, `{last}`.
    pub span: String,
    /// Adds the name of a zone that is not known: `{when}`, `{zone}`.
    pub zone: String,
    /// `{place}`.
    pub place: String,
    /// `{organizer}`.
    pub organizer: String,
}

/// All that showing a meeting takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingWords {
    /// The patterns.
    pub patterns: MeetingPatterns,
    /// Monday first.
    pub weekdays: [String; 7],
    /// January first.
    pub months: [String; 12],
    /// Stands for a summary that is not there.
    pub no_subject: String,
    /// The zone that instants are shown in.
    pub zone: Tz,
}

impl Default for MeetingWords {
    fn default() -> Self {
        Self {
            patterns: MeetingPatterns::default(),
            weekdays: Default::default(),
            months: Default::default(),
            no_subject: String::new(),
            zone: Tz::UTC,
        }
    }
}

impl MeetingWords {
    /// The meeting in a few lines: what, when, where, called by whom.
    pub fn show(&self, meeting: &Meeting) -> String {
        let patterns = &self.patterns;
        let first = match meeting.kind {
            MeetingKind::Invitation => &patterns.invitation,
            MeetingKind::Cancelled => &patterns.cancelled,
            MeetingKind::Accepted => &patterns.accepted,
            MeetingKind::Declined => &patterns.declined,
            MeetingKind::Tentative => &patterns.tentative,
            MeetingKind::Countered => &patterns.countered,
            MeetingKind::Answered => &patterns.answered,
        };
        let summary = match meeting.summary.as_str() {
            "" => &self.no_subject,
            summary => summary,
        };
        let mut lines = vec![fill(first, &[("summary", summary)])];
        if let Some(start) = &meeting.start {
            lines.push(self.when(start, meeting.end.as_ref()));
        }
        if !meeting.place.is_empty() {
            lines.push(fill(&patterns.place, &[("place", &meeting.place)]));
        }
        // Of an answer it is the reader who called the meeting.
        let is_called = matches!(
            meeting.kind,
            MeetingKind::Invitation | MeetingKind::Cancelled
        );
        if is_called && !meeting.organizer.is_empty() {
            let who = [("organizer", meeting.organizer.as_str())];
            lines.push(fill(&patterns.organizer, &who));
        }
        lines.join("\n")
    }

    fn when(&self, start: &Moment, end: Option<&Moment>) -> String {
        if let Moment::Day(first) = start {
            let last = match end {
                Some(Moment::Day(after)) => after.checked_sub_days(Days::new(1)),
                _ => None,
            };
            let last = last.filter(|last| last > first);
            return match last {
                Some(last) => self.span(&self.date(*first), &self.date(last)),
                None => self.date(*first),
            };
        }
        let (from, zone) = self.local(start);
        let shown = match end.map(|end| self.local(end).0).filter(|to| *to > from) {
            Some(to) if to.date() == from.date() => fill(
                &self.patterns.hours,
                &[
                    ("date", &self.date(from.date())),
                    ("from", &time(from)),
                    ("to", &time(to)),
                ],
            ),
            Some(to) => self.span(&self.hour(from), &self.hour(to)),
            None => self.hour(from),
        };
        match zone {
            "" => shown,
            zone => fill(&self.patterns.zone, &[("when", &shown), ("zone", zone)]),
        }
    }

    /// Wall time to show, and the zone's name where it is not the one that instants are shown in.
    fn local<'a>(&self, moment: &'a Moment) -> (NaiveDateTime, &'a str) {
        match moment {
            Moment::Instant(at) => (
                self.zone.from_utc_datetime(&at.naive_utc()).naive_local(),
                "",
            ),
            Moment::Day(day) => (day.and_time(chrono::NaiveTime::MIN), ""),
            Moment::Local(at, zone) => (*at, zone),
        }
    }

    fn date(&self, day: NaiveDate) -> String {
        let nth = |words: &[String], at: u32| {
            let at = usize::try_from(at).unwrap_or_default();
            words.get(at).cloned().unwrap_or_default()
        };
        fill(
            &self.patterns.date,
            &[
                (
                    "weekday",
                    &nth(&self.weekdays, day.weekday().num_days_from_monday()),
                ),
                ("day", &day.day().to_string()),
                ("month", &nth(&self.months, day.month0())),
                ("year", &day.year().to_string()),
            ],
        )
    }

    fn hour(&self, at: NaiveDateTime) -> String {
        let parts = [("date", self.date(at.date())), ("from", time(at))];
        let [date, from] = &parts;
        fill(&self.patterns.hour, &[(date.0, &date.1), (from.0, &from.1)])
    }

    fn span(&self, first: &str, last: &str) -> String {
        fill(&self.patterns.span, &[("first", first), ("last", last)])
    }
}

/// 24-hour clock.
fn time(at: NaiveDateTime) -> String {
    at.format("%H:%M").to_string()
}
