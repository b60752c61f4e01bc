//! Who is believed (mail.md §3): verdict, role and token.

use soported::domain::access::{Belief, believe_consultant, believe_requester};
use soported::domain::message::{Place, Verdict};
use soported::domain::token::Purpose;

use super::{ANA, BETO, BETO_AT_HOME, LUIS, MARIA, OURS, Scene, address, policy};

/// A token in the mail: where, issued to whom, what for.
type Token = Option<(Place, &'static str, Purpose)>;

fn candidates(token: Token) -> Vec<soported::domain::case::Candidate> {
    let scene = Scene::from(MARIA);
    match token {
        Some((place, to, purpose)) => scene.token(place, OURS, to, purpose).case.candidates,
        None => Vec::new(),
    }
}

#[test]
fn a_requester_is_believed_by_verdict_or_by_a_token_of_his_own() {
    let check = |verdict, token: Token, expected| {
        let found = believe_requester(verdict, &address(MARIA), &candidates(token));
        assert_eq!(found, expected, "{verdict:?} {token:?}");
    };
    let tokens: [Token; 9] = [
        None,
        Some((Place::Recipient, MARIA, Purpose::Client)),
        Some((Place::InReplyTo, MARIA, Purpose::Client)),
        Some((Place::References(3), MARIA, Purpose::Client)),
        Some((Place::KnownInReplyTo, MARIA, Purpose::Client)),
        Some((Place::KnownReferences(0), MARIA, Purpose::Client)),
        Some((Place::Body, MARIA, Purpose::Client)),
        Some((Place::Recipient, LUIS, Purpose::Client)),
        Some((Place::Recipient, ANA, Purpose::Consultant)),
    ];
    for token in tokens {
        check(Verdict::Strong, token, Belief::Believed);
        check(Verdict::Medium, token, Belief::Believed);
        check(Verdict::Fail, token, Belief::Forged);
    }
    let lifting = [false, true, true, true, false, false, false, false, false];
    for (token, lifts) in tokens.into_iter().zip(lifting) {
        let expected = if lifts {
            Belief::Believed
        } else {
            Belief::Unauthenticated
        };
        check(Verdict::None, token, expected);
    }
}

#[test]
fn a_consultant_needs_a_strong_verdict_or_a_notice_of_his_own() {
    let policy = policy();
    let beto = policy.consultant(&address(BETO_AT_HOME)).unwrap();
    let check = |verdict, token: Token, expected| {
        let found = believe_consultant(verdict, beto, &candidates(token));
        assert_eq!(found, expected, "{verdict:?} {token:?}");
    };
    let own = [
        Some((Place::Recipient, BETO, Purpose::Consultant)),
        Some((Place::InReplyTo, BETO, Purpose::Consultant)),
        Some((Place::KnownInReplyTo, BETO, Purpose::Consultant)),
    ];
    let others = [
        None,
        Some((Place::Recipient, ANA, Purpose::Consultant)),
        Some((Place::Recipient, BETO, Purpose::Client)),
        Some((Place::References(0), BETO, Purpose::Consultant)),
        Some((Place::Body, BETO, Purpose::Consultant)),
        Some((Place::SubjectTag, BETO, Purpose::Consultant)),
    ];
    for token in own.into_iter().chain(others) {
        check(Verdict::Strong, token, Belief::Believed);
        check(Verdict::None, token, Belief::Unauthenticated);
        check(Verdict::Fail, token, Belief::Forged);
    }
    for token in own {
        check(Verdict::Medium, token, Belief::Believed);
    }
    for token in others {
        check(Verdict::Medium, token, Belief::Unauthenticated);
    }
}
