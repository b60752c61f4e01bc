//! What Exchange Online says of a mail that it received.
//!
//! It writes `Authentication-Results` without an id, once, above the Received by which the mail
//! came in. Only the very first instance in the header counts; every other one, and one that bears
//! an id, came with the mail.
//!
//! Mail that a user of the tenant sends to another one passes no border, so SPF, DKIM and DMARC
//! have nothing to say. Exchange marks it with `X-MS-Exchange-Organization-AuthAs: Internal`. Its
//! header firewall removes `X-MS-Exchange-Organization-…` from mail that comes in from outside, so
//! the mark is Exchange's own. `X-MS-Exchange-CrossTenant-AuthAs` looks alike and is not read: it
//! stays on a mail that leaves its tenant, so every other tenant can send it, and anybody can
//! write it.

use super::border;
use super::weigh::weigh;
use super::{FIELD, unknown};
use crate::domain::message::{Authentication, Verdict};
use crate::mail::header::{Field, Headers};
use crate::mail::results::{Line, Results};

/// The mark of mail inside the tenant, lower case.
const INSIDE: &str = "x-ms-exchange-organization-authas";

/// Ends of the names of the hosts at which mail from outside comes in.
const FRONT_DOORS: [&str; 2] = [
    ".mail.protection.outlook.com",
    ".mail.protection.partner.outlook.cn",
];

/// Most Received fields looked at above the line; with more the line is not where it belongs
/// (RFC 5321 §6.3: a hundred are a loop).
const RECEIVED_MAX: usize = 100;

pub(super) fn judge(
    headers: &Headers,
    from: Option<&str>,
    tenant_domains: &[String],
) -> Authentication {
    let first = headers
        .iter()
        .enumerate()
        .find(|(_, field)| field.name == FIELD)
        .map(|(at, field)| (at, Line::of(field)));
    let shown = match &first {
        Some((_, line)) => line.shown(),
        None => "no Authentication-Results".to_owned(),
    };
    let Some(from) = from else {
        return unknown(format!("no single From; {shown}"));
    };
    let (verdict, line) = match &first {
        None => (Verdict::None, shown),
        Some((_, line)) if line.authserv_id().is_some() => {
            let why = format!("bears an id, so Microsoft 365 did not write it; {shown}");
            (Verdict::None, why)
        }
        Some((at, _)) if came_in_above(headers, *at) => {
            let why = format!("not where Microsoft 365 writes it; {shown}");
            (Verdict::None, why)
        }
        Some((_, line)) => {
            let results = line.results_without_id();
            let verdict = results.map_or(Verdict::None, |results| composed(&results, from));
            (verdict, shown)
        }
    };
    // A failure is believed before the mark: both cannot be true.
    if verdict != Verdict::Fail && is_inside(headers, from, tenant_domains) {
        return Authentication {
            verdict: Verdict::Strong,
            line: format!("X-MS-Exchange-Organization-AuthAs: Internal; {line}"),
        };
    }
    Authentication { verdict, line }
}

/// The verdict of the results, lowered by `compauth`, Microsoft's own opinion on From.
///
/// `compauth` never raises: its `pass` may rest on what it has learned about a sender, on a
/// forwarder it trusts (130) or on an error that it forgave, and proves no domain. What proves one
/// stands beside it as DMARC, DKIM or SPF. Its `fail` is a forgery where the domain's own policy
/// says so (000), where an administrator does (002), and where the domain is the tenant's own (010,
/// 6xx). 001 says that the domain has no records or weak ones: nobody vouches, and that is all.
fn composed(results: &Results, from: &str) -> Verdict {
    let mut verdict = weigh(results, from);
    for compauth in results.of("compauth") {
        let limit = match (compauth.result.as_str(), compauth.reason.as_deref()) {
            ("pass" | "softpass" | "none", _) => Verdict::Strong,
            ("fail", Some("001")) => Verdict::None,
            ("fail", _) => Verdict::Fail,
            // No value that Microsoft documents.
            _ => Verdict::None,
        };
        verdict = verdict.min(limit);
    }
    verdict
}

/// Whether the mail came in from outside above the line, so that the line came with it.
fn came_in_above(headers: &Headers, at: usize) -> bool {
    let mut received = headers
        .iter()
        .take(at)
        .filter(|field| field.name == "received");
    let is_front_door = |field: &Field| border::is_by(field, &FRONT_DOORS);
    received.by_ref().take(RECEIVED_MAX).any(is_front_door) || received.next().is_some()
}

/// Whether Exchange says that a user of the tenant sent the mail, and From is of the tenant.
fn is_inside(headers: &Headers, from: &str, tenant_domains: &[String]) -> bool {
    let mut marks = headers.all(INSIDE);
    let (Some(mark), None) = (marks.next(), marks.next()) else {
        return false;
    };
    !mark.has_blank_before_colon
        && mark.unfolded().eq_ignore_ascii_case("internal")
        && tenant_domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(from))
}
