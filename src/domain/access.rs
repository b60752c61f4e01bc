//! Whether a sender is who the From line says, well enough for what is asked (mail.md §3).

use super::address::Address;
use super::case::Candidate;
use super::message::Verdict;
use super::policy::Consultant;
use super::threading::{answers_own_notice, bears_own_token};

/// How a sender's claim to an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief {
    /// Good enough.
    Believed,
    /// Nobody vouches for it.
    Unauthenticated,
    /// The receiving server says it is false.
    Forged,
}

/// A person on a client's side: strong or medium; none only with a token of the same person.
pub fn believe_requester(verdict: Verdict, sender: &Address, candidates: &[Candidate]) -> Belief {
    match verdict {
        Verdict::Fail => Belief::Forged,
        Verdict::Strong | Verdict::Medium => Belief::Believed,
        Verdict::None if bears_own_token(candidates, sender) => Belief::Believed,
        Verdict::None => Belief::Unauthenticated,
    }
}

/// A consultant: strong, or medium with the token issued to that consultant.
pub fn believe_consultant(
    verdict: Verdict,
    consultant: &Consultant,
    candidates: &[Candidate],
) -> Belief {
    let own = |c: &Candidate| answers_own_notice(c, &consultant.person.address);
    match verdict {
        Verdict::Fail => Belief::Forged,
        Verdict::Strong => Belief::Believed,
        Verdict::Medium if candidates.iter().any(own) => Belief::Believed,
        Verdict::Medium | Verdict::None => Belief::Unauthenticated,
    }
}
