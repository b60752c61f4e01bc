//! Who may ask and which held mail comes in, by a consultant's mail, with the real binary: what the
//! command line shows of it afterwards.

use super::{ANA, MARIA, TUESDAY_10, config, held, pass, sent_to, ticket};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

const PEDRO: &str = "pedro@acme.example";

#[test]
fn a_consultant_s_word_stands_in_the_history_and_on_the_held_mail() {
    let mut house = config().install();
    let asked = Mail::from(PEDRO).subject("No abre el sistema");
    pass(&mut house, TUESDAY_10, &[asked]);
    assert_eq!(held(&house).len(), 1);

    let order = Mail::from(ANA)
        .subject("Órdenes")
        .message_id("orden@grupostaff.com")
        .text("#autorizar pedro@acme.example Pedro Gómez\n#liberar 1\n");
    pass(&mut house, "2026-11-24 10:30:00", &[order]);
    assert_eq!(held(&house).len(), 0);
    let shown = house.json(&["held", "show", "1", "--json"]);
    assert_eq!(shown["state"], "released");
    assert_eq!(shown["decided_by"], ANA);
    let opened = ticket(&house, "GS-1");
    assert_eq!(opened["requester"], PEDRO);
    assert_eq!(opened["opened_at"], "2026-11-24T10:00:00-06:00");
    let history = house.json(&["clients", "history", "--json"]);
    let last = history
        .as_array()
        .expect("a list")
        .last()
        .expect("a change");
    assert_eq!(
        (&last["action"], &last["actor"]),
        (&"authorized".into(), &ANA.into())
    );
    assert_eq!(last["address"], PEDRO);
    assert_eq!(last["detail"], "Pedro Gómez, by mail orden@grupostaff.com");
    let told = |house: &Daemon, subject: &str| {
        let sent = sent_to(house, MARIA);
        sent.iter().any(|mail| mail.subject().contains(subject))
    };
    assert!(told(&house, "Nueva persona autorizada: ACME"));

    // By the command line: the ticket passes on at the next run.
    let output = house.run(&["clients", "revoke", PEDRO]);
    assert!(output.status.success());
    pass(&mut house, "2026-11-24 11:00:00", &[]);
    assert_eq!(ticket(&house, "GS-1")["requester"], MARIA);
    assert!(told(&house, "No abre el sistema [GS-1]"));
}
