//! The rules as a function: hand-made events and cases in, decisions out. Nothing else is running.

mod access;
mod account;
mod acknowledgement;
mod admission;
mod approval;
mod bounce;
mod charging;
mod classification;
mod consent;
mod contact;
mod delivery;
mod digest;
mod due;
mod failure;
mod intake;
mod invariants;
mod machines;
mod orders;
mod priority;
mod registering;
mod relay;
mod release;
mod states;
mod threading;
mod threads;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use soported::domain::address::{Address, Person};
use soported::domain::calendar::{Calendar, CalendarSpec};
use soported::domain::case::{Candidate, Case, Listed, Standing};
use soported::domain::desk;
use soported::domain::effect::{Decision, Effect, HeldCause, Outcome, Outgoing};
use soported::domain::event::{Destination, Event, Release};
use soported::domain::ids::{ClientId, InboundId, TicketId};
use soported::domain::letter::{Letter, LetterKind};
use soported::domain::message::{Authentication, Mail, MailClass, Marks, Place, Verdict};
use soported::domain::policy::{
    BillingTerms, Brakes, ClockMode, Consultant, ContactTerms, OutOfHoursTerms, PhoneClock,
    PhoneTerms, Phrases, Policy, Receipts, ReplyDefault, ReplyTerms, ResponseTerms, SolutionTerms,
};
use soported::domain::ticket::{ClientRef, ClosedAs, Fact, Kind, Priority, Status, Thread, Ticket};
use soported::domain::token::Purpose;
use soported::domain::validation::ValidationWords;

/// The official address.
pub const SERVICE: &str = "soporte@grupostaff.com";
/// An authorizer of ACME, and the requester of every ticket made by [`ticket`].
pub const MARIA: &str = "maria@acme.example";
/// Another authorizer of ACME.
pub const RAUL: &str = "raul@acme.example";
/// Of ACME's domain, on no list.
pub const PEDRO: &str = "pedro@acme.example";
/// An authorizer of Globex.
pub const LUIS: &str = "luis@globex.example";
/// Of Globex's domain, on no list.
pub const EVA: &str = "eva@globex.example";
/// Known to nobody.
pub const STRANGER: &str = "nadie@otro.example";
/// A consultant of level 1.
pub const ANA: &str = "ana@grupostaff.com";
/// A consultant of level 2, on call.
pub const BETO: &str = "beto@grupostaff.com";
/// Another address of Beto's.
pub const BETO_AT_HOME: &str = "beto@casa.example";
/// The operator.
pub const OPERATOR: &str = "ops@grupostaff.com";

/// The number of the ticket that [`ticket`] makes.
pub const OURS: i64 = 7;
/// The mail that every scene is about.
pub const INBOUND: InboundId = InboundId(100);

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// An instant in Mexico City, in the year 2026: `11-24 10:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    format!("2026-{}:00-06:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

pub fn acme() -> ClientRef {
    ClientRef {
        id: ClientId(1),
        name: "ACME".to_owned(),
        hours: None,
        calendar: None,
        out_of_hours: OutOfHoursTerms::default(),
    }
}

pub fn globex() -> ClientRef {
    ClientRef {
        id: ClientId(2),
        name: "Globex".to_owned(),
        hours: None,
        calendar: None,
        out_of_hours: OutOfHoursTerms::default(),
    }
}

/// The policy as `config.toml` has it, with two consultants and an operator.
pub fn policy() -> Policy {
    let terms = |target: i64, limit: i64| ResponseTerms {
        target: Duration::minutes(target),
        limit: Duration::minutes(limit),
        clock: ClockMode::Business,
    };
    let estimate = |hours: i64| SolutionTerms {
        target: None,
        limit: Duration::hours(hours),
    };
    let consultant =
        |name: &str, main: &str, aliases: &[&str], level: u8, on_call: bool| Consultant {
            person: Person::new(address(main), name),
            aliases: aliases.iter().map(|a| address(a)).collect(),
            level,
            on_call,
        };
    Policy {
        service_name: "Soporte".to_owned(),
        address: address(SERVICE),
        own_addresses: vec![address(SERVICE), address("ayuda@grupostaff.com")],
        ticket_prefix: "GS".to_owned(),
        operators: vec![address(OPERATOR)],
        calendar: Calendar::new(CalendarSpec::mexican_office(Tz::America__Mexico_City)).unwrap(),
        response: BTreeMap::from([
            (Priority::Critical, terms(0, 30)),
            (Priority::High, terms(60, 240)),
            (Priority::Medium, terms(480, 960)),
            (Priority::Low, terms(960, 1_440)),
        ]),
        acknowledgement_counts: false,
        solution: BTreeMap::from(Kind::ALL.map(|kind| (kind, estimate(6)))),
        priority_rules: Vec::new(),
        consultants: vec![
            consultant("Ana Ruiz", ANA, &[], 1, false),
            consultant("Beto Díaz", BETO, &[BETO_AT_HOME], 2, true),
        ],
        contact: ContactTerms {
            attempts: 3,
            interval_business_days: 5,
            question_counts_as_attempt: false,
            close_critical: false,
            update_business_days: 2,
        },
        billing: BillingTerms {
            coalesce: Duration::minutes(15),
            daily_cap: None,
            automatic: false,
            statement_day: None,
        },
        out_of_hours: OutOfHoursTerms {
            minimum_notice: None,
            factor: None,
        },
        phone: PhoneTerms {
            clock_starts: PhoneClock::Call,
            remind_after: Duration::hours(2),
        },
        alert_percents: vec![75, 90],
        validation: ValidationWords::default_patterns(),
        replies: ReplyTerms {
            delay: Duration::seconds(60),
            default: ReplyDefault::InProgress,
            receipts: Receipts::Errors,
            reopen_business_days: 5,
        },
        held_keep_days: 30,
        daily_digest: true,
        brakes: Brakes {
            per_address_hour: 20,
            per_address_day: 60,
            tickets_per_hour: 20,
            automatic_per_hour: 500,
        },
        phrases: Phrases {
            separator: "=== Responda encima de esta línea ===".to_owned(),
            notice: vec!["Lo que escriba encima de esa línea se envía al cliente.".to_owned()],
            ..Phrases::default()
        },
    }
}

/// ACME's open ticket, asked for by María on Monday at 09:00.
pub fn ticket(status: Status) -> Ticket {
    let opened_at = at("11-23 09:00");
    let mut ticket = Ticket {
        id: TicketId(OURS),
        client: acme(),
        requester: Person::new(address(MARIA), "María Pérez"),
        participants: Vec::new(),
        copied: Vec::new(),
        assignee: None,
        status: Status::New,
        closed_as: None,
        priority: Priority::Medium,
        kind: Kind::TechnicalRegular,
        level: 1,
        official: true,
        opened_at,
        thread: Thread {
            subject: "Falla en nómina".to_owned(),
            last_id: Some("primero@acme.example".to_owned()),
            references: vec!["antes@acme.example".to_owned()],
            topic: None,
            index: None,
        },
        history: Vec::new(),
        charges: Vec::new(),
        followed_up_today: 0,
    };
    ticket.record(
        opened_at,
        Fact::Opened {
            received_at: opened_at,
            priority: Priority::Medium,
            kind: Kind::TechnicalRegular,
            by_phone: false,
        },
    );
    if status != Status::New {
        let closed_as = (status == Status::Closed).then_some(ClosedAs::Validated);
        ticket.record(
            at("11-23 10:00"),
            Fact::StatusChanged {
                to: status,
                closed_as,
            },
        );
    }
    ticket
}

/// What the directory of these tests says of an address.
pub fn standing(sender: &str) -> Standing {
    let listed = |client: ClientRef, name: &str| {
        Some(Listed {
            client,
            name: name.to_owned(),
            can_open: true,
            can_approve: true,
            can_validate: true,
        })
    };
    let domain_client = match sender.rsplit_once('@').unwrap().1 {
        "acme.example" => Some(acme()),
        "globex.example" => Some(globex()),
        _ => None,
    };
    let listed = match sender {
        MARIA => listed(acme(), "María Pérez"),
        RAUL => listed(acme(), "Raúl Soto"),
        LUIS => listed(globex(), "Luis Gómez"),
        _ => None,
    };
    let authorizers = match (&listed, &domain_client) {
        (None, Some(client)) if *client == acme() => vec![
            Person::new(address(MARIA), "María Pérez"),
            Person::new(address(RAUL), "Raúl Soto"),
        ],
        (None, Some(_)) => vec![Person::new(address(LUIS), "Luis Gómez")],
        _ => Vec::new(),
    };
    Standing {
        listed,
        domain_client,
        release_client: None,
        colleagues_take_part: false,
        authorizers,
    }
}

/// A mail and what is known when it is decided upon. What is not said has a plain default: on
/// Tuesday 24 November 2026 at 10:00, vouched for, pointing to no ticket.
#[derive(Debug, Clone)]
pub struct Scene {
    pub mail: Mail,
    pub case: Case,
    pub policy: Policy,
    pub release: Option<Release>,
    pub now: DateTime<Utc>,
}

impl Scene {
    /// A mail from this address.
    pub fn from(sender: &str) -> Scene {
        let now = at("11-24 10:00");
        Scene {
            mail: Mail {
                received_at: now,
                from: Ok(Person::new(address(sender), "")),
                reply_to: Vec::new(),
                recipients: vec![address(SERVICE)],
                subject: "No puedo entrar".to_owned(),
                message_id: "este@correo.example".to_owned(),
                in_reply_to: Vec::new(),
                references: Vec::new(),
                thread_topic: None,
                thread_index: None,
                text: "No puedo entrar desde ayer.".to_owned(),
                full_text: "No puedo entrar desde ayer.".to_owned(),
                attachments: Vec::new(),
                forwarded: None,
                omitted_bytes: 0,
                marks: Marks::default(),
                report: None,
                authentication: Authentication {
                    verdict: Verdict::Strong,
                    line: "dmarc=pass".to_owned(),
                },
                tokens: Vec::new(),
                exposed: Vec::new(),
                content_hash: "0".repeat(64),
            },
            case: Case {
                next_ticket: TicketId(42),
                standing: standing(sender),
                ..Case::default()
            },
            policy: policy(),
            release: None,
            now,
        }
    }

    /// A consultant's answer to a notice of his own about this ticket, by the token in To.
    pub fn consultant(sender: &str, ticket: Ticket) -> Scene {
        let main = policy()
            .consultant(&address(sender))
            .unwrap()
            .person
            .address
            .clone();
        let id = ticket.id.0;
        Scene::from(sender)
            .ticket(ticket)
            .token(Place::Recipient, id, main.as_str(), Purpose::Consultant)
            .subject("Re: Falla en nómina [GS-7]")
            .text("Ya quedó; por favor intente de nuevo.")
    }

    pub fn verdict(mut self, verdict: Verdict) -> Scene {
        self.mail.authentication.verdict = verdict;
        self
    }

    pub fn subject(mut self, subject: &str) -> Scene {
        self.mail.subject = subject.to_owned();
        self
    }

    pub fn text(mut self, text: &str) -> Scene {
        self.mail.text = text.to_owned();
        self.mail.full_text = text.to_owned();
        self
    }

    pub fn marks(mut self, set: impl FnOnce(&mut Marks)) -> Scene {
        set(&mut self.mail.marks);
        self
    }

    /// A ticket that exists.
    pub fn ticket(mut self, ticket: Ticket) -> Scene {
        self.case.tickets.insert(ticket.id, ticket);
        self
    }

    /// Something in the mail that points to a ticket, without saying whose mail it was in.
    pub fn points(mut self, place: Place, ticket: i64) -> Scene {
        self.case.candidates.push(Candidate {
            place,
            ticket: TicketId(ticket),
            issued_to: None,
            purpose: None,
        });
        self
    }

    /// A token of ours, issued to somebody for a purpose.
    pub fn token(mut self, place: Place, ticket: i64, to: &str, purpose: Purpose) -> Scene {
        self.case.candidates.push(Candidate {
            place,
            ticket: TicketId(ticket),
            issued_to: Some(address(to)),
            purpose: Some(purpose),
        });
        self
    }

    /// Somebody answers for the mail; `client` as whoever does names it.
    pub fn released(mut self, client: Option<ClientRef>) -> Scene {
        self.release = Some(Release {
            client: client.as_ref().map(|c| c.id),
            ..self.release.unwrap_or_default()
        });
        self.case.standing.release_client = client;
        self
    }

    /// Released into a ticket, or as one of its own; the case says so as the store does.
    pub fn released_to(mut self, to: Destination) -> Scene {
        let release = self.release.get_or_insert_default();
        release.to = to;
        if let Destination::Ticket(id) = to {
            self = self.points(Place::Named, id.0);
        }
        self
    }

    /// Received and decided at that time.
    pub fn at(mut self, time: &str) -> Scene {
        self.mail.received_at = at(time);
        self.now = at(time);
        self
    }

    pub fn decide(&self) -> Decided {
        let event = Event::Mail {
            inbound: INBOUND,
            mail: Box::new(self.mail.clone()),
            release: self.release.clone(),
        };
        Decided(desk::decide(&event, &self.case, &self.policy, self.now))
    }
}

/// Who is shown a machine's mail in a thread: an out-of-office of the client's, a consultant, while
/// an answer is waited for (policy.md §6).
pub fn shown(class: MailClass, status: Status) -> Vec<(LetterKind, &'static str)> {
    let waits = soported::domain::contact::runs_in(status);
    if class == MailClass::AutoReply && waits {
        vec![(LetterKind::ConsultantAutoReply, ANA)]
    } else {
        Vec::new()
    }
}

/// A decision, looked at.
#[derive(Debug, Clone)]
pub struct Decided(pub Decision);

impl Decided {
    /// What became of the mail; there is exactly one answer.
    pub fn outcome(&self) -> Outcome {
        let outcomes: Vec<Outcome> = self
            .0
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Conclude {
                    inbound, outcome, ..
                } => {
                    assert_eq!(*inbound, INBOUND);
                    Some(*outcome)
                }
                _ => None,
            })
            .collect();
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        outcomes[0]
    }

    /// Why it is held, where it is.
    pub fn held(&self) -> Option<HeldCause> {
        let cause = self.0.effects.iter().find_map(|effect| match effect {
            Effect::Hold { cause, .. } => Some(*cause),
            _ => None,
        });
        assert_eq!(cause.is_some(), self.outcome() == Outcome::Held);
        cause
    }

    /// The mails it asks for.
    pub fn mails(&self) -> Vec<&Outgoing> {
        self.0
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(outgoing) => Some(&**outgoing),
                _ => None,
            })
            .collect()
    }

    /// Letters and recipients.
    pub fn sent(&self) -> Vec<(LetterKind, &str)> {
        self.mails()
            .into_iter()
            .map(|mail| (mail.letter.kind(), mail.to.address.as_str()))
            .collect()
    }

    /// The one letter of a kind.
    pub fn letter(&self, kind: LetterKind) -> &Letter {
        let found: Vec<&Letter> = self
            .mails()
            .into_iter()
            .map(|mail| &mail.letter)
            .filter(|letter| letter.kind() == kind)
            .collect();
        assert_eq!(found.len(), 1, "{kind:?} in {:?}", self.sent());
        found[0]
    }

    /// The tickets it writes, in order.
    pub fn tickets(&self) -> Vec<&Ticket> {
        self.0
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::SaveTicket { ticket, .. } => Some(&**ticket),
                _ => None,
            })
            .collect()
    }

    /// The one ticket it writes.
    pub fn ticket(&self) -> &Ticket {
        let tickets = self.tickets();
        assert_eq!(tickets.len(), 1);
        tickets[0]
    }

    /// The facts it adds to a ticket.
    pub fn facts(&self, id: i64) -> Vec<&Fact> {
        self.0
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::SaveTicket { ticket, facts, .. } if ticket.id.0 == id => Some(facts),
                _ => None,
            })
            .flatten()
            .map(|dated| &dated.fact)
            .collect()
    }

    /// How its place was found, as it is stored with the message.
    pub fn thread_evidence(&self) -> &str {
        let evidence = self.0.effects.iter().find_map(|effect| match effect {
            Effect::File {
                thread_evidence, ..
            } => Some(thread_evidence),
            _ => None,
        });
        evidence.expect("it is filed")
    }

    /// On which ticket the mail is filed, and whether the client's side may see it.
    pub fn filed(&self) -> Option<(i64, &'static str)> {
        self.0.effects.iter().find_map(|effect| match effect {
            Effect::File {
                ticket, visibility, ..
            } => Some((ticket.0, visibility.name())),
            _ => None,
        })
    }
}
