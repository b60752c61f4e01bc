//! Meetings: what a calendar part says (RFC 5545), and what a mail does with it (RFC 5546, 6047).

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use super::part::Structure;
use super::zone;
use crate::domain::meeting::{Meeting, MeetingKind, Moment};

/// Most bytes of a calendar part that are read; the event stands near the beginning.
const CALENDAR_MAX_BYTES: usize = 256 * 1024;

/// Most lines of a calendar read, unfolded; the rest is not looked at.
const LINES_MAX: usize = 2_000;

/// Longest line kept, in bytes; a description may be pages long, and is not shown.
const LINE_MAX_BYTES: usize = 4 * 1024;

/// Most parameters of a property; the rest of them is not read.
const PARAMETERS_MAX: usize = 30;

/// Longest value shown, in characters.
const VALUE_MAX_CHARS: usize = 250;

/// What Outlook and Google put before the subject of an answer, lower case: it repeats what the
/// answer says.
const ANSWER_PREFIXES: [&str; 14] = [
    "aceptada:",
    "aceptado:",
    "rechazada:",
    "rechazado:",
    "provisional:",
    "cancelada:",
    "cancelado:",
    "invitación:",
    "accepted:",
    "declined:",
    "tentative:",
    "canceled:",
    "cancelled:",
    "invitation:",
];

/// The meeting that a mail announces, answers or calls off; `None` where it does none of it.
///
/// RFC 6047 §2.4 gives such a part a `method`. Without one, a calendar counts that is not attached
/// as a file: a file is only passed on.
pub fn of(structure: &Structure) -> Option<Meeting> {
    let part = structure.parts().find(|part| {
        part.media_type() == "text/calendar"
            && (part.parameter("method").is_some() || !part.is_attached())
    })?;
    let method = part.parameter("method");
    read(&part.text(CALENDAR_MAX_BYTES), method)
}

/// The first event of a calendar. `method` is what the part's own header says; the calendar's
/// METHOD counts where it says nothing. `None` where there is no event.
pub fn read(calendar: &str, method: Option<&str>) -> Option<Meeting> {
    let mut meeting = Meeting::default();
    let mut method = method.map(str::to_ascii_uppercase);
    let mut answer = String::new();
    // The components around a line, outermost first: VALARM within VEVENT has a DESCRIPTION too.
    let (mut in_event, mut below) = (false, 0usize);
    let mut found = false;
    for line in unfold(calendar) {
        let Some(property) = Property::read(&line) else {
            continue;
        };
        let value = property.value;
        match (property.name.as_str(), in_event) {
            ("METHOD", false) if method.is_none() => {
                method = Some(value.trim().to_ascii_uppercase());
            }
            ("BEGIN", false) => {
                in_event = value.trim().eq_ignore_ascii_case("VEVENT");
                found |= in_event;
            }
            ("BEGIN", true) => below += 1,
            ("END", true) if below > 0 => below -= 1,
            ("END", true) => break,
            (_, true) if below > 0 => {}
            ("UID", true) => meeting.uid = unescape(value),
            ("SUMMARY", true) => meeting.summary = title(&unescape(value)).to_owned(),
            ("LOCATION", true) => meeting.place = unescape(value),
            ("DTSTART", true) => meeting.start = moment(&property),
            ("DTEND", true) => meeting.end = moment(&property),
            ("ORGANIZER", true) => meeting.organizer = person(&property),
            ("ATTENDEE", true) if answer.is_empty() => {
                answer = property
                    .parameter("PARTSTAT")
                    .unwrap_or_default()
                    .to_ascii_uppercase();
            }
            _ => {}
        }
    }
    meeting.kind = kind(method.as_deref().unwrap_or_default(), &answer);
    found.then_some(meeting)
}

/// Whether a text beside the meeting only repeats what it is called.
pub fn is_stub(text: &str, meeting: &Meeting) -> bool {
    title(text.trim()) == meeting.summary
}

/// RFC 5546 §1.4.
fn kind(method: &str, answer: &str) -> MeetingKind {
    match (method, answer) {
        ("REPLY", "ACCEPTED") => MeetingKind::Accepted,
        ("REPLY", "DECLINED") => MeetingKind::Declined,
        ("REPLY", "TENTATIVE") => MeetingKind::Tentative,
        ("REPLY" | "REFRESH", _) => MeetingKind::Answered,
        ("COUNTER" | "DECLINECOUNTER", _) => MeetingKind::Countered,
        ("CANCEL", _) => MeetingKind::Cancelled,
        _ => MeetingKind::Invitation,
    }
}

/// A summary without the word that says what the mail does.
fn title(summary: &str) -> &str {
    let Some((head, rest)) = summary.split_once(':') else {
        return summary;
    };
    let longest = ANSWER_PREFIXES.iter().map(|known| known.len()).max();
    if head.len() >= longest.unwrap_or_default() {
        return summary;
    }
    let head = format!("{}:", head.to_lowercase());
    if ANSWER_PREFIXES.contains(&head.as_str()) {
        rest.trim_start()
    } else {
        summary
    }
}

/// One line of a calendar: `DTSTART;TZID=America/Mexico_City:20261124T153000`.
struct Property<'a> {
    /// Upper case.
    name: String,
    parameters: Vec<(&'a str, &'a str)>,
    value: &'a str,
}

impl<'a> Property<'a> {
    /// RFC 5545 §3.1: a quoted parameter may hold `;` and `:`.
    fn read(line: &'a str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = line.split_at_checked(colon)?;
        let value = value.strip_prefix(':')?;
        let mut quoted = false;
        let mut pieces = head.split(|c| {
            quoted ^= c == '"';
            c == ';' && !quoted
        });
        let name = pieces.next()?.trim().to_ascii_uppercase();
        let parameters = pieces
            .take(PARAMETERS_MAX)
            .filter_map(|piece| piece.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim().trim_matches('"')))
            .collect();
        Some(Self {
            name,
            parameters,
            value,
        })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// The name of a person, else the address.
fn person(property: &Property) -> String {
    let name = property.parameter("CN").unwrap_or_default();
    let address = property.value.trim();
    let bare = address
        .get(.."mailto:".len())
        .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
        .and_then(|scheme| address.get(scheme.len()..));
    match name {
        "" => unescape(bare.unwrap_or(address)),
        name => unescape(name),
    }
}

/// RFC 5545 §3.3.4 (`20261124`), §3.3.5 (`20261124T153000`, with `Z` in UTC).
fn moment(property: &Property) -> Option<Moment> {
    let value = property.value.trim();
    let day = NaiveDate::parse_from_str(value.get(..8)?, "%Y%m%d").ok()?;
    let Some(rest) = value.get(8..).filter(|rest| !rest.is_empty()) else {
        return Some(Moment::Day(day));
    };
    let (clock, is_utc) = match rest.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, true),
        None => (rest, false),
    };
    let time = NaiveTime::parse_from_str(clock, "T%H%M%S").ok()?;
    let at = day.and_time(time);
    if is_utc {
        return Some(Moment::Instant(at.and_utc()));
    }
    let name = property.parameter("TZID").unwrap_or_default();
    Some(match zone::named(name) {
        Some(zone) => Moment::Instant(instant(at, zone)),
        None => Moment::Local(at, unescape(name)),
    })
}

/// Where clocks go back the earlier instant; an hour that clocks leave out is the one after it.
fn instant(at: NaiveDateTime, zone: chrono_tz::Tz) -> DateTime<Utc> {
    let found = zone.from_local_datetime(&at).earliest();
    let later = || {
        zone.from_local_datetime(&(at + Duration::hours(1)))
            .earliest()
    };
    found
        .or_else(later)
        .map_or_else(|| at.and_utc(), |found| found.to_utc())
}

/// RFC 5545 §3.1: a line that begins with a blank continues the one before.
fn unfold(calendar: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.lines() {
        if let (Some(more), Some(last)) = (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            let room = LINE_MAX_BYTES.saturating_sub(last.len());
            last.push_str(super::decode::cut(more, room));
        } else if lines.len() < LINES_MAX {
            lines.push(super::decode::cut(line, LINE_MAX_BYTES).to_owned());
        } else {
            break;
        }
    }
    lines
}

/// RFC 5545 §3.3.11, on one line. In one pass: `\\n` is a backslash and an n.
fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
            c => plain.push(c),
        }
    }
    super::decode::clean_line(&plain, VALUE_MAX_CHARS)
}
