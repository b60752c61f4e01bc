//! Who vouches for the sender: the receiving server's `Authentication-Results` (RFC 8601).
//!
//! Only one line counts: the topmost that carries the configured server's id. Whatever stands
//! below it, and every other id, may have been written by the sender (RFC 8601 §5). Everything
//! that cannot be understood in that line makes the verdict `None`; nothing raises it.

use super::header::Headers;
use super::results::{Outcome, Results};
use crate::domain::address::is_domain;
use crate::domain::message::{Authentication, Verdict};

/// Most lines looked at for the one that counts; an id that stands lower is not found.
const LINES_MAX: usize = 50;

/// How far to believe the receiving server (mail.md §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationSettings {
    /// The id of the server whose `Authentication-Results` count (RFC 8601 §2.5).
    pub authserv_id: String,
    /// Where that server puts its line.
    pub position: Position,
}

/// Where the border server puts its Authentication-Results, relative to its own Received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Not checked.
    Any,
    /// Above it.
    Above,
    /// Below it, above the next one.
    Below,
}

/// The verdict on a mail whose one From address has the domain `from`; none where there is no
/// such address, and then no server can have vouched for it.
pub fn judge(
    headers: &Headers,
    from: Option<&str>,
    settings: &AuthenticationSettings,
) -> Authentication {
    let Some((at, line, results)) = trusted(headers, &settings.authserv_id) else {
        return none(format!(
            "no Authentication-Results of {}",
            settings.authserv_id
        ));
    };
    let Some(from) = from else {
        return none(format!("no single From; {line}"));
    };
    if !in_position(headers, at, settings.position) {
        return none(format!(
            "not where {} writes it; {line}",
            settings.authserv_id
        ));
    }
    let verdict = results.map_or(Verdict::None, |results| weigh(&results, from));
    Authentication { verdict, line }
}

fn none(line: String) -> Authentication {
    Authentication {
        verdict: Verdict::None,
        line,
    }
}

/// The topmost line of the configured server: its index among all fields, its text, and what
/// it says; `None` within where it cannot be understood.
fn trusted(headers: &Headers, authserv_id: &str) -> Option<(usize, String, Option<Results>)> {
    headers
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name == "authentication-results")
        .take(LINES_MAX)
        .find_map(|(at, field)| {
            let line = field.unfolded();
            let id = Results::authserv_id(&line)?;
            id.eq_ignore_ascii_case(authserv_id).then(|| {
                let results = Results::read(&line);
                (at, line, results)
            })
        })
}

fn in_position(headers: &Headers, at: usize, position: Position) -> bool {
    let mut received = headers
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name == "received")
        .map(|(at, _)| at);
    let (first, second) = (received.next(), received.next());
    match position {
        Position::Any => true,
        Position::Above => first.is_some_and(|first| at < first),
        Position::Below => {
            first.is_some_and(|first| first < at) && second.is_none_or(|second| at < second)
        }
    }
}

fn weigh(results: &Results, from: &str) -> Verdict {
    let dmarc: Vec<&Outcome> = results.of("dmarc").collect();
    if let Some(first) = dmarc.first() {
        // Two DMARC results that differ: one of them is not the server's.
        if dmarc.iter().any(|other| other.result != first.result) {
            return Verdict::None;
        }
        if first.result == "fail" {
            return Verdict::Fail;
        }
        if first.result == "pass" {
            // The server may have looked at another From than the one we see.
            let same = dmarc
                .iter()
                .flat_map(|outcome| outcome.values("header", "from"))
                .all(|domain| is_aligned(domain, from));
            return if same { Verdict::Strong } else { Verdict::None };
        }
    }
    if results
        .of("dkim")
        .any(|outcome| dkim_vouches(outcome, from))
    {
        return Verdict::Strong;
    }
    let spf: Vec<&Outcome> = results
        .of("spf")
        .filter(|outcome| outcome.values("smtp", "mailfrom").next().is_some())
        .collect();
    let vouches = !spf.is_empty()
        && spf.iter().all(|outcome| {
            outcome.result == "pass"
                && outcome
                    .values("smtp", "mailfrom")
                    .all(|value| is_aligned(domain_of(value), from))
        });
    if vouches {
        Verdict::Medium
    } else {
        Verdict::None
    }
}

/// A DKIM pass for From's domain: `header.d`, or the domain of `header.i` (RFC 8601 §2.7.1).
fn dkim_vouches(outcome: &Outcome, from: &str) -> bool {
    let mut domains: Vec<&str> = outcome.values("header", "d").collect();
    if domains.is_empty() {
        domains.extend(outcome.values("header", "i").map(domain_of));
    }
    outcome.result == "pass"
        && !domains.is_empty()
        && domains.iter().all(|domain| is_aligned(domain, from))
}

fn domain_of(value: &str) -> &str {
    value.rsplit_once('@').map_or(value, |(_, domain)| domain)
}

/// Relaxed alignment: one organizational domain (RFC 7489 §3.1, §3.2).
fn is_aligned(domain: &str, from: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let from = from.to_ascii_lowercase();
    if !is_domain(&domain) || !is_domain(&from) {
        return false;
    }
    domain == from
        || psl::domain_str(&domain)
            .is_some_and(|organization| psl::domain_str(&from) == Some(organization))
}
