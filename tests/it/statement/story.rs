//! Months to make statements of: a small one told by hand, in which everything happens once, and a
//! busy one drawn from a seed.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use soported::domain::address::{Address, Person};
use soported::domain::authorizer::Authorizer;
use soported::domain::billing::{Bucket, Span};
use soported::domain::charge::{Charge, ChargeKind, NewCharge, Released, WaitsFor};
use soported::domain::effect::HeldCause;
use soported::domain::ids::{ChargeId, ClientId, InboundId, OutboxId, TicketId};
use soported::domain::policy::OutOfHoursTerms;
use soported::domain::statement_books::{Books, Disputed, Earlier, Entry, HeldMail, MailRef};
use soported::domain::ticket::{ClientRef, ClosedAs, Fact, Kind, Priority, Status, Thread, Ticket};

pub const MARIA: &str = "maria@acme.example";
pub const RAUL: &str = "raul@acme.example";
pub const ANA: &str = "ana@grupostaff.com";
pub const BETO: &str = "beto@grupostaff.com";

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

/// A month on its way into books.
pub struct Story {
    pub books: Books,
    charges: i64,
    mails: i64,
}

impl Story {
    /// ACME, with María and Raúl, and nothing else.
    pub fn new() -> Self {
        let entry = |name: &str, of: &str| Entry {
            authorizer: Authorizer {
                person: Person::new(address(of), name),
                can_open: true,
                can_approve: true,
                can_validate: true,
                from: None,
                until: None,
            },
            since: None,
            revoked_at: None,
        };
        Self {
            books: Books {
                client: acme(),
                tickets: Vec::new(),
                released: Vec::new(),
                mails: BTreeMap::new(),
                disputed: Vec::new(),
                held: Vec::new(),
                authorizers: vec![entry("María Pérez", MARIA), entry("Raúl Soto", RAUL)],
                earlier: Vec::new(),
                opened_earlier: Vec::new(),
            },
            charges: 1_000,
            mails: 0,
        }
    }

    /// Books that go on; their numbers do not begin anew.
    pub fn with(books: Books) -> Self {
        Self {
            charges: 5_000,
            mails: 5_000,
            books,
        }
    }

    /// A mail of that moment.
    pub fn mail(&mut self, subject: &str, when: DateTime<Utc>) -> InboundId {
        self.mails += 1;
        let id = InboundId(self.mails);
        let message_id = format!("{:05}.correo@acme.example", id.0);
        self.books.mails.insert(
            id,
            MailRef {
                message_id,
                at: when,
                subject: subject.to_owned(),
            },
        );
        id
    }

    /// María's new ticket.
    pub fn open(&mut self, subject: &str, priority: Priority, when: DateTime<Utc>) -> TicketId {
        let number = i64::try_from(self.books.tickets.len()).unwrap() + 1;
        let kind = Kind::default_for(priority);
        let mut ticket = Ticket {
            id: TicketId(number),
            client: acme(),
            requester: Person::new(address(MARIA), "María Pérez"),
            participants: Vec::new(),
            copied: Vec::new(),
            assignee: None,
            status: Status::New,
            closed_as: None,
            priority,
            kind,
            level: 1,
            official: true,
            opened_at: when,
            thread: Thread {
                subject: subject.to_owned(),
                ..Thread::default()
            },
            history: Vec::new(),
            charges: Vec::new(),
            followed_up_today: 0,
        };
        let inbound = self.mail(subject, when);
        ticket.record(
            when,
            Fact::Opened {
                received_at: when,
                priority,
                kind,
                by_phone: false,
            },
        );
        ticket.record(
            when,
            Fact::ClientWrote {
                by: address(MARIA),
                inbound,
                thanks: false,
            },
        );
        self.books.tickets.push(ticket);
        TicketId(number)
    }

    pub fn ticket(&mut self, id: TicketId) -> &mut Ticket {
        let found = self.books.tickets.iter_mut().find(|ticket| ticket.id == id);
        found.expect("a ticket of the story")
    }

    pub fn record(&mut self, id: TicketId, when: DateTime<Utc>, fact: Fact) {
        self.ticket(id).record(when, fact);
    }

    pub fn status(&mut self, id: TicketId, to: Status, when: DateTime<Utc>) {
        let fact = Fact::StatusChanged {
            to,
            closed_as: None,
        };
        self.record(id, when, fact);
    }

    pub fn close(&mut self, id: TicketId, closed_as: ClosedAs, when: DateTime<Utc>) {
        let fact = Fact::StatusChanged {
            to: Status::Closed,
            closed_as: Some(closed_as),
        };
        self.record(id, when, fact);
    }

    /// A consultant's mail that reaches the client at once, and the follow-up that it is.
    pub fn answer(&mut self, id: TicketId, by: &str, when: DateTime<Utc>) -> ChargeId {
        let subject = format!("RE: {}", self.ticket(id).thread.subject);
        let inbound = self.mail(&subject, when);
        let outbox = OutboxId(inbound.0);
        let queued = Fact::ReplyQueued {
            by: address(by),
            inbound,
        };
        self.record(id, when, queued);
        let sent = Fact::ReplySent {
            outbox,
            inbound: Some(inbound),
        };
        self.record(id, when, sent);
        if self.ticket(id).status == Status::New {
            self.status(id, Status::InProgress, when);
        }
        let line = NewCharge {
            source: Some(inbound),
            ..self.line(ChargeKind::FollowUp, 15, by, when)
        };
        self.charge(id, line)
    }

    /// A line with nothing besides.
    pub fn line(&self, kind: ChargeKind, minutes: i64, by: &str, when: DateTime<Utc>) -> NewCharge {
        NewCharge {
            once: format!("story:{}", self.charges),
            kind,
            minutes,
            bucket: Bucket::InHours,
            factor: None,
            consultant: address(by),
            people: Vec::new(),
            at: when,
            span: None,
            source: None,
            approval: None,
            pending_formalization: false,
            excess: false,
            reverses: None,
            note: String::new(),
        }
    }

    pub fn charge(&mut self, id: TicketId, line: NewCharge) -> ChargeId {
        self.charges += 1;
        let number = ChargeId(self.charges);
        let line = NewCharge {
            once: format!("story:{number}"),
            ..line
        };
        self.ticket(id).charges.push(Charge {
            id: number,
            ticket: id,
            line,
            formalized_at: None,
            approved_at: None,
            is_reversed: false,
        });
        number
    }

    pub fn find(&self, line: ChargeId) -> Charge {
        let mut charges = self.books.tickets.iter().flat_map(|ticket| &ticket.charges);
        let found = charges.find(|charge| charge.id == line);
        found.cloned().expect("a line of the story")
    }

    /// The line that takes another one back.
    pub fn take_back(&mut self, line: ChargeId, when: DateTime<Utc>, note: &str) -> ChargeId {
        let charge = self.find(line);
        let source = self.mail("#revertir", when);
        let reversal = charge.reversal(when, Some(source), note);
        self.charge(charge.ticket, reversal)
    }

    /// The client's word that a line waited for.
    pub fn release(&mut self, line: ChargeId, waited_for: WaitsFor, when: DateTime<Utc>) {
        let source = self.mail("Autorizo", when);
        self.books.released.push(Released {
            charge: line,
            waited_for,
            at: when,
            source,
        });
        let id = self.find(line).ticket;
        let charges = self.ticket(id).charges.iter_mut();
        for charge in charges.filter(|charge| charge.id == line) {
            match waited_for {
                WaitsFor::Formalization => charge.formalized_at = Some(when),
                WaitsFor::Approval => charge.approved_at = Some(when),
            }
        }
    }
}

/// November 2026 of ACME, in which everything happens once.
pub fn november() -> Books {
    let mut story = Story::new();
    let high = Priority::High;
    // Asked for in October, solved in November.
    let old = story.open(
        "Reporte de ventas por sucursal",
        Priority::Low,
        at("10-28 09:00"),
    );
    story.answer(old, ANA, at("10-29 12:00"));
    let session = NewCharge {
        span: Some(Span {
            from: at("11-04 16:30"),
            to: at("11-04 18:00"),
        }),
        people: vec!["Ana Ruiz".to_owned(), "Beto Díaz".to_owned()],
        note: "Revisión de las dimensiones con contabilidad".to_owned(),
        source: Some(story.mail("RE: Reporte de ventas por sucursal", at("11-04 19:10"))),
        ..story.line(ChargeKind::Session, 180, ANA, at("11-04 19:10"))
    };
    story.charge(old, session.clone());
    let evening = NewCharge {
        minutes: 60,
        bucket: Bucket::OutOfHoursApproved,
        factor: Some(1.5),
        span: Some(Span {
            from: at("11-04 18:00"),
            to: at("11-04 18:30"),
        }),
        approval: Some(story.mail("RE: Reporte de ventas por sucursal", at("11-03 11:00"))),
        ..session
    };
    let (asked_in, inbound) = (evening.approval.unwrap(), evening.source.unwrap());
    story.record(
        old,
        at("11-03 12:20"),
        Fact::WindowAccepted {
            from: at("11-04 18:00"),
            to: at("11-04 20:00"),
            by: address(ANA),
            inbound,
            asked_by: address(MARIA),
            asked_in,
        },
    );
    story.charge(old, evening);
    story.status(old, Status::Proposed, at("11-05 10:00"));
    story.answer(old, ANA, at("11-05 10:00"));
    story.close(old, ClosedAs::Validated, at("11-06 09:15"));

    // Answered late, and with a line that was wrong.
    let late = story.open("=SUMA(A1) no calcula, \"urge\"", high, at("11-09 09:00"));
    story.answer(late, BETO, at("11-09 14:05"));
    let wrong = NewCharge {
        note: "-45 minutos, según la bitácora".to_owned(),
        ..story.line(ChargeKind::Work, 45, BETO, at("11-09 16:00"))
    };
    let wrong = story.charge(late, wrong);
    story.take_back(wrong, at("11-10 09:00"), "Era de otro ticket");
    story.answer(late, BETO, at("11-10 12:00"));
    story.status(late, Status::Proposed, at("11-10 12:00"));
    story.close(late, ClosedAs::Validated, at("11-11 10:00"));
    // What was charged in October is taken back in November.
    let october = story.find(ChargeId(1_001)).id;
    story.take_back(october, at("11-12 09:00"), "Correo duplicado");

    // Three attempts, and closed without an answer.
    let silent = story.open(
        "Alta de usuario en nómina",
        Priority::Medium,
        at("11-02 08:45"),
    );
    story.answer(silent, ANA, at("11-02 11:00"));
    story.status(silent, Status::WaitingClient, at("11-02 11:00"));
    for (number, day) in (1..).zip(["11-09 11:00", "11-17 11:00", "11-24 11:00"]) {
        let outbox = OutboxId(9_000 + i64::from(number));
        story.record(silent, at(day), Fact::AttemptQueued { number });
        story.record(silent, at(day), Fact::AttemptSent { number, outbox });
    }
    story.close(silent, ClosedAs::Unattended, at("11-30 18:00"));

    // Beyond the estimate, and more time asked for.
    let deep = story.open(
        "El cierre mensual tarda horas",
        Priority::Critical,
        at("11-17 10:00"),
    );
    story.answer(deep, BETO, at("11-17 10:20"));
    let work = |story: &Story, minutes: i64, when: &str, note: &str| NewCharge {
        note: note.to_owned(),
        ..story.line(ChargeKind::Work, minutes, BETO, at(when))
    };
    let first = work(&story, 225, "11-17 17:30", "Trazas y plan de ejecución");
    story.charge(deep, first);
    let night = NewCharge {
        bucket: Bucket::OutOfHoursUnapproved,
        excess: true,
        ..work(&story, 40, "11-18 20:15", "Índices en la base de pruebas")
    };
    story.charge(deep, night);
    let code_in = story.mail("#presupuesto +4h", at("11-19 09:30"));
    story.record(
        deep,
        at("11-19 09:30"),
        Fact::BudgetAsked {
            by: address(BETO),
            inbound: code_in,
            minutes: 240,
            code: "K7M2".to_owned(),
            reason: "Falta probar los índices con los datos de un año".to_owned(),
        },
    );
    story.status(deep, Status::WaitingApproval, at("11-19 09:30"));

    // More time asked for, and given.
    let given = story.open(
        "Migrar la lista de precios",
        Priority::Medium,
        at("11-10 09:00"),
    );
    story.answer(given, ANA, at("11-10 15:00"));
    let beyond = NewCharge {
        excess: true,
        ..story.line(ChargeKind::Work, 50, ANA, at("11-12 13:00"))
    };
    let beyond = story.charge(given, beyond);
    story.release(beyond, WaitsFor::Approval, at("11-13 10:00"));
    let yes = story.books.released.last().unwrap().source;
    story.record(
        given,
        at("11-13 10:00"),
        Fact::BudgetApproved {
            by: address(RAUL),
            inbound: yes,
            minutes: 120,
        },
    );
    let asked = work(&story, 120, "11-13 10:00", "");
    let noted = NewCharge {
        kind: ChargeKind::Budget,
        source: Some(yes),
        ..asked
    };
    story.charge(given, noted);

    // A call that nobody has confirmed.
    let call = story.open(
        "No entra nadie al sistema",
        Priority::Critical,
        at("11-30 16:00"),
    );
    let unconfirmed = story.ticket(call);
    unconfirmed.official = false;
    unconfirmed.history.truncate(1);
    story.status(call, Status::Provisional, at("11-30 16:00"));
    let line = NewCharge {
        pending_formalization: true,
        ..story.line(ChargeKind::Work, 30, ANA, at("11-30 17:00"))
    };
    story.charge(call, line);

    // A line that is disputed, and one that nobody has answered yet.
    let doubt = story.open(
        "RE: Estado de cuenta de octubre",
        Priority::Medium,
        at("11-20 12:00"),
    );
    story.record(doubt, at("11-20 12:00"), Fact::Disputes { charge: october });
    story.answer(doubt, ANA, at("11-20 13:00"));
    story.books.disputed.push(Disputed {
        charge: october,
        of: old,
        minutes: 15,
        ticket: doubt,
        at: at("11-20 12:00"),
    });
    story.open("Impresión de etiquetas", Priority::Low, at("11-30 17:40"));

    // What is told besides.
    for (from, when) in [
        ("jefe@acme.example", "11-26 10:00"),
        ("jefe@acme.example", "11-27 08:00"),
    ] {
        story.books.held.push(HeldMail {
            from: from.to_owned(),
            cause: HeldCause::Unauthorized,
            at: at(when),
        });
    }
    let months = [
        ("06-10 10:00", 300),
        ("07-08 10:00", 765),
        ("08-12 10:00", 540),
        ("09-09 10:00", 930),
    ];
    for (when, minutes) in months
        .into_iter()
        .chain([("10-14 10:00", 615), ("10-29 12:00", 15)])
    {
        story.books.earlier.push(Earlier {
            since: at(when),
            minutes,
            bucket: Bucket::InHours,
        });
        story.books.opened_earlier.push(at(when));
    }
    story.books.earlier.push(Earlier {
        since: at("09-10 21:00"),
        minutes: 120,
        bucket: Bucket::OutOfHoursApproved,
    });
    story.books
}

/// Draws numbers, the same ones from the same seed.
pub struct Draw(u64);

impl Draw {
    pub fn from(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: i64) -> i64 {
        // Knuth's constants for 64 bits; the high bits are the good ones.
        let mixed = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = mixed.wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % end
    }

    /// A minute of a working day in the month, some of them out of hours.
    fn moment(&mut self) -> DateTime<Utc> {
        let day = 2 + self.below(28);
        let (hour, minute) = (7 + self.below(14), self.below(60));
        at(&format!("11-{day:02} {hour:02}:{minute:02}"))
    }
}

/// A busy November: so many tickets, and so many lines on them besides their follow-ups. Some lines
/// are taken back, some wait for the client, some of that comes.
pub fn busy(seed: u64, tickets: i64, lines: i64) -> Story {
    let mut draw = Draw::from(seed);
    let mut story = Story::new();
    for number in 0..tickets {
        let priority = Priority::ALL[usize::try_from(draw.below(4)).unwrap()];
        let opened = if draw.below(4) == 0 {
            at(&format!("10-{:02} 10:00", 20 + draw.below(10)))
        } else {
            draw.moment()
        };
        let id = story.open(&format!("Solicitud {number} de almacén"), priority, opened);
        let after =
            |draw: &mut Draw, minutes: i64| opened + Duration::minutes(1 + draw.below(minutes));
        if draw.below(10) > 0 {
            let when = after(&mut draw, 1_600);
            story.answer(
                id,
                [ANA, BETO][usize::try_from(draw.below(2)).unwrap()],
                when,
            );
        }
        let waits = after(&mut draw, 6_000).max(opened + Duration::days(1));
        match draw.below(6) {
            0 => story.status(id, Status::WaitingClient, waits),
            1 => story.status(id, Status::WaitingThirdParty, waits),
            2 | 3 => story.close(id, ClosedAs::Validated, waits + Duration::days(2)),
            4 => story.close(id, ClosedAs::Unattended, waits + Duration::days(3)),
            _ => {}
        }
    }
    for _ in 0..lines {
        let id = TicketId(1 + draw.below(tickets));
        let opened = story.ticket(id).opened_at;
        let when = draw.moment().max(opened);
        let bucket = Bucket::ALL[usize::try_from(draw.below(3)).unwrap()];
        let by = [ANA, BETO][usize::try_from(draw.below(2)).unwrap()];
        let kind = [ChargeKind::Work, ChargeKind::Session, ChargeKind::FollowUp];
        let kind = kind[usize::try_from(draw.below(3)).unwrap()];
        let source = story.mail("RE: almacén, \"urge\"", when);
        let factor = (bucket == Bucket::OutOfHoursApproved && draw.below(2) == 0).then_some(1.5);
        let line = NewCharge {
            bucket,
            factor,
            source: Some(source),
            excess: draw.below(12) == 0,
            note: ["", "+1 prueba", "Ajuste, revisión\ny cierre"]
                [usize::try_from(draw.below(3)).unwrap()]
            .to_owned(),
            ..story.line(kind, 1 + draw.below(120), by, when)
        };
        let excess = line.excess;
        let line = story.charge(id, line);
        if excess && draw.below(2) == 0 {
            story.release(
                line,
                WaitsFor::Approval,
                when + Duration::days(draw.below(12)),
            );
        }
        if draw.below(15) == 0 {
            story.take_back(line, when + Duration::days(draw.below(20)), "Repetida");
        }
    }
    story
}
