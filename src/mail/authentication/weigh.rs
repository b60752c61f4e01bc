//! What a server's results are worth for the domain in From (mail.md §3).

use crate::domain::message::Verdict;
use crate::mail::domain_name;
use crate::mail::results::{Outcome, Results};

/// Strong: DMARC passed for From, or DKIM passed and is aligned with it. Medium: SPF passed and is
/// aligned. Fail: DMARC failed, whatever the domain's policy asks to be done about it.
///
/// `from` is the domain of the one From address. A result other than `pass` vouches for nobody:
/// `none`, `neutral`, `softfail`, `policy`, `temperror`, `permerror`, Microsoft's `bestguesspass`
/// (what DMARC would be if the domain had a record: the DKIM or SPF it guesses from stands in the
/// same line and is weighed here).
pub(super) fn weigh(results: &Results, from: &str) -> Verdict {
    let dmarc: Vec<&Outcome> = results.of("dmarc").collect();
    if dmarc.iter().any(|outcome| outcome.result == "fail") {
        return Verdict::Fail;
    }
    // The server looked at another From than the one we see: it may have meant that one with
    // everything else it says.
    let is_other = |domain: &str| !is_aligned(domain_of(domain), from);
    if dmarc
        .iter()
        .flat_map(|outcome| judged(outcome))
        .any(is_other)
    {
        return Verdict::None;
    }
    let passes = dmarc.iter().filter(|one| one.result == "pass").count();
    if passes > 0 {
        // Two results that differ: one of them is not the server's.
        if passes < dmarc.len() {
            return Verdict::None;
        }
        // A pass that does not say for whom is left to DKIM and SPF.
        if dmarc.iter().all(|outcome| judged(outcome).next().is_some()) {
            return Verdict::Strong;
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
    if !spf.is_empty() && spf.iter().all(|outcome| spf_vouches(outcome, from)) {
        Verdict::Medium
    } else {
        Verdict::None
    }
}

/// The domains that DMARC was asked about; some servers write the whole address.
fn judged(outcome: &Outcome) -> impl Iterator<Item = &str> {
    outcome.values("header", "from")
}

/// A DKIM pass for From's domain: one signature is enough (RFC 6376 §4.2). The signer's domain is
/// `header.d`; servers that leave it out write `header.i`, which lies within it (RFC 6376 §3.5).
fn dkim_vouches(outcome: &Outcome, from: &str) -> bool {
    let signer = outcome.values("header", "d");
    let identity = outcome.values("header", "i").map(domain_of);
    let mut domains = signer.chain(identity).peekable();
    outcome.result == "pass"
        && domains.peek().is_some()
        && domains.all(|domain| is_aligned(domain, from))
}

/// An SPF pass for From's domain. The name in HELO is not looked at: it says who carried the mail.
fn spf_vouches(outcome: &Outcome, from: &str) -> bool {
    outcome.result == "pass"
        && outcome
            .values("smtp", "mailfrom")
            .all(|value| is_aligned(domain_of(value), from))
}

fn domain_of(value: &str) -> &str {
    value.rsplit_once('@').map_or(value, |(_, domain)| domain)
}

/// Domains whose children belong to different owners, though the Public Suffix List lacks them:
/// Microsoft signs the mail of every tenant without DKIM of its own as `tenant.onmicrosoft.com`.
const SHARED: [&str; 1] = ["onmicrosoft.com"];

/// Relaxed alignment: one organizational domain (RFC 7489 §3.1, §3.2).
fn is_aligned(domain: &str, from: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let (Some(domain), Some(from)) = (domain_name::plain(domain), domain_name::plain(from)) else {
        return false;
    };
    domain == from
        || organization(&domain)
            .is_some_and(|organization| self::organization(&from) == Some(organization))
}

/// The organizational domain (RFC 7489 §3.2); `None` for a public suffix.
fn organization(domain: &str) -> Option<&str> {
    let registered = psl::domain_str(domain)?;
    if !SHARED.contains(&registered) {
        return Some(registered);
    }
    let owner = domain.strip_suffix(registered)?.strip_suffix('.')?;
    let label = owner.rsplit('.').next()?;
    domain.get(domain.len() - registered.len() - 1 - label.len()..)
}
