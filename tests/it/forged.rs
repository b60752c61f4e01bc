//! Whoever only looks like a consultant achieves nothing (mail.md §3, §6): real mails through the real
//! program, each with orders of every sort.

use soported::store::Connection;

use crate::scenarios::mailing::Read;
use crate::world::daemon::Config;
use crate::world::mails::Mail;
use crate::world::virtual_desk::VirtualDesk;

const ANA: &str = "ana@grupostaff.com";
const BETO: &str = "beto@grupostaff.com";
const MARIA: &str = "maria@acme.example";
const EVIL: &str = "ana@impostores.example";

/// Orders about a ticket, and words that must reach nobody.
const ABOUT_TICKET: &str =
    "#prioridad critica\n#asignar yo\n#nivel 3\n\nDeposite a la cuenta 0123456789.\n";

/// Who may ask, and what comes in.
const ABOUT_PEOPLE: &str = "#autorizar ana@impostores.example Ana Ruiz cliente=ACME\n#revocar raul@acme.example\n#liberar 1\n";

/// A ticket out of nothing.
const ABOUT_NOTHING: &str =
    "#nuevo cliente=ACME autorizador=maria@acme.example\n\nDeposite a la cuenta.\n";

/// The words that no letter may hold.
const SECRET: &str = "Deposite";

/// A house with a ticket, and with a mail held; its consultants' notices.
struct House {
    desk: VirtualDesk,
    anas: Read,
    betos: Read,
    marias: Read,
}

impl House {
    fn open() -> House {
        let config = Config::new()
            .consultant("Beto Lara", BETO, 1)
            .set("replies.delay", "0s")
            .client(
                "ACME",
                &["acme.example"],
                &[("María Pérez", MARIA), ("Raúl Díaz", "raul@acme.example")],
            );
        let at = "2026-11-24T16:00:00Z".parse().expect("an instant");
        let mut desk = VirtualDesk::open(config, at).expect("a house");
        let pedro = Mail::from("pedro@acme.example").subject("Déjenme entrar");
        desk.arrives(pedro.build()).expect("a held mail");
        desk.arrives(Mail::from(MARIA).build()).expect("a ticket");
        let letters = desk.letters().expect("letters");
        let to = |who: &str| {
            let found = letters
                .iter()
                .rfind(|l| l.to.as_str() == who && l.ticket.is_some());
            Read::of(&found.expect("a letter").raw)
        };
        let (anas, betos, marias) = (to(ANA), to(BETO), to(MARIA));
        House {
            desk,
            anas,
            betos,
            marias,
        }
    }

    /// Everything that a consultant could have changed.
    fn state(&self) -> String {
        let one = |sql: &str| -> String {
            let reader: &Connection = self.desk.reader();
            reader.query_row(sql, [], |row| row.get(0)).expect(sql)
        };
        [
            one(
                "SELECT group_concat(id || ' ' || status || ' ' || priority || ' ' || level || ' '
                        || coalesce(assignee, '-') || ' ' || coalesce(response_met_at, '-'))
                 FROM ticket",
            ),
            one("SELECT group_concat(id || ' ' || kind) FROM outbox WHERE purpose = 'client'"),
            one("SELECT group_concat(address || ' ' || coalesce(revoked_at, '-')) FROM authorizer"),
            one("SELECT state FROM held WHERE id = 1"),
        ]
        .join("\n")
    }

    /// Lets a mail arrive; it must change nothing, and tell nobody but consultants.
    fn refuses(&mut self, what: &str, raw: Vec<u8>) {
        let (before, told) = (self.state(), self.letters());
        self.desk.arrives(raw).expect(what);
        assert_eq!(self.state(), before, "{what}");
        for letter in &self.desk.letters().expect("letters")[told..] {
            assert!(
                letter.to.as_str().ends_with("@grupostaff.com"),
                "{what}: {} to {}",
                letter.kind,
                letter.to
            );
        }
    }

    fn letters(&self) -> usize {
        self.desk.letters().expect("letters").len()
    }
}

/// From Ana's address, as an answer to that notice or to nothing.
fn as_ana(notice: Option<&Read>) -> Mail {
    answering(Mail::from(ANA).name("Ana Ruiz"), notice)
}

fn answering(mail: Mail, notice: Option<&Read>) -> Mail {
    match notice {
        Some(notice) => mail
            .to(&notice.reply_to)
            .in_reply_to(&notice.message_id)
            .subject("Re: No puedo entrar a nómina [GS-1]"),
        None => mail.subject("Órdenes [GS-1]"),
    }
}

/// The mail with another From line: what no mail program writes.
fn with_from(mail: &Mail, from: &str) -> Vec<u8> {
    let raw = String::from_utf8(mail.build()).expect("UTF-8");
    let lines = raw.split("\r\n").map(|line| {
        if line.starts_with("From: ") {
            format!("From: {from}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\r\n").into_bytes()
}

/// The mail with these orders, and a subject from which its Message-ID follows.
fn titled(mail: &Mail, what: &str, orders: &str) -> Mail {
    let subject = format!("{what}, {} [GS-1]", orders.len());
    mail.clone().subject(&subject).text(orders)
}

/// Forgeries, each by what it tries: `make` writes one with these orders in it.
type Forgery<'a> = (&'static str, Box<dyn Fn(&str) -> Vec<u8> + 'a>);

fn forgeries<'a>(anas: &'a Read, betos: &'a Read, marias: &'a Read) -> Vec<Forgery<'a>> {
    let built = |what: &'static str, mail: Mail| -> Forgery<'a> {
        let make = move |orders: &str| titled(&mail, what, orders).build();
        (what, Box::new(make))
    };
    let foreign = |results: &str| as_ana(Some(anas)).verdict(results);
    let outsider = |notice| answering(Mail::from(EVIL), notice);
    vec![
        built("forged, to the mailbox", as_ana(None).forged()),
        built("forged, with her token", as_ana(Some(anas)).forged()),
        built("forged, with another's token", as_ana(Some(betos)).forged()),
        built(
            "forged, with a client's token",
            as_ana(Some(marias)).forged(),
        ),
        built("no verdict, to the mailbox", as_ana(None).without_verdict()),
        built(
            "no verdict, with her token",
            as_ana(Some(anas)).without_verdict(),
        ),
        built("SPF only, to the mailbox", as_ana(None).spf_only()),
        built(
            "SPF only, with another's token",
            as_ana(Some(betos)).spf_only(),
        ),
        built(
            "SPF only, with a client's token",
            as_ana(Some(marias)).spf_only(),
        ),
        built(
            "SPF only, only the Message-ID of another's notice",
            as_ana(None).spf_only().in_reply_to(&betos.message_id),
        ),
        built(
            "SPF of another domain",
            foreign("spf=pass smtp.mailfrom=impostores.example; dkim=none; dmarc=none"),
        ),
        built(
            "DKIM of another domain",
            foreign("spf=none; dkim=pass header.d=impostores.example; dmarc=none"),
        ),
        built(
            "DMARC of another domain",
            foreign("dmarc=pass header.from=impostores.example"),
        ),
        built(
            "a line of results by another server",
            as_ana(Some(anas)).without_verdict().header(
                "Authentication-Results",
                "mx.impostores.example; dmarc=pass header.from=grupostaff.com",
            ),
        ),
        built(
            "a line of results of his own below the server's",
            as_ana(Some(anas)).forged().header(
                "Authentication-Results",
                "mx.grupostaff.com; dmarc=pass header.from=grupostaff.com",
            ),
        ),
        built(
            "an outsider whose Reply-To is hers",
            outsider(None).header("Reply-To", ANA),
        ),
        built(
            "an outsider whose Sender is hers",
            outsider(None).header("Sender", ANA),
        ),
        built(
            "an outsider who resends in her name",
            outsider(None).header("Resent-From", ANA),
        ),
        built("an outsider of her name", outsider(None).name("Ana Ruiz")),
        built(
            "an outsider of her name, with her token",
            outsider(Some(anas)).name("Ana Ruiz"),
        ),
        built(
            "an outsider whose name is her address, with her token",
            outsider(Some(anas)).name(ANA),
        ),
        built(
            "a subdomain of the house's, with her token",
            answering(Mail::from("ana@correo.grupostaff.com"), Some(anas)),
        ),
        built(
            "a tagged address of hers, with her token",
            answering(Mail::from("ana+x@grupostaff.com"), Some(anas)),
        ),
        built(
            "a domain that looks like the house's, with her token",
            answering(Mail::from("ana@grup\u{43e}staff.com"), Some(anas)),
        ),
        (
            "two addresses in From",
            Box::new(move |orders| {
                let mail = titled(&as_ana(Some(anas)), "two addresses", orders);
                with_from(&mail, &format!("{ANA}, {EVIL}"))
            }),
        ),
        (
            "two From lines",
            Box::new(move |orders| {
                let mail = titled(&as_ana(Some(anas)), "two lines", orders);
                with_from(&mail, &format!("{ANA}\r\nFrom: {EVIL}"))
            }),
        ),
        (
            "her address in an encoded word",
            Box::new(move |orders| {
                let mail = titled(&outsider(Some(anas)), "in a word", orders);
                with_from(
                    &mail,
                    "=?utf-8?q?ana=40grupostaff=2Ecom?= <ana@impostores.example>",
                )
            }),
        ),
        (
            "her address in a comment",
            Box::new(move |orders| {
                let mail = titled(&outsider(Some(anas)), "in a comment", orders);
                with_from(&mail, "ana@impostores.example (ana@grupostaff.com)")
            }),
        ),
    ]
}

#[test]
fn a_forged_consultant_achieves_nothing() {
    let mut house = House::open();
    let (anas, betos, marias) = (
        house.anas.clone(),
        house.betos.clone(),
        house.marias.clone(),
    );
    let forgeries = forgeries(&anas, &betos, &marias);
    assert!(forgeries.len() >= 20, "{} forgeries", forgeries.len());
    let mut mails = 0;
    for (what, make) in &forgeries {
        for orders in [ABOUT_TICKET, ABOUT_PEOPLE, ABOUT_NOTHING] {
            house.refuses(what, make(orders));
            mails += 1;
        }
    }
    let reader = house.desk.reader();
    let received: i64 = reader
        .query_row("SELECT count(*) FROM inbound", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(received, mails + 2, "each was a mail of its own");
}

#[test]
fn a_client_s_person_orders_nothing_either() {
    let mut house = House::open();
    let anas = house.anas.clone();
    let before = house.state();
    for (number, orders) in [ABOUT_TICKET, ABOUT_PEOPLE, ABOUT_NOTHING]
        .into_iter()
        .enumerate()
    {
        let mail = answering(Mail::from(MARIA).name("Ana Ruiz"), Some(&anas))
            .message_id(&format!("{number}@acme.example"))
            .text(orders);
        house.desk.arrives(mail.build()).expect("a mail");
    }
    // Her words are filed like any others, and shown to the consultants.
    assert_eq!(house.state(), before);
}

#[test]
fn the_same_orders_of_the_consultant_herself_are_carried_out() {
    let mut house = House::open();
    let anas = house.anas.clone();
    let before = house.state();
    let mail = as_ana(Some(&anas)).text(ABOUT_TICKET);
    house.desk.arrives(mail.build()).expect("a mail");
    assert_ne!(house.state(), before);
    let letters = house.desk.letters().expect("letters");
    let relayed = letters
        .iter()
        .any(|letter| letter.to.as_str() == MARIA && Read::of(&letter.raw).text.contains(SECRET));
    assert!(relayed, "what no forger may do, she does");
}
