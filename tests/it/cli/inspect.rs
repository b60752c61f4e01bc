//! `inspect` over many files, and as people read it.

use std::fs;

use super::{code, stderr, stdout};
use crate::world::daemon::Config;

#[test]
fn many_files_are_told_in_the_order_they_were_named() {
    let house = Config::new().install();
    // More than one round of the threads, with a file missing in the middle.
    let names: Vec<String> = (0..300).map(|n| format!("{n}.eml")).collect();
    for name in names.iter().filter(|name| *name != "150.eml") {
        let mail = format!("From: ana@acme.example\r\nSubject: {name}\r\n\r\nhola\r\n");
        fs::write(house.path(name), mail).expect("a mail");
    }
    let mut arguments = vec!["inspect", "--json"];
    arguments.extend(names.iter().map(String::as_str));
    let output = house.run(&arguments);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("150.eml"));
    let text = stdout(&output);
    let told: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object"))
        .map(|seen| seen["subject"].as_str().expect("a subject").to_owned())
        .collect();
    let wanted: Vec<&String> = names.iter().filter(|name| *name != "150.eml").collect();
    assert_eq!(told.iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn people_read_what_a_mail_is_then_who_sent_it_then_what_it_says() {
    let house = Config::new().install();
    let mail = "From: Ana <ana@acme.example>\r\nSubject: =?utf-8?Q?No_enciende_la_m=C3=A1quina?=\r\n\
        Message-ID: <uno@acme.example>\r\nReferences: <a@x> <b@x> <c@x> <d@x> <e@x>\r\nIn-Reply-To: <e@x>\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nYa no enciende.\r\n\r\n> viejo\r\n--b\r\n\
        Content-Type: application/pdf; name=foto.pdf\r\n\r\nabc\r\n--b--\r\n";
    let output = house.run_with_input(&["inspect", "-"], mail.as_bytes());
    assert_eq!(code(&output), 0);
    assert_eq!(
        stdout(&output),
        "── - ──\n\
         class         human, may be acknowledged\n\
         from          ana@acme.example\n\
         subject       No enciende la máquina\n\
         id            uno@acme.example\n\
         answers       e@x\n\
         references    a@x\n\
         references    … 2 more\n\
         references    d@x\n\
         references    e@x\n\
         attached      foto.pdf (application/pdf, 3 B)\n\
         says\n\
         \x20 │ Ya no enciende.\n\
         in full\n\
         \x20 │ Ya no enciende.\n\
         \x20 │\n\
         \x20 │ > viejo\n\n"
    );
}
