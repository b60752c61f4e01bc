//! What holds for every mail, whatever comes together in it (architecture.md, invariants).

use proptest::prelude::*;
use soported::domain::address::Person;
use soported::domain::classify::classify;
use soported::domain::effect::{Effect, HeldCause, Manner, Visibility};
use soported::domain::event::DueKind;
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::message::{MailClass, Malformed, Marks, Place, Verdict};
use soported::domain::returned::{Named, Progress, ReportPlace};
use soported::domain::ticket::{Fact, Status, Ticket};
use soported::domain::token::Purpose;

use super::{
    ANA, BETO, BETO_AT_HOME, EVA, LUIS, MARIA, OPERATOR, PEDRO, RAUL, SERVICE, STRANGER, Scene,
    acme, address, globex, ticket,
};

const PEOPLE: [&str; 11] = [
    MARIA,
    RAUL,
    PEDRO,
    LUIS,
    EVA,
    STRANGER,
    ANA,
    BETO,
    BETO_AT_HOME,
    SERVICE,
    OPERATOR,
];

const SUBJECTS: [&str; 6] = [
    "Falla",
    "RE: Falla [GS-7]",
    "RV: Falla",
    "[crítica] Falla",
    "Respuesta automática: Falla",
    "",
];

const TEXTS: [&str; 7] = [
    "No puedo entrar.",
    "",
    "#nota interna",
    "#unir GS-8",
    "#cc +nadie@otro.example -pedro@acme.example",
    "Hola\n#cerrar",
    "=== Responda encima de esta línea ===",
];

fn a_marks() -> impl Strategy<Value = Marks> {
    let keyword = prop::option::weighted(
        0.2,
        prop::sample::select(vec!["no", "auto-replied", "auto-forwarded"]),
    );
    let report = prop::option::weighted(
        0.2,
        prop::sample::select(vec![
            "delivery-status",
            "disposition-notification",
            "feedback-report",
        ]),
    );
    let flags = prop::collection::vec(prop::bool::weighted(0.1), 9);
    (keyword, report, flags).prop_map(|(keyword, report, flags)| Marks {
        auto_submitted: keyword.map(str::to_owned),
        report_type: report.map(str::to_owned),
        list_headers: flags[0].then(|| "list-id".to_owned()).into_iter().collect(),
        suppress: flags[1].then(|| "all".to_owned()).into_iter().collect(),
        calendar_only: flags[2],
        calendar_answer: flags[2] && flags[3],
        own_message_id: flags[4],
        loop_header: flags[5].then_some(flags[6]),
        null_return_path: flags[7],
        encrypted: flags[8],
        ..Marks::default()
    })
}

fn a_ticket(id: i64) -> impl Strategy<Value = Ticket> {
    let client = prop::sample::select(vec![acme(), globex()]);
    (
        prop::sample::select(Status::ALL.to_vec()),
        client,
        prop::sample::subsequence(PEOPLE[..6].to_vec(), 0..3),
    )
        .prop_map(move |(status, client, people)| Ticket {
            id: TicketId(id),
            requester: Person::new(address(if client == acme() { MARIA } else { LUIS }), ""),
            client,
            participants: people.iter().map(|p| Person::new(address(p), "")).collect(),
            ..ticket(status)
        })
}

fn a_place() -> impl Strategy<Value = Place> {
    prop::sample::select(vec![
        Place::Recipient,
        Place::InReplyTo,
        Place::References(0),
        Place::References(1),
        Place::KnownInReplyTo,
        Place::KnownReferences(0),
        Place::Body,
        Place::SubjectTag,
    ])
}

/// An outgoing mail that the mail names, of a ticket that exists, that does not, or of none.
fn a_named() -> impl Strategy<Value = Option<Named>> {
    let progress = prop::sample::select(vec![
        Progress::Accepted,
        Progress::Underway,
        Progress::Ahead,
        Progress::Over,
    ]);
    let named = (
        prop::sample::select(LetterKind::ALL.to_vec()),
        prop::sample::select(PEOPLE.to_vec()),
        prop::option::of(7..10_i64),
        progress,
    )
        .prop_map(|(letter, to, ticket, progress)| Named {
            outbox: OutboxId(31),
            letter,
            to: address(to),
            ticket: ticket.map(TicketId),
            progress,
            offered_at: None,
            place: ReportPlace::EnvelopeId,
            is_renamed: false,
        });
    prop::option::weighted(0.3, named)
}

fn a_scene() -> impl Strategy<Value = Scene> {
    let purpose = prop::sample::select(vec![Purpose::Client, Purpose::Consultant]);
    let token = (
        a_place(),
        7..10_i64,
        prop::sample::select(PEOPLE.to_vec()),
        purpose,
    );
    let verdict = prop::sample::select(vec![
        Verdict::Strong,
        Verdict::Medium,
        Verdict::None,
        Verdict::Fail,
    ]);
    let words = (
        prop::sample::select(SUBJECTS.to_vec()),
        prop::sample::select(TEXTS.to_vec()),
    );
    let state = (
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        a_named(),
    );
    (
        prop::sample::select(PEOPLE.to_vec()),
        a_marks(),
        verdict,
        words,
        (a_ticket(7), a_ticket(8)),
        prop::collection::vec(token, 0..4),
        state,
        prop::option::weighted(
            0.2,
            prop::option::of(prop::sample::select(vec![acme(), globex()])),
        ),
    )
        .prop_map(
            |(sender, marks, verdict, (subject, text), (a, b), tokens, state, release)| {
                let mut scene = Scene::from(sender)
                    .verdict(verdict)
                    .subject(subject)
                    .text(text)
                    .ticket(a)
                    .ticket(b);
                scene.mail.marks = marks;
                for (place, id, to, purpose) in tokens {
                    scene = scene.token(place, id, to, purpose);
                }
                let (many, notified, malformed, named) = state;
                scene.case.named = named;
                scene.case.opened_last_hour = if many { 99 } else { 0 };
                if notified {
                    scene.case.notified_today = vec![HeldCause::Unauthorized];
                }
                if malformed {
                    scene.mail.from = Err(Malformed::SeveralFroms);
                }
                match release {
                    Some(client) => scene.released(client),
                    None => scene,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_mail_ends_once_and_nothing_wrong_leaves_the_house(scene in a_scene()) {
        let decided = scene.decide();
        let class = classify(&scene.mail, &scene.policy.own_addresses);
        // Exactly one conclusion, and a reason for it.
        let outcome = decided.outcome();
        prop_assert!(!decided.0.why.is_empty());
        let held = decided.held();
        prop_assert_eq!(decided.0.effects.iter().filter(|e| matches!(e, Effect::Hold { .. })).count(), usize::from(held.is_some()));

        // No open ticket without a next action; no fact without its ticket's row.
        for effect in &decided.0.effects {
            if let Effect::SaveTicket {
                ticket, due, facts, ..
            } = effect {
                prop_assert_eq!(due.is_empty(), !ticket.is_open());
                prop_assert!(!facts.is_empty());
                prop_assert!(ticket.history.ends_with(facts));
                for due in due {
                    prop_assert!(due.kind != DueKind::Review || due.at > scene.now);
                }
            }
        }

        // A mail of ours fails once, by a bounce alone, and nobody is told at the address it was for.
        let bounced: Vec<OutboxId> = decided.0.effects.iter().filter_map(|effect| match effect {
            Effect::Bounced { outbox, .. } => Some(*outbox),
            _ => None,
        }).collect();
        if let (Some(named), [outbox]) = (&scene.case.named, &bounced[..]) {
            prop_assert_eq!(class.class, MailClass::Bounce);
            prop_assert_eq!(*outbox, named.outbox);
            prop_assert!(decided.mails().iter().all(|mail| mail.to.address != named.to));
        } else {
            prop_assert_eq!(&bounced, &[]);
        }

        let staff = |to: &str| scene.policy.is_staff(&address(to));
        let sender = scene.mail.from.as_ref().ok().map(|p| p.address.as_str().to_owned());
        for mail in decided.mails() {
            let to = mail.to.address.as_str();
            prop_assert!(!scene.policy.own_addresses.contains(&mail.to.address), "never to ourselves");
            if mail.manner != Manner::Human && !staff(to) {
                // The program never answers a machine, and never what may be somebody else's.
                prop_assert!(class.class.is_human(), "{:?} to {}", mail.letter.kind(), to);
                let answered = sender.as_deref() == Some(to);
                prop_assert!(!(answered && class.suppressed));
                if scene.release.is_none() {
                    prop_assert!(scene.mail.authentication.verdict != Verdict::Fail);
                }
                if answered && scene.mail.authentication.verdict <= Verdict::None {
                    prop_assert!(scene.case.standing.listed.is_some(), "an unauthenticated stranger");
                }
            }
            if mail.letter.kind() == LetterKind::RelayedReply {
                // Only a consultant's words, only to the ticket's own people, never a command.
                let by = sender.as_deref().map(address).unwrap();
                prop_assert!(scene.policy.consultant(&by).is_some());
                let ticket = &scene.case.tickets[&mail.ticket.unwrap()];
                prop_assert!(ticket.has_participant(&mail.to.address) && ticket.is_open());
                prop_assert!(!scene.mail.text.contains('#') && !scene.mail.text.contains("==="));
                let verdict = scene.mail.authentication.verdict;
                let vouched = scene.release.is_some() && verdict != Verdict::Fail;
                prop_assert!(verdict >= Verdict::Medium || vouched);
            }
        }

        // A machine changes no state, and the client's side never sees what is not its own.
        for ticket in decided.tickets() {
            if let Some(before) = scene.case.tickets.get(&ticket.id) {
                let list = matches!(class.class.name(), "list" | "bulk");
                prop_assert!(class.class.is_human() || list || before.status == ticket.status);
                prop_assert_eq!(&before.client, &ticket.client);
            } else {
                prop_assert_eq!(outcome.name(), "opened");
                let standing = &scene.case.standing;
                prop_assert_eq!(Some(&ticket.client), standing.client());
            }
        }
        // No number of a ticket is ever told to another client's, and a merge tells both sides.
        for ticket in decided.tickets() {
            for dated in &ticket.history {
                if let Fact::Linked { ticket: other, .. } = dated.fact {
                    let other = scene.case.tickets.get(&other);
                    prop_assert!(other.is_none_or(|other| other.client == ticket.client));
                }
            }
            if let Some(root) = ticket.merged_into() {
                let root = decided.tickets().into_iter().find(|t| t.id == root);
                prop_assert!(root.is_some_and(|root| root.is_open() && root.has_participant(&ticket.requester.address)));
            }
        }
        for effect in &decided.0.effects {
            if let Effect::File { ticket, visibility: Visibility::Public, .. } = effect
                && let Some(before) = scene.case.tickets.get(ticket)
            {
                let by = address(sender.as_deref().unwrap());
                let own = before.has_participant(&by)
                    || scene.case.standing.listed.as_ref().is_some_and(|l| l.client == before.client);
                prop_assert!(own || scene.release.is_some());
            }
        }

        // A pure function.
        prop_assert_eq!(&decided.0, &scene.decide().0);
    }
}
