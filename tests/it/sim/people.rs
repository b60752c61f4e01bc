//! The people outside: what they write, what they answer to what really reached them, and how it
//! reaches the mailbox (late, twice, out of order).

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use super::outside::World;
use super::transport::Accepted;
use super::writing::{self, Reading};

pub const ANA: &str = "ana@grupostaff.com";
pub const LUIS: &str = "luis@grupostaff.com";
pub const OPERATORS: &str = "ops@grupostaff.com";

/// Authorizers of two clients.
pub const AUTHORIZERS: [&str; 3] = [
    "maria@acme.example",
    "jorge@acme.example",
    "carla@beta.example",
];

/// Of a client's domain, on nobody's list.
pub const UNLISTED: [&str; 2] = ["nuevo@acme.example", "otra@beta.example"];

/// What the people's mails may come to in one run; nobody answers any more beyond.
const LETTERS_MAX: usize = 110;

/// What a mail to the service is, and so what may become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// Received before the first start.
    Before,
    /// An authorizer asks for help; true: an acknowledgement may be sent.
    Opening(bool),
    /// The client's side answers a mail of ours, or adds to it.
    Reply,
    /// A consultant answers a notice.
    Consultant(Words),
    /// Somebody nobody knows.
    Stranger,
    /// Somebody nobody knows answers in a thread.
    ThirdParty,
    /// A colleague whom nobody listed.
    Unlisted,
    /// The receiving server says that the sender is false.
    Forged,
    /// The receiving server says nothing of the sender.
    Unauthenticated,
    /// An out-of-office answer.
    AutoReply,
    /// A report that this mail of ours (by its id) did not arrive.
    Bounce(String),
    /// A report that a mail of ours is late.
    Delay,
    /// Our own mail, come back.
    Loop,
    /// A newsletter.
    Newsletter,
}

/// What a consultant's mail says, as far as the client may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// For the client, without commands.
    Plain,
    /// For the client, below commands.
    Commanded,
    /// For nobody outside: a note, a wrong command, an answer to a colleague's notice.
    Inside,
}

impl Sort {
    /// Whether a machine wrote it, or somebody whom nobody vouches for: no answer, ever.
    pub fn is_mute(&self) -> bool {
        match self {
            Sort::Before
            | Sort::Stranger
            | Sort::ThirdParty
            | Sort::Forged
            | Sort::Unauthenticated
            | Sort::AutoReply
            | Sort::Bounce(_)
            | Sort::Delay
            | Sort::Loop
            | Sort::Newsletter => true,
            Sort::Opening(_) | Sort::Reply | Sort::Consultant(_) | Sort::Unlisted => false,
        }
    }
}

/// A mail to the service.
#[derive(Debug, Clone)]
pub struct Letter {
    pub sort: Sort,
    pub id: String,
    pub from: String,
    pub raw: Vec<u8>,
    /// Of the raw mail, as the ledger keeps it.
    pub sha256: Vec<u8>,
    /// A word that stands in it and nowhere else.
    pub marker: String,
    /// When it reached the mailbox, each time.
    pub arrived: Vec<DateTime<Utc>>,
}

/// A mail of ours as the ledger has it, for those who read it.
#[derive(Debug, Clone)]
pub struct Known {
    pub kind: String,
    pub purpose: String,
}

/// Everybody outside, with what they have written and what is on its way.
#[derive(Debug, Default)]
pub struct People {
    pub letters: Vec<Letter>,
    due: BTreeMap<(DateTime<Utc>, usize), (usize, Duration)>,
    posted: usize,
    /// They write nothing new any more.
    pub quiet: bool,
    /// They say outside what was for inside; see `Sabotage`.
    indiscreet: bool,
    /// What they ask for is forged; see `Sabotage`.
    forgers: bool,
}

impl People {
    /// People as they are, or in a conspiracy (see `Sabotage`).
    pub fn who(indiscreet: bool, forgers: bool) -> People {
        People {
            indiscreet,
            forgers,
            ..People::default()
        }
    }

    /// When the next mail arrives.
    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Mails whose time has come reach the mailbox, each at its own time.
    pub fn deliver(&mut self, world: &mut World) {
        while let Some(entry) = self.due.first_entry() {
            let (at, serial) = *entry.key();
            if at > world.now {
                return;
            }
            let (place, hidden) = entry.remove();
            let letter = &mut self.letters[place];
            letter.arrived.push(at);
            let seen = if hidden > Duration::zero() { ", hidden" } else { "" };
            let line = format!("mail {serial}: {:?} {} arrives{seen}", letter.sort, letter.id);
            world.note(line);
            world.server.receive(letter.raw.clone(), at, hidden);
        }
    }

    /// Posts a mail that arrives at about that time: late, and now and then twice.
    pub fn post(&mut self, world: &mut World, letter: writing::Written, at: DateTime<Utc>) {
        let place = self.letters.len();
        let once = matches!(letter.sort, Sort::Newsletter | Sort::Before);
        let twice = world.chance(70) && !once;
        let hidden = if world.chance(50) {
            world.seconds(5, 3 * 3_600)
        } else {
            Duration::zero()
        };
        self.letters.push(Letter {
            sha256: Sha256::digest(&letter.raw).to_vec(),
            sort: letter.sort,
            id: letter.id,
            from: letter.from,
            raw: letter.raw,
            marker: letter.marker,
            arrived: Vec::new(),
        });
        // INTERNALDATE has whole seconds.
        let at = DateTime::from_timestamp(at.timestamp(), 0).expect("of this century");
        self.arrive(place, at, hidden);
        if twice {
            let later = world.seconds(1, 48 * 3_600);
            self.arrive(place, at + later, Duration::zero());
        }
    }

    fn arrive(&mut self, place: usize, at: DateTime<Utc>, hidden: Duration) {
        self.posted += 1;
        self.due.insert((at, self.posted), (place, hidden));
    }

    /// Somebody reads a mail of ours, and may answer.
    pub fn read(&mut self, world: &mut World, mail: &Accepted, known: &Known) {
        if self.quiet || self.letters.len() >= LETTERS_MAX || mail.to == OPERATORS {
            return;
        }
        if mail.to == ANA || mail.to == LUIS {
            self.consultant_reads(world, mail, known);
        } else {
            self.client_reads(world, mail, known);
        }
    }

    fn client_reads(&mut self, world: &mut World, mail: &Accepted, known: &Known) {
        let reading = Reading::of(mail);
        let human = known.kind == "relayed_reply";
        // A mailbox that is full or gone says so after it has taken the mail.
        if world.chance(40) {
            let after = world.seconds(0, 30 * 3_600);
            let at = mail.at + after;
            let action = if world.chance(200) { "delayed" } else { "failed" };
            let report = writing::report(&reading, &mail.id, &mail.to, action, at, self.posted);
            self.post(world, report, at);
            if action == "failed" {
                return;
            }
        }
        if world.chance(120) {
            let at = mail.at + world.seconds(1, 90);
            let away = writing::out_of_office(&reading, &mail.to, at, self.posted);
            self.post(world, away, at);
        }
        if world.chance(15) {
            let after = world.seconds(1, 600);
            let at = mail.at + after;
            let back = writing::come_back(mail);
            self.post(world, back, at);
        }
        let answers = if human { 550 } else { 200 };
        if known.purpose == "client" && world.chance(answers) {
            let after = if world.chance(700) {
                world.seconds(120, 8 * 3_600)
            } else {
                world.seconds(8 * 3_600, 9 * 86_400)
            };
            let at = mail.at + after;
            let words = world.dice.roll(4);
            // Now and then it is somebody else who answers.
            let from = match world.dice.roll(40) {
                0..=3 => colleague(&mail.to),
                4 => "perito@despacho.example",
                _ => &mail.to,
            };
            let reply = writing::reply(&reading, from, words, at, self.posted);
            self.post(world, reply, at);
        }
    }

    fn consultant_reads(&mut self, world: &mut World, mail: &Accepted, known: &Known) {
        if !known.kind.starts_with("consultant_") || !world.chance(620) {
            return;
        }
        let reading = Reading::of(mail);
        let after = if world.chance(800) {
            world.seconds(60, 5 * 3_600)
        } else {
            world.seconds(5 * 3_600, 3 * 86_400)
        };
        let at = mail.at + after;
        // Forwarded to a colleague, who answers it from his own address.
        let borrowed = world.chance(40);
        let from = match (borrowed, mail.to.as_str()) {
            (true, ANA) => LUIS,
            (true, _) => ANA,
            (false, own) => own,
        };
        let form = world.dice.roll(100);
        let mut answer = writing::answer(&reading, from, form, borrowed, at, self.posted);
        if self.indiscreet {
            answer.sort = Sort::Consultant(Words::Inside);
        }
        self.post(world, answer, at);
    }

    /// Everything that somebody writes by himself, over `weeks` from `start` on.
    pub fn plan(&mut self, world: &mut World, start: DateTime<Utc>, weeks: i64) {
        let before = start - Duration::hours(30);
        let old = writing::opening(AUTHORIZERS[0], Sort::Before, 0, before, self.posted);
        self.post(world, old, before);
        let openings = 5 + world.dice.roll(6);
        for _ in 0..openings {
            let at = office_time(world, start, weeks);
            let from = AUTHORIZERS[world.dice.roll(AUTHORIZERS.len())];
            let form = world.dice.roll(10);
            let sort = if self.forgers {
                Sort::Forged
            } else {
                Sort::Opening(form != 0)
            };
            let opening = writing::opening(from, sort, form, at, self.posted);
            self.post(world, opening, at);
        }
        for _ in 0..2 + world.dice.roll(5) {
            let at = start + world.seconds(0, weeks * 7 * 86_400);
            let sort = match world.dice.roll(5) {
                0 => Sort::Stranger,
                1 => Sort::Unlisted,
                2 => Sort::Forged,
                3 => Sort::Unauthenticated,
                _ => Sort::Newsletter,
            };
            let who = world.dice.roll(2);
            let other = writing::other(sort, who, at, self.posted);
            self.post(world, other, at);
        }
    }
}

fn colleague(of: &str) -> &'static str {
    if of.ends_with("@acme.example") {
        AUTHORIZERS[usize::from(of == AUTHORIZERS[0])]
    } else {
        UNLISTED[1]
    }
}

/// Mostly in the hours in which people write.
fn office_time(world: &mut World, start: DateTime<Utc>, weeks: i64) -> DateTime<Utc> {
    let at = start + world.seconds(0, (weeks - 1) * 7 * 86_400);
    if world.chance(250) {
        return at;
    }
    let midnight = at.timestamp() - at.timestamp().rem_euclid(86_400);
    let hour = world.seconds(14 * 3_600, 25 * 3_600);
    DateTime::from_timestamp(midnight, 0).expect("of this century") + hour
}
