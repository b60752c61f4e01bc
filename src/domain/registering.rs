//! A ticket that a consultant registers for a client who has not written to us himself: a call, a
//! word in passing, a mail that went to the consultant alone (policy.md §2, §9).
//!
//! It is provisional until one of the client's authorizers answers the request that all of them are
//! sent at once. Policy §2: a clock starts only from mail that reached the official address. Here
//! that is the consultant's own; a call starts it at the call.

use chrono::{DateTime, TimeZone, Utc};

use super::address::Person;
use super::announce::{answer, facts, notices, on_arrival};
use super::client_mail::to_authorizers;
use super::clock;
use super::command::{Assignee, Command, Instructions, Ordered};
use super::company::{self, Asked, Company, Unfound};
use super::desk::Draft;
use super::effect::{Decision, Effect, Outcome, Visibility};
use super::errand;
use super::intake::Intake;
use super::letter::{CommandMistake, Letter};
use super::message::{Mail, Verdict};
use super::opening::{Beginning, begin};
use super::orders::{Refusal, named};
use super::policy::{Consultant, Policy};
use super::priority::{Understood, stated, understand_as};
use super::subject::Subject;
use super::ticket::{Fact, Priority, Status, Thread};
use super::waits;

/// Most authorizers whom an answer about a wrong one names; further ones are dots.
const NAMED_MAX: usize = 4;

/// Decides about a mail without a ticket that holds `#nuevo`; none where it holds none.
pub(super) fn run(
    intake: &Intake,
    consultant: &Consultant,
    instructions: &Instructions,
) -> Option<Decision> {
    let new = instructions
        .commands
        .iter()
        .find(|ordered| matches!(ordered.command, Command::New { .. }))?;
    let registration = Registration {
        intake,
        consultant,
        instructions,
        new,
    };
    let mut objections = registration.objections();
    Some(match registration.whose() {
        Ok((company, requester)) if objections.is_empty() => registration.open(company, requester),
        Ok(_) => errand::refuse(intake, consultant, objections),
        Err(unfound) => {
            objections.insert(0, unfound);
            errand::refuse(intake, consultant, objections)
        }
    })
}

/// A consultant's order to open a ticket, with everything that goes with it.
struct Registration<'a> {
    intake: &'a Intake<'a>,
    consultant: &'a Consultant,
    instructions: &'a Instructions,
    new: &'a Ordered,
}

impl Registration<'_> {
    fn mail(&self) -> &Mail {
        self.intake.mail
    }

    fn policy(&self) -> &Policy {
        self.intake.policy
    }

    fn commands(&self) -> impl Iterator<Item = &Command> {
        self.instructions.commands.iter().map(|o| &o.command)
    }

    fn call(&self) -> Option<&Ordered> {
        let mut all = self.instructions.commands.iter();
        all.find(|ordered| matches!(ordered.command, Command::Phone { .. }))
    }

    /// Everything that keeps the orders from being carried out, besides whose the ticket is to be.
    fn objections(&self) -> Vec<CommandMistake> {
        let orders = self.instructions.commands.iter();
        let refused = orders.filter_map(|ordered| Some((ordered, self.refusal(&ordered.command)?)));
        refused
            .map(|(ordered, refusal)| CommandMistake::refused(&ordered.line, refusal))
            .collect()
    }

    fn refusal(&self, command: &Command) -> Option<Refusal> {
        let mail = self.mail();
        match command {
            Command::New { .. } if mail.authentication.verdict < Verdict::Strong => {
                Some(Refusal::NeedsStrong)
            }
            // Its subject would be that of a mail of ours.
            Command::New { .. } if mail.tokens.iter().any(|found| found.place.is_strong()) => {
                Some(Refusal::WithinThread)
            }
            Command::Phone { .. } if self.begins() > mail.received_at => Some(Refusal::CallAhead),
            // Policy §9: a call implies critical; another stated priority is an error.
            Command::Phone { .. } => stated(&mail.subject, &self.description())
                .is_some_and(|priority| priority != Priority::Critical)
                .then_some(Refusal::NotCritical),
            Command::Priority(to) if *to != Priority::Critical && self.call().is_some() => {
                Some(Refusal::NotCritical)
            }
            Command::Assign(Assignee::Named(name)) => named(self.policy(), name)
                .is_none()
                .then_some(Refusal::UnknownConsultant),
            Command::New { .. }
            | Command::Priority(_)
            | Command::Kind(_)
            | Command::Level(_)
            | Command::Assign(Assignee::Me)
            | Command::Note
            | Command::Help => None,
            _ => Some(Refusal::BesideNew),
        }
    }

    /// The client and its authorizer, or what is wrong with the order that names them.
    fn whose(&self) -> Result<(&Company, &Person), CommandMistake> {
        let (client, authorizer) = match &self.new.command {
            Command::New { client, authorizer } => (client.as_deref(), authorizer.as_deref()),
            _ => (None, None),
        };
        let calendar = &self.policy().calendar;
        let today = calendar.local(self.mail().received_at).date_naive();
        let asked = asked(self.mail(), client, authorizer);
        company::find(&self.intake.case.companies, asked, today).map_err(|unfound| {
            let (refusal, company) = match unfound {
                Unfound::ClientUnsaid => (Refusal::ClientUnsaid, None),
                Unfound::NoSuchClient => (Refusal::UnknownClient, None),
                Unfound::NoAuthorizers => (Refusal::NoAuthorizers, None),
                Unfound::AuthorizerUnsaid(company) => (Refusal::AuthorizerUnsaid, Some(company)),
                Unfound::NoSuchAuthorizer(company) => (Refusal::UnknownAuthorizer, Some(company)),
            };
            CommandMistake {
                suggestion: company.map(|company| form(company, &company.openers(today))),
                ..CommandMistake::refused(&self.new.line, refusal)
            }
        })
    }

    /// Policy §2: the call, at the hour that is stated; otherwise the receipt of the mail.
    fn begins(&self) -> DateTime<Utc> {
        let received_at = self.mail().received_at;
        let hour = self.call().and_then(|ordered| match ordered.command {
            Command::Phone { at } => at,
            _ => None,
        });
        let calendar = &self.policy().calendar;
        let today = calendar.local(received_at).date_naive();
        let called = hour.map(|hour| calendar.zone().from_local_datetime(&today.and_time(hour)));
        // An hour that a clock set forward leaps over never was: the receipt is known.
        called
            .and_then(|called| called.earliest())
            .map_or(received_at, |called| called.with_timezone(&Utc))
    }

    /// The words that describe what is wanted: the consultant's, and those of a mail passed on.
    fn description(&self) -> String {
        let forwarded = self.mail().forwarded.as_ref();
        let original = forwarded.map_or("", |forwarded| &forwarded.text);
        let words = format!("{}\n\n{original}", self.instructions.text);
        words.trim().to_owned()
    }

    fn subject(&self) -> String {
        let bare = |text: &str| Subject::read(text, &self.policy().ticket_prefix).bare;
        let own = bare(&self.mail().subject);
        match &self.mail().forwarded {
            Some(forwarded) if own.is_empty() => bare(&forwarded.subject),
            _ => own,
        }
    }

    fn understood(&self) -> Understood {
        let ordered = self.commands().find_map(|command| match command {
            Command::Priority(to) => Some(*to),
            _ => None,
        });
        let by_call = self.call().map(|_| Priority::Critical);
        let (subject, text) = (&self.mail().subject, self.description());
        let said = by_call.or(ordered).or_else(|| stated(subject, &text));
        let understood = understand_as(said, subject, &text, self.policy());
        let kind = self.commands().find_map(|command| match command {
            Command::Kind(to) => Some(*to),
            _ => None,
        });
        Understood {
            kind: kind.unwrap_or(understood.kind),
            ..understood
        }
    }

    /// The ticket as it begins: not official, and provisional from the moment its authorizers are
    /// asked (policy.md §5).
    fn draft(&self, company: &Company, requester: &Person) -> Draft {
        let (intake, understood) = (self.intake, self.understood());
        let by = self.consultant.person.address.clone();
        let mut draft = begin(&Beginning {
            id: intake.case.next_ticket,
            client: &company.client,
            requester: requester.clone(),
            priority: understood.priority,
            kind: understood.kind,
            by_phone: self.call().is_some(),
            starts_at: self.begins(),
            recorded_at: self.mail().received_at,
            // The client has seen no mail yet: the request begins the conversation.
            thread: Thread {
                subject: self.subject(),
                ..Thread::default()
            },
        });
        draft.ticket.official = false;
        draft.record(
            self.mail().received_at,
            Fact::ConsultantNoted {
                by: by.clone(),
                inbound: intake.inbound,
            },
        );
        let mut changes = vec![Fact::StatusChanged {
            to: Status::Provisional,
            closed_as: None,
        }];
        changes.extend(self.commands().filter_map(|command| match command {
            Command::Level(to) if *to != draft.ticket.level => Some(Fact::LevelChanged {
                to: *to,
                by: by.clone(),
            }),
            Command::Assign(to) => {
                let owner = match to {
                    Assignee::Me => Some(self.consultant),
                    Assignee::Named(name) => named(self.policy(), name),
                };
                Some(Fact::Assigned {
                    to: owner.map(|owner| owner.person.address.clone()),
                    by: by.clone(),
                })
            }
            _ => None,
        }));
        for fact in changes {
            draft.record(intake.now, fact);
        }
        draft
    }

    /// Opens the ticket: the authorizers are asked, the other consultants are told, and the one who
    /// registered it gets a receipt.
    fn open(&self, company: &Company, requester: &Person) -> Decision {
        let (intake, policy, now) = (self.intake, self.policy(), self.intake.now);
        let draft = self.draft(company, requester);
        let ticket = draft.ticket.clone();
        let by_phone = self.call().is_some();
        let today = policy.calendar.local(now).date_naive();
        let asked: Vec<Person> = company.openers(today).into_iter().cloned().collect();
        let answer_by = waits::formalizing(&ticket, policy).and_then(|call| call.decide_at);
        let mut effects = vec![
            draft.save(policy, now),
            Effect::File {
                ticket: ticket.id,
                inbound: intake.inbound,
                // What a consultant writes may be internal; the client reads the request.
                visibility: Visibility::Internal,
                thread_evidence: intake.weighed.evidence("registered the ticket", policy),
                text: self.description(),
            },
        ];
        effects.extend(to_authorizers(
            &ticket,
            &asked,
            "formalize_request",
            now,
            |name| Letter::FormalizeRequest {
                ticket: facts(&ticket, policy),
                name: name.to_owned(),
                by_phone,
                called_at: ticket.opened_at,
                answer_by,
                reminder: false,
            },
        ));
        let receipt = Letter::ConsultantRegistered {
            ticket: facts(&ticket, policy),
            by_phone,
            response_due_at: clock::response(&ticket, policy).owed_at(),
            asked: asked.iter().map(|person| person.name.clone()).collect(),
            answer_by,
            text: self.description(),
        };
        effects.push(answer(intake, self.consultant, Some(&ticket), receipt));
        let mut told = on_arrival(&ticket, policy);
        told.retain(|to| to.person.address != self.consultant.person.address);
        let described = Mail {
            text: self.description(),
            ..self.mail().clone()
        };
        let news = Letter::ConsultantNewTicket;
        effects.extend(notices(&told, &ticket, &described, intake, news));
        effects.extend(
            self.commands()
                .flat_map(|asks| errand::answers(intake, self.consultant, Some(&ticket), asks)),
        );
        let how = if by_phone { ", by phone" } else { "" };
        let why = format!(
            "registers {} for {}{how}, priority {}; {} authorizers are asked to make it official",
            policy.tag(ticket.id),
            ticket.client.name,
            ticket.priority.name(),
            asked.len(),
        );
        intake.conclude(Outcome::Opened, effects, &why)
    }
}

/// Whom `#nuevo` means, by what is written and by the mail that is passed on.
pub fn asked<'a>(
    mail: &'a Mail,
    client: Option<&'a str>,
    authorizer: Option<&'a str>,
) -> Asked<'a> {
    let forwarded = mail.forwarded.as_ref();
    Asked {
        client,
        authorizer,
        sender: forwarded.and_then(|forwarded| forwarded.from.as_ref()),
    }
}

/// The order as it may be written for a company: `#nuevo cliente="ACME" autorizador=a@x|b@x`.
fn form(company: &Company, openers: &[&Person]) -> String {
    let mut names: Vec<&str> = openers
        .iter()
        .take(NAMED_MAX)
        .map(|person| person.address.as_str())
        .collect();
    if openers.len() > NAMED_MAX {
        names.push("…");
    }
    let client = &company.client.name;
    format!(
        "#nuevo cliente=\"{client}\" autorizador={}",
        names.join("|")
    )
}
