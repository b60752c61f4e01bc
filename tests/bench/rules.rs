//! What single steps cost: support hours, reading a mail, deciding about it, writing the answer.
//! Figures are printed, nothing is asserted: `cargo bench --bench rules`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use soported::config::settings::Settings;
use soported::config::{ProcessEnvironment, parse as read_config};
use soported::domain::case::{Case, Listed, Standing};
use soported::domain::desk::decide;
use soported::domain::effect::{Decision, Effect, Outgoing};
use soported::domain::event::Event;
use soported::domain::ids::{ClientId, InboundId, PersonId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::policy::{OutOfHoursTerms, Phrases};
use soported::domain::ticket::ClientRef;
use soported::domain::token::Token;
use soported::mail::compose::{Draft, compose};
use soported::mail::enclosure::Enclosure;
use soported::mail::token::{Key, Keys};
use soported::mail::{parse, quote, text};
use soported::render::{House, Templates};

use world::mails::Mail;

#[allow(dead_code)]
#[path = "../it/world/mod.rs"]
mod world;

/// How long each step is repeated; the figure is the fastest of [`TURNS`] such turns, the one least
/// disturbed by the machine's other work.
const TURN: Duration = Duration::from_millis(200);

/// Turns of each step.
const TURNS: u32 = 5;

/// The house of the samples.
const CONFIG: &str = r#"
[service]
name = "Soporte Grupo Staff"
address = "soporte@grupostaff.com"
database = "soported.db"
operators = ["ops@grupostaff.com"]

[inbound]
kind = "maildir"
path = "inbound"

[authentication]
provider = "authserv"
authserv_id = "mx.grupostaff.com"

[outbound]
kind = "maildir"
path = "outbound"

[[consultants]]
name = "Ana Ruiz"
email = "ana@grupostaff.com"
level = 1
"#;

fn main() {
    let house = Office::open();
    // A Tuesday at ten in Mexico City, within support hours.
    let now: DateTime<Utc> = "2026-11-24T16:00:00Z".parse().expect("an instant");
    let calendar = &house.settings.policy.calendar;
    for (name, hours) in [("36 h", 36), ("a year of office hours", 2_400)] {
        let span = chrono::Duration::hours(hours);
        measure(&format!("calendar: add {name}"), || {
            calendar.add(black_box(now), black_box(span))
        });
    }
    let raw = sample();
    measure(
        &format!("mail: read {:.1} kB", raw.len() as f64 / 1e3),
        || house.read(black_box(&raw), now),
    );
    hostile(&house.settings.policy.phrases);
    let event = Event::Mail {
        inbound: InboundId(1),
        mail: Box::new(house.read(&raw, now)),
        release: None,
    };
    let case = case();
    let policy = &house.settings.policy;
    measure("desk: decide on it", || {
        decide(black_box(&event), black_box(&case), policy, now)
    });
    let outgoing = acknowledgement(decide(&event, &case, policy, now));
    measure("acknowledgement: render", || {
        house.templates.render(&outgoing.letter, &house.house)
    });
    measure("acknowledgement: render and compose", || {
        house.write(black_box(&outgoing), now)
    });
}

/// Bodies of which each line, or each tag, could begin something that is cut; the design asks that
/// each is read within 100 ms.
fn hostile(phrases: &Phrases) {
    /// Their size, in bytes.
    const SIZE: usize = 1024 * 1024;
    let body = |piece: &str| piece.repeat(SIZE / piece.len() + 1);
    for piece in [
        ">",
        "> x\n",
        "El \n",
        "El ",
        "-",
        "x",
        "\n",
        "-- \n",
        "De:\n",
        "De: x\nFecha: 2\n",
        "El 2/3/2026 a las 10:00, Ana <a@b.mx>\n",
        "El 2/3/2026, Ana escribió:\n",
        "Enviado desde mi \n",
        "## Responda por encima\n",
    ] {
        let text = body(piece);
        measure(&format!("1 MB adversarial body {piece:?}"), || {
            quote::newest(black_box(&text), phrases)
        });
    }
    for piece in [
        "<div>",
        "<blockquote type=cite>",
        "<",
        "<div class=gmail_quote>x</div>y",
    ] {
        let html = body(piece);
        measure(&format!("1 MB adversarial body {piece:?}"), || {
            let seen = text::from_html(black_box(&html));
            quote::newest_marked(&seen.text, seen.quote_at, phrases)
        });
    }
}

/// Repeats a step and prints what one costs.
fn measure<T>(name: &str, mut step: impl FnMut() -> T) {
    let turn = |step: &mut dyn FnMut() -> T| {
        let begun = Instant::now();
        let mut repeats = 0_u32;
        while begun.elapsed() < TURN {
            black_box(step());
            repeats += 1;
        }
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(repeats)
    };
    let best = (0..TURNS)
        .map(|_| turn(&mut step))
        .min_by(f64::total_cmp)
        .expect("at least one turn");
    println!("{name:<66} {best:>12.0} ns");
}

/// A request of about 8 kB, typed once and sent as text and HTML.
fn sample() -> Vec<u8> {
    let text =
        "No podemos timbrar la nómina desde ayer, el servidor marca un error.\n\n".repeat(48);
    let html = text.replace("\n\n", "</p>\n<p>");
    Mail::from("maria@acme.example")
        .name("María Pérez")
        .subject("La nómina no timbra")
        .text(&text)
        .html(&format!("<html><body><p>{html}</p></body></html>"))
        .build()
}

/// What the tables would know of it: an authorizer's first mail.
fn case() -> Case {
    let client = ClientRef {
        id: ClientId(1),
        name: "ACME".to_owned(),
        hours: None,
        calendar: None,
        out_of_hours: OutOfHoursTerms::default(),
    };
    Case {
        next_ticket: TicketId(1_000),
        standing: Standing {
            listed: Some(Listed {
                client: client.clone(),
                name: "María Pérez".to_owned(),
                can_open: true,
                can_approve: false,
                can_validate: false,
            }),
            domain_client: Some(client),
            ..Standing::default()
        },
        ..Case::default()
    }
}

fn acknowledgement(decision: Decision) -> Outgoing {
    decision
        .effects
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Send(mail) if mail.letter.kind() == LetterKind::Acknowledgement => Some(*mail),
            _ => None,
        })
        .expect("an authorizer's mail is acknowledged")
}

/// The parts that turn bytes into decisions and decisions into bytes.
struct Office {
    settings: Settings,
    templates: Templates,
    house: House,
    keys: Keys,
}

impl Office {
    fn open() -> Office {
        let mut settings = read_config(CONFIG, Path::new(""), &ProcessEnvironment)
            .expect("a good configuration")
            .settings;
        let templates = Templates::load(None, settings.zone).expect("built-in templates");
        settings.policy.phrases = templates.phrases();
        let house = House {
            service_name: settings.policy.service_name.clone(),
            address: settings.policy.address.to_string(),
            hours: settings.policy.calendar.hours_in_words_data(),
            reply_to: "soporte@grupostaff.com".to_owned(),
            replies: std::collections::BTreeMap::new(),
        };
        let current = Key {
            version: 1,
            secret: [7; 32],
        };
        Office {
            settings,
            templates,
            house,
            keys: Keys {
                current,
                previous: None,
            },
        }
    }

    fn read(&self, raw: &[u8], at: DateTime<Utc>) -> soported::domain::message::Mail {
        let policy = &self.settings.policy;
        let context = parse::Context {
            keys: &self.keys,
            own_addresses: &policy.own_addresses,
            authentication: &self.settings.authentication,
            phrases: &policy.phrases,
            ticket_prefix: &policy.ticket_prefix,
        };
        parse::read(raw, at, &context)
    }

    fn write(&self, outgoing: &Outgoing, now: DateTime<Utc>) -> Vec<u8> {
        let words = self
            .templates
            .render(&outgoing.letter, &self.house)
            .expect("words");
        let token = Token {
            ticket: outgoing.ticket.unwrap_or_default(),
            person: PersonId(1),
            purpose: outgoing.purpose,
        };
        let address = &self.settings.policy.address;
        let message_id = self.keys.message_id(&token, [1; 5], address.domain());
        compose(&Draft {
            outgoing,
            words: &words,
            enclosure: &Enclosure::default(),
            message_id: &message_id,
            reply_to: &self.keys.reply_address(&token, address),
            from: (
                &self.templates.speaker(&outgoing.speaker, &self.house),
                address,
            ),
            tag: outgoing
                .ticket
                .map(|id| self.settings.policy.tag(id))
                .as_deref(),
            token: &self.keys.sign(&token),
            loop_mark: &self.keys.loop_mark(&message_id),
            date: now.with_timezone(&self.settings.zone).fixed_offset(),
        })
        .expect("a mail")
    }
}
