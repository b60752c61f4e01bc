//! A line that the client disputes (policy.md §7): an authorizer answers a statement and names it, and
//! a ticket looks into it.

use std::sync::LazyLock;

use regex::Regex;

use super::case::Case;
use super::charge::Charge;
use super::ids::ChargeId;
use super::letter::DisputedLine;
use super::policy::Policy;
use super::ticket::{Fact, Ticket};

/// Most lines disputed by one mail; who disputes more means the statement, and says so in words.
const LINES_MAX: usize = 20;

/// The lines that a text names, as `L-1042`, each once and in their order.
pub fn named(text: &str) -> Vec<ChargeId> {
    static FORM: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\bL\s?[-‐‑–]\s?(\d{1,12})\b").ok());
    let Some(form) = FORM.as_ref() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for found in form.captures_iter(text) {
        let number = found.get(1).and_then(|digits| digits.as_str().parse().ok());
        let line = number.map(ChargeId);
        lines.extend(line.filter(|line| !lines.contains(line)));
        if lines.len() == LINES_MAX {
            break;
        }
    }
    lines
}

/// The facts of a new ticket that looks into the lines of the case.
pub(super) fn facts(case: &Case) -> impl Iterator<Item = Fact> + '_ {
    let lines = case.disputed.iter();
    lines.map(|charge| Fact::Disputes { charge: charge.id })
}

/// What a notice says of the lines that a ticket looks into, as far as the case holds them.
pub(super) fn lines(ticket: &Ticket, case: &Case, policy: &Policy) -> Vec<DisputedLine> {
    let looks_into = |charge: &&Charge| {
        let fact = Fact::Disputes { charge: charge.id };
        ticket.history.iter().any(|dated| dated.fact == fact)
    };
    let lines = case.disputed.iter().filter(looks_into);
    lines
        .map(|charge| DisputedLine {
            number: format!("L-{}", charge.id),
            ticket: policy.tag(charge.ticket),
            kind: charge.line.kind.name(),
            minutes: charge.line.minutes,
            at: charge.line.span.map_or(charge.line.at, |span| span.from),
        })
        .collect()
}
