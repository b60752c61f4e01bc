//! A crowd that writes: mails of many senders, each with what must become of it, and the account
//! that is asked for at the end.

use std::collections::BTreeMap;

use super::daemon::Config;
use super::dovecot::Dovecot;
use super::ledger::Ledger;
use super::mails::Mail;
use super::smtp_sink::{Received, SmtpSink};
use super::{SERVER_PATIENCE, wait_until};

/// The consultant who is told of everything and answers.
pub const CONSULTANT: &str = "ana@grupostaff.com";

/// Those who are told of troubles.
pub const OPERATORS: &str = "ops@grupostaff.com";

/// Numbers that look random and are the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that fall as the seed says.
    pub fn new(seed: u64) -> Dice {
        Dice { state: seed }
    }

    /// A number from 0 to `below` - 1.
    pub fn roll(&mut self, below: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % below as u64).expect("smaller than a usize")
    }
}

/// What must become of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It opens a ticket and is acknowledged.
    Opens,
    /// It is filed on the ticket that this mail opened, and the consultant is told.
    FiledWith(String),
    /// A consultant's answer: filed, and relayed to the client.
    Relayed,
    /// It doubles an earlier one.
    Doubles,
    /// It waits for a person.
    Held,
    /// A machine's: recorded, and no more.
    Recorded,
}

impl Fate {
    /// As the ledger calls it.
    fn outcome(&self) -> &'static str {
        match self {
            Fate::Opens => "opened",
            Fate::FiledWith(_) | Fate::Relayed => "filed",
            Fate::Doubles => "duplicate",
            Fate::Held => "held",
            Fate::Recorded => "recorded",
        }
    }
}

/// A mail of the crowd.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Its bytes.
    pub raw: Vec<u8>,
    /// Its Message-ID.
    pub id: String,
    /// What must become of it.
    pub fate: Fate,
}

impl Piece {
    /// The mail that must be there before this one has its fate.
    fn refers_to(&self) -> Option<&str> {
        match &self.fate {
            Fate::FiledWith(first) => Some(first),
            Fate::Doubles => Some(&self.id),
            _ => None,
        }
    }

    fn new(mail: &Mail, fate: Fate) -> Piece {
        Piece {
            raw: mail.build(),
            id: mail.id(),
            fate,
        }
    }
}

/// How many mails of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// That open a ticket.
    pub openings: usize,
    /// By the opener or a colleague, to a mail that opened a ticket.
    pub replies: usize,
    /// Of any of those, delivered once more.
    pub duplicates: usize,
    /// By people nobody knows.
    pub strangers: usize,
    /// By people of a client who are not listed.
    pub unlisted: usize,
    /// Out-of-office answers.
    pub machines: usize,
}

/// Clients and their authorizers.
#[derive(Debug, Clone)]
pub struct Crowd {
    clients: usize,
    authorizers: usize,
}

impl Crowd {
    /// So many clients with so many authorizers each.
    pub fn new(clients: usize, authorizers: usize) -> Crowd {
        Crowd {
            clients,
            authorizers,
        }
    }

    /// Puts them into the directory.
    pub fn listed_in(&self, config: Config) -> Config {
        (0..self.clients).fold(config, |config, client| {
            let people: Vec<(String, String)> = (0..self.authorizers)
                .map(|person| (format!("Persona {person}"), address(client, person)))
                .collect();
            let people: Vec<(&str, &str)> = people
                .iter()
                .map(|(name, email)| (name.as_str(), email.as_str()))
                .collect();
            config.client(&format!("Cliente {client}"), &[&domain(client)], &people)
        })
    }

    /// Mails in an order that the dice choose: replies and duplicates after what they refer to.
    pub fn write(&self, counts: Counts, dice: &mut Dice) -> Vec<Piece> {
        let mut left = [
            counts.openings,
            counts.replies,
            counts.duplicates,
            counts.strangers,
            counts.unlisted,
            counts.machines,
        ];
        let mut pieces: Vec<Piece> = Vec::new();
        let mut opened: Vec<(Mail, usize)> = Vec::new();
        while left.iter().sum::<usize>() > 0 {
            // Kinds come up as often as mails of them are left.
            let mut draw = dice.roll(left.iter().sum());
            let kind = left
                .iter()
                .position(|count| {
                    let hit = draw < *count;
                    draw = draw.saturating_sub(*count);
                    hit
                })
                .expect("within the sum");
            let number = pieces.len();
            let client = dice.roll(self.clients);
            let person = dice.roll(self.authorizers);
            let piece = match kind {
                0 => {
                    // In turn, so that every authorizer writes.
                    let count = opened.len();
                    let client = count % self.clients;
                    let person = count / self.clients % self.authorizers;
                    let mail = Mail::from(&address(client, person))
                        .subject(&format!("Caso {number}: la póliza no cuadra"));
                    opened.push((mail.clone(), client));
                    Piece::new(&mail, Fate::Opens)
                }
                1 | 2 if opened.is_empty() => continue,
                1 => {
                    let (first, client) = &opened[dice.roll(opened.len())];
                    let mail = Mail::from(&address(*client, person))
                        .subject(&format!("RE: respuesta {number}"))
                        .text(&format!("Sigue igual, van {number} veces.\n"))
                        .in_reply_to(&first.id());
                    Piece::new(&mail, Fate::FiledWith(first.id()))
                }
                2 => Piece {
                    fate: Fate::Doubles,
                    ..pieces[dice.roll(pieces.len())].clone()
                },
                3 => Piece::new(
                    &Mail::from(&format!("alguien{number}@desconocido.example")),
                    Fate::Held,
                ),
                4 => Piece::new(
                    &Mail::from(&format!("nuevo{number}@{}", domain(client))),
                    Fate::Held,
                ),
                _ => Piece::new(
                    &Mail::from(&address(client, person))
                        .subject(&format!(
                            "Respuesta automática: fuera de la oficina {number}"
                        ))
                        .header("Auto-Submitted", "auto-replied"),
                    Fate::Recorded,
                ),
            };
            left[kind] -= 1;
            pieces.push(piece);
        }
        pieces
    }
}

fn domain(client: usize) -> String {
    format!("cliente{client}.example")
}

fn address(client: usize, person: usize) -> String {
    format!("persona{person}@{}", domain(client))
}

/// Delivers mails to a mailbox that held `before` of them.
///
/// While clients look, Dovecot numbers mails that come close together in any order. Whoever refers to
/// a mail comes only once that has its number, as in life, where nobody answers what nobody has seen.
pub fn deliver(dovecot: &Dovecot, pieces: &[Piece], before: usize) {
    let mut delivered = 0;
    let flush = |upto: usize, delivered: &mut usize| {
        let raws: Vec<&[u8]> = pieces[*delivered..upto]
            .iter()
            .map(|piece| piece.raw.as_slice())
            .collect();
        dovecot.deliver_all(&raws);
        *delivered = upto;
        wait_until("the mails have their numbers", SERVER_PATIENCE, || {
            (dovecot.dialogue().count() == before + upto).then_some(())
        });
    };
    for (at, piece) in pieces.iter().enumerate() {
        let unnumbered = &pieces[delivered..at];
        if piece
            .refers_to()
            .is_some_and(|id| unnumbered.iter().any(|other| other.id == id))
        {
            flush(at, &mut delivered);
        }
    }
    if delivered < pieces.len() {
        flush(pieces.len(), &mut delivered);
    }
}

/// The consultant's answer to a notice that reached him.
pub fn consultants_answer(notice: &Received) -> Piece {
    let id = message_id(notice);
    let mail = Mail::from(CONSULTANT)
        .subject(&format!("RE: aviso {id}"))
        .text("Ya lo revisé: pueden intentar de nuevo.\n")
        .in_reply_to(&id);
    Piece::new(&mail, Fate::Relayed)
}

/// A mail's Message-ID, without angle brackets.
pub fn message_id(mail: &Received) -> String {
    mail.header("Message-ID")
        .expect("every mail of ours has one")
        .trim_matches(['<', '>'])
        .to_owned()
}

/// What the account showed besides that it balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Different mails that reached the server.
    pub sent: usize,
    /// Copies beyond the first.
    pub repeats: usize,
}

/// The account at rest: every mail exactly once in the ledger with the fate it must have, every
/// effect exactly once, every promised mail with the server at least once, a copy the same to the
/// byte and only where the ledger says that the first one's fate was unknown.
pub fn account(ledger: &Ledger, sink: &SmtpSink, pieces: &[Piece]) -> Account {
    every_mail_is_in_the_ledger_once(ledger, pieces);
    every_effect_exists_once(ledger, pieces);
    every_promise_was_kept(ledger, sink)
}

fn every_mail_is_in_the_ledger_once(ledger: &Ledger, pieces: &[Piece]) {
    let count = i64::try_from(pieces.len()).expect("a small number");
    assert_eq!(ledger.mails(), count, "one row per mail");
    assert_eq!(
        ledger.number("SELECT count(DISTINCT locator) FROM inbound"),
        count,
        "one row per UID"
    );
    let mut rows: Vec<(String, String)> = ledger.rows(
        "SELECT coalesce(i.message_id, t.message_id), coalesce(i.outcome, i.state)
         FROM inbound i LEFT JOIN inbound t ON t.id = i.twin_id",
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    let mut wanted: Vec<(String, String)> = pieces
        .iter()
        .map(|piece| (piece.id.clone(), piece.fate.outcome().to_owned()))
        .collect();
    rows.sort();
    wanted.sort();
    // One by one, for a failure that can be read.
    for (row, wanted) in rows.iter().zip(&wanted) {
        assert_eq!(row, wanted);
    }
}

fn every_effect_exists_once(ledger: &Ledger, pieces: &[Piece]) {
    // Mails filed on tickets: the one that opened it says so.
    let filed: Vec<(String, i64, bool)> = ledger.rows(
        "SELECT message_id, ticket_id, thread_evidence = 'opened the ticket'
         FROM message WHERE direction = 'in'",
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    );
    let mut tickets: BTreeMap<&str, Vec<(i64, bool)>> = BTreeMap::new();
    for (id, ticket, opened) in &filed {
        tickets.entry(id).or_default().push((*ticket, *opened));
    }
    let one = |id: &str| match tickets.get(id).map(Vec::as_slice) {
        Some([(ticket, opened)]) => (*ticket, *opened),
        other => panic!("{id} is filed {other:?}"),
    };
    for piece in pieces {
        match &piece.fate {
            Fate::Opens => assert!(one(&piece.id).1, "{} opens a ticket", piece.id),
            Fate::FiledWith(first) => {
                assert_eq!(one(&piece.id), (one(first).0, false), "{}", piece.id);
            }
            Fate::Relayed => assert!(!one(&piece.id).1, "{} is filed", piece.id),
            Fate::Doubles | Fate::Held | Fate::Recorded => {}
        }
    }
    let of = |wanted: fn(&Fate) -> bool| {
        let count = pieces.iter().filter(|piece| wanted(&piece.fate)).count();
        i64::try_from(count).expect("a small number")
    };
    let opened = of(|fate| *fate == Fate::Opens);
    let replies = of(|fate| matches!(fate, Fate::FiledWith(_)));
    let relayed = of(|fate| *fate == Fate::Relayed);
    assert_eq!(filed.len() as i64, opened + replies + relayed);
    assert_eq!(ledger.tickets(), opened, "one ticket per opening mail");
    let letters = |kind: &str| {
        ledger.number(&format!(
            "SELECT count(*) FROM outbox WHERE kind = '{kind}'"
        ))
    };
    assert_eq!(letters("acknowledgement"), opened);
    assert_eq!(
        ledger
            .number("SELECT count(DISTINCT ticket_id) FROM outbox WHERE kind = 'acknowledgement'"),
        opened,
        "one acknowledgement per ticket"
    );
    assert_eq!(letters("consultant_new_ticket"), opened);
    assert_eq!(letters("consultant_client_reply"), replies);
    // One to the requester, and one to everybody who has joined him by answering.
    let to_requester = "SELECT count(*) FROM outbox JOIN ticket ON ticket.id = ticket_id
         WHERE outbox.kind = 'relayed_reply' AND recipient = requester";
    assert_eq!(ledger.number(to_requester), relayed);
    assert_eq!(
        letters("relayed_reply"),
        ledger.number(
            "SELECT count(DISTINCT journal_id || ' ' || recipient) FROM outbox
             WHERE kind = 'relayed_reply'"
        ),
        "each person once"
    );
    assert_eq!(letters("reply_not_sent"), 0);
}

fn every_promise_was_kept(ledger: &Ledger, sink: &SmtpSink) -> Account {
    let mut copies: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for mail in sink.mails() {
        copies.entry(message_id(&mail)).or_default().push(mail);
    }
    let promised: Vec<(String, String, i64, Vec<u8>, String)> = ledger.rows(
        "SELECT message_id, recipient, uncertain, raw, state FROM outbox",
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    );
    let mut repeats = 0;
    for (id, recipient, uncertain, packed, state) in &promised {
        let raw = zstd::decode_all(packed.as_slice()).expect("a packed mail");
        let copies = copies
            .remove(id)
            .unwrap_or_else(|| panic!("{id} to {recipient} ({state}) never reached the server"));
        for copy in &copies {
            assert_eq!(copy.to, [recipient.as_str()], "{id}");
            assert_eq!(copy.text(), String::from_utf8_lossy(&raw), "{id}");
        }
        let again = copies.len() - 1;
        assert!(
            again as i64 <= *uncertain,
            "{id}: {again} copies without a doubt"
        );
        repeats += again;
    }
    assert!(copies.is_empty(), "the ledger knows nothing of {copies:?}");
    Account {
        sent: promised.len(),
        repeats,
    }
}
