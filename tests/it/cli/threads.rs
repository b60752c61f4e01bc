//! Tickets that become one and a mail that gets its own, as other programs see them.

use serde_json::json;

use super::{ANA, MARIA, Sent, TUESDAY_10, config, each, pass, sent_to, ticket};
use crate::world::mails::Mail;

fn answer(from: &str, notice: &Sent, minute: u32, text: &str) -> Mail {
    Mail::from(from)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .subject(&format!("RE: {}", notice.subject()))
        .date(&format!("Tue, 24 Nov 2026 10:{minute}:00 -0600"))
        .text(text)
}

#[test]
fn links_and_moved_messages_are_in_the_documents_of_both_tickets() {
    let mut house = config().install();
    let requests = ["uno@acme.example", "dos@acme.example"].map(|id| {
        Mail::from(MARIA)
            .message_id(id)
            .subject(id)
            .text("No puedo timbrar.")
    });
    pass(&mut house, TUESDAY_10, &requests);

    let acknowledged = sent_to(&house, MARIA).remove(0);
    let more = answer(MARIA, &acknowledged, 10, "Aparte: el reporte no abre.");
    pass(&mut house, "2026-11-24 10:10:00", &[more]);
    let notice = sent_to(&house, ANA).pop().expect("a notice");
    let split = answer(ANA, &notice, 20, "#separar");
    pass(&mut house, "2026-11-24 10:20:00", &[split]);
    let (old, new) = (ticket(&house, "GS-1"), ticket(&house, "GS-3"));
    assert_eq!(
        old["links"],
        json!([{"kind": "split_into", "number": "GS-3"}])
    );
    assert_eq!(
        new["links"],
        json!([{"kind": "split_from", "number": "GS-1"}])
    );
    assert_eq!(new["opened_at"], "2026-11-24T10:10:00-06:00");
    let messages = new["messages"].as_array().expect("a list");
    assert_eq!(each(messages, "class"), ["human", "split_off"]);
    let evidence = "split from GS-1 by a consultant";
    assert_eq!(messages[0]["thread_evidence"], evidence);

    let notice = sent_to(&house, ANA).remove(1);
    let merge = answer(ANA, &notice, 30, "#unir GS-1");
    pass(&mut house, "2026-11-24 10:30:00", &[merge]);
    let merged = ticket(&house, "GS-2");
    assert_eq!(merged["closed_as"], "duplicate");
    assert_eq!(
        merged["links"],
        json!([{"kind": "merged_into", "number": "GS-1"}])
    );
    let links = ticket(&house, "GS-1")["links"].clone();
    assert_eq!(links[1], json!({"kind": "merged_from", "number": "GS-2"}));

    let acknowledged = sent_to(&house, MARIA).remove(1);
    let more = answer(MARIA, &acknowledged, 40, "También la 120.");
    pass(&mut house, "2026-11-24 10:40:00", &[more]);
    let root = ticket(&house, "GS-1");
    let messages = root["messages"].as_array().expect("a list");
    let last = messages.last().expect("messages");
    assert_eq!(last["text"], "También la 120.");
    let evidence = "token in a recipient address; GS-2 goes on in GS-1";
    assert_eq!(last["thread_evidence"], evidence);
}
