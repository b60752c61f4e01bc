//! `run --once`: all three loops until nothing is due, and an end.

use std::sync::{Arc, Mutex};

use chrono::{Duration, TimeDelta};
use soported::config::settings::Since;
use soported::daemon::House;
use soported::daemon::poll::PollError;
use soported::ports::{Handover, Trouble, TroubleScope};
use soported::store::Store;

use super::loops_deliver::{Does, Post, ScriptedTransport};
use super::loops_poll::{ScriptedMailbox, Server};
use super::{Shop, StillClock, at, question};

#[tokio::test]
async fn once_carries_a_mail_through_and_ends() {
    let shop = Shop::open();
    let clock = StillClock::at(at("24 10:00"));
    let database = shop.database();
    let ledger = Store::open(&database).unwrap();
    let house = House::new(shop.store, shop.engine, clock.clone(), database).unwrap();
    let (server, post) = (Server::new(7), Arc::new(Mutex::new(Post::default())));
    let mut poll = house.poll(
        ScriptedMailbox(server.clone()),
        "imap".to_owned(),
        Since::All,
    );
    let mut deliver = house.deliver(ScriptedTransport::to(&post), TimeDelta::minutes(10));

    server
        .lock()
        .unwrap()
        .add(1, at("24 09:59"), question("Falla"));
    house.once(&mut poll, &mut deliver).await.unwrap();
    let offered = || std::mem::take(&mut post.lock().unwrap().offered);
    assert_eq!(offered(), ["maria@acme.example", "ana@grupostaff.com"]);
    house.once(&mut poll, &mut deliver).await.unwrap();
    assert_eq!(offered(), [""; 0], "nothing is done twice");

    // Time passes: the limit runs out, the reviews come, and each run still ends.
    for _ in 0..10 {
        clock.advance(Duration::days(1));
        house.once(&mut poll, &mut deliver).await.unwrap();
    }
    let breaches =
        "SELECT count(*) FROM ticket_fact WHERE fact LIKE '%\"response\",\"stage\":\"breach\"%'";
    assert_eq!(super::count(ledger.reader(), breaches), 1);
    let late = "SELECT count(*) FROM ticket WHERE next_action_at <= 0";
    assert_eq!(super::count(ledger.reader(), late), 0);

    // A mailbox that fails is told after everything else is done; a way that is shut ends the run.
    {
        let mut server = server.lock().unwrap();
        server.batch = 1;
        server.fails_after = Some(1);
        server.add(2, at("24 11:00"), question("Otra"));
        server.add(3, at("24 11:00"), question("Y otra"));
    }
    let shut = Handover::Retry(Trouble {
        text: "connection refused".to_owned(),
        scope: TroubleScope::Connection,
    });
    post.lock().unwrap().script.push_back(Does::Ends(shut));
    let error = house.once(&mut poll, &mut deliver).await.unwrap_err();
    assert!(matches!(error, PollError::Mailbox(_)), "{error}");
    let tickets = "SELECT count(*) FROM ticket";
    assert_eq!(super::count(ledger.reader(), tickets), 2);
    clock.advance(Duration::minutes(1));
    server.lock().unwrap().fails_after = None;
    house.once(&mut poll, &mut deliver).await.unwrap();
    assert_eq!(super::count(ledger.reader(), tickets), 3);
    let unsent = "SELECT count(*) FROM outbox WHERE state <> 'sent'";
    assert_eq!(super::count(ledger.reader(), unsent), 0);
}
