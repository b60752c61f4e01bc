//! The lines of a server that writes its id, and which of them count.
//!
//! The topmost line of the id is the server's, as servers add theirs at the top and the border
//! removes what bears its id from incoming mail (RFC 8601 §5). Some servers write several lines:
//! Fastmail one for each group of checks, Postfix one for each of its milters. Two rules read them
//! without giving a sender's line, which stands below all of them, any chance:
//!
//! - In the unbroken run of the topmost id's lines, the first that speaks about the sender counts,
//!   alone. Lines that state only what says nothing about him ([`SILENT`]) are passed over. Once
//!   the server has spoken about the sender, even to say `none`, everything below is unread.
//! - Where the configuration says that the server writes above its own Received, the sender's
//!   lines are all below that Received, and the server's lines above it count together. A server
//!   that states DMARC in one line and DKIM in the next needs this where a domain has no DMARC.

use super::border;
use super::weigh::weigh;
use super::{FIELD, Position, unknown};
use crate::domain::message::{Authentication, Verdict};
use crate::mail::header::Headers;
use crate::mail::results::{Line, Results};

/// Most lines looked at for those that count; one that stands lower is not found.
const LINES_MAX: usize = 50;

/// Methods that say nothing about the sender of the mail (RFC 8617, the BIMI draft, RFC 8601
/// §2.7.3): those that servers give a line of their own. Experimental ones (`x-…`) are silent too.
const SILENT: [&str; 3] = ["arc", "bimi", "iprev"];

/// A line of the server.
struct Own {
    /// Where among all fields.
    at: usize,
    /// As written.
    id: String,
    line: Line,
}

pub(super) fn judge(
    headers: &Headers,
    from: Option<&str>,
    id: &str,
    position: Position,
) -> Authentication {
    let lines = own_lines(headers, id);
    let Some(top) = lines.first() else {
        return unknown(format!("no Authentication-Results of {id}"));
    };
    let border = border::received(headers);
    let is_in_position = match position {
        Position::Any => true,
        Position::Above => border.own.is_some_and(|own| top.at < own),
        Position::Below => {
            border.own.is_some_and(|own| own < top.at)
                && border.next.is_none_or(|next| top.at < next)
        }
    };
    if !is_in_position {
        let shown = top.line.shown();
        return unknown(format!("not where {id} writes it; {shown}"));
    }
    let counting: Vec<&Line> = match (position, border.own) {
        (Position::Above, Some(own)) => lines
            .iter()
            .filter(|line| line.at < own)
            .map(|own| &own.line)
            .collect(),
        _ => vec![first_that_speaks(&lines).unwrap_or(&top.line)],
    };
    let shown: Vec<String> = counting.iter().map(|line| line.shown()).collect();
    let shown = shown.join(" | ");
    let Some(from) = from else {
        return unknown(format!("no single From; {shown}"));
    };
    let results = together(&counting);
    let verdict = results.map_or(Verdict::None, |results| weigh(&results, from));
    Authentication {
        verdict,
        line: shown,
    }
}

/// The lines that bear the server's id, topmost first.
fn own_lines(headers: &Headers, wanted: &str) -> Vec<Own> {
    headers
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name == FIELD)
        .take(LINES_MAX)
        .filter_map(|(at, field)| {
            let line = Line::of(field);
            let id = line.authserv_id()?;
            is_id(&id, wanted).then_some(Own { at, id, line })
        })
        .collect()
}

/// Whether an id is the configured one, or one of those that `*.domain` stands for.
fn is_id(id: &str, wanted: &str) -> bool {
    let id = id.to_ascii_lowercase();
    let wanted = wanted.to_ascii_lowercase();
    match wanted.strip_prefix('*') {
        Some(end) => id.strip_suffix(end).is_some_and(|host| !host.is_empty()),
        None => id == wanted,
    }
}

/// The first line that speaks about the sender, in the unbroken run that begins with the topmost.
/// `None`: none of the run does.
fn first_that_speaks(lines: &[Own]) -> Option<&Line> {
    let top = lines.first()?;
    (top.at..)
        .zip(lines)
        .take_while(|(at, own)| own.at == *at && own.id.eq_ignore_ascii_case(&top.id))
        .map(|(_, own)| &own.line)
        .find(|line| !is_silent(line))
}

/// Whether a line says something, and nothing about the sender. An odd line speaks.
fn is_silent(line: &Line) -> bool {
    line.results().is_some_and(|results| {
        let mut methods = results.methods().peekable();
        methods.peek().is_some()
            && methods.all(|method| SILENT.contains(&method) || method.starts_with("x-"))
    })
}

/// What several lines of one server say; `None` where any of them is odd.
fn together(lines: &[&Line]) -> Option<Results> {
    let mut all = Results::default();
    for line in lines {
        all.extend(line.results()?);
    }
    Some(all)
}
