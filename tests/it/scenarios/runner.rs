//! From a story's text to its end, or to what is wrong with it: file, line, and why. And the
//! runner's own tests, on stories that are wrong in one place.

use super::dump::dump;
use super::language::Fault;
use super::stage::play;
use super::story::Story;

/// Lines shown around the first difference of a dump.
const SHOWN_LINES: usize = 6;

/// Plays a story; its end as a dump.
///
/// # Errors
/// Everything that cannot be understood, or the first thing that does not come true.
pub fn end_of(file: &str, text: &str) -> Result<String, String> {
    let story = Story::read(text).map_err(|faults| report(file, &faults))?;
    let stage = play(&story).map_err(|fault| report(file, &[fault]))?;
    dump(&stage, &story.title).map_err(|what| format!("{file}: {what}"))
}

/// Faults with their places.
pub fn report(file: &str, faults: &[Fault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| format!("{file}:{}: {}", fault.line, fault.what))
        .collect();
    lines.join("\n")
}

/// Where two texts part, with the lines of each from there on.
pub fn first_difference(expected: &str, found: &str) -> String {
    let same = expected.lines().zip(found.lines());
    let place = same.take_while(|(a, b)| a == b).count();
    let from = |text: &str, sign: &str| -> String {
        let lines = text.lines().skip(place).take(SHOWN_LINES);
        lines.map(|line| format!("  {sign} {line}\n")).collect()
    };
    format!(
        "line {}, first the dump, then the end:\n{}{}",
        place + 1,
        from(expected, "-"),
        from(found, "+")
    )
}

/// A story that is right, up to where the tests go on.
const BEGINNING: &str = "\
A story for the runner's own sake
policy §3 \"Tiempo de atención\"

given client ACME with domain acme.example, authorizers María Pérez <maria@acme.example>
given consultant Ana Ruiz <ana@grupostaff.com>

at Wed 2026-12-16 09:00  María writes \"No puedo timbrar\"
";

/// A story that goes on with `more` fails in that line (from 1, of what was added), and says this.
#[track_caller]
fn fails(more: &str, line: usize, words: &str) {
    let told = end_of("x.txt", &format!("{BEGINNING}{more}\n")).expect_err("it came true");
    let place = format!("x.txt:{}: ", BEGINNING.lines().count() + line);
    assert!(told.contains(&place), "not at {place}: {told}");
    assert!(told.contains(words), "not «{words}»: {told}");
}

/// A story that goes on with `more` comes true.
#[track_caller]
fn comes_true(more: &str) -> String {
    end_of("x.txt", &format!("{BEGINNING}{more}\n")).unwrap_or_else(|told| panic!("{told}"))
}

#[test]
fn what_is_so_comes_true() {
    comes_true("expect GS-1 is new, medium, of ACME, answer due Thu 2026-12-17 15:30");
    comes_true("expect acknowledgement to María\nexpect consultant_new_ticket to Ana");
    comes_true("expect acknowledgement to María\nexpect no other mail to María");
}

#[test]
fn what_is_not_so_of_a_ticket_fails_with_what_is_so() {
    fails(
        "expect GS-1 is closed",
        1,
        "expected «closed», but status is new",
    );
    fails("expect GS-1 is new, high", 1, "but priority is medium");
    fails("expect GS-2 is new", 1, "there is no ticket GS-2");
    fails("expect 2 tickets", 1, "there are 1 tickets");
    let due = "but response: limit_at is Thu 2026-12-17 15:30";
    fails("expect GS-1 has answer due 2026-12-17 15:31", 1, due);
    fails("expect GS-1 is answered 2026-12-16 10:00", 1, "is none");
}

#[test]
fn what_was_not_sent_fails_with_what_was() {
    fails(
        "expect relayed_reply to María",
        1,
        "acknowledgement to maria@acme.example, GS-1",
    );
    fails(
        "expect acknowledgement to Ana",
        1,
        "no acknowledgement to ana@grupostaff.com left",
    );
    let says = "expect acknowledgement to María, says \"mañana mismo\"";
    fails(says, 1, "it does not say «mañana mismo»");
    fails(
        "expect acknowledgement to María, omits \"GS-1\"",
        1,
        "it says «GS-1»",
    );
    fails(
        "expect no mail to María",
        1,
        "acknowledgement to maria@acme.example",
    );
    let other = "expect acknowledgement to María\nexpect no other mail";
    fails(other, 2, "consultant_new_ticket to ana@grupostaff.com");
}

#[test]
fn what_is_not_so_of_anything_else_fails_with_what_is_so() {
    let mail = "expect María's mail is filed";
    fails(
        mail,
        1,
        "it is not filed, it is opened, human, strong, public",
    );
    fails("expect María's mail is opened on GS-2", 1, "it is on GS-1");
    fails("expect Ana's mail is filed", 1, "has written nothing");
    let queued = "expect the acknowledgement to María is waiting";
    fails(queued, 1, "it is sent (250 2.0.0 Ok)");
    fails(
        "expect the relayed_reply to María is sent",
        1,
        "no relayed_reply to maria",
    );
    fails("expect held 1 is forged", 1, "there is no held mail 1");
    fails("expect why \"rain\"", 1, "opens GS-1 for ACME");
    fails("expect alarm disk_nearly_full", 1, "alarms raised: []");
    fails(
        "expect Ana may ask for ACME",
        1,
        "ana@grupostaff.com may ask for None",
    );
    let stranger = "at 2026-12-16 10:00  extra@nadie.example writes \"Hola\"\n";
    let nothing = format!("{stranger}expect nothing held");
    fails(&nothing, 2, "1 unknown_domain from extra@nadie.example");
    let cause = format!("{stranger}expect held 1 is forged");
    fails(&cause, 2, "its cause is «unknown_domain»");
    comes_true(&format!(
        "{stranger}expect held 1 is unknown_domain, waiting"
    ));
}

#[test]
fn an_answer_needs_a_mail_that_lies_before_its_author() {
    let answer =
        |which: &str| format!("at 2026-12-16 10:00  Ana answers {which}\n    | Ya lo reviso.");
    fails(
        &answer("GS-2"),
        1,
        "ana@grupostaff.com got no such mail; there are:",
    );
    fails(
        &answer("the 2nd consultant_new_ticket"),
        1,
        "got no such mail",
    );
    fails(&answer("the acknowledgement"), 1, "got no such mail");
    let well = answer("the 1st consultant_new_ticket about GS-1");
    comes_true(&format!("{well}\nexpect GS-1 is in_progress"));
}

#[test]
fn the_house_may_change_its_mind_and_restarts_with_it() {
    let sets = |setting: &str| format!("at 2026-12-16 10:00  the house sets {setting}\n");
    // A new rest day moves what is promised, for clocks are computed and not kept.
    let rest = sets("calendar.extra_closed = [\"2026-12-17\"]");
    comes_true(&format!(
        "{rest}expect GS-1 has answer due Fri 2026-12-18 15:30"
    ));
    fails(
        &sets("calendar.extra_closed = 7"),
        1,
        "calendar.extra_closed",
    );
}

#[test]
fn letters_are_expected_in_the_order_of_their_leaving() {
    let order = "expect consultant_new_ticket to Ana\nexpect acknowledgement to María";
    fails(order, 2, "left before the letter expected last");
    let twice = "expect acknowledgement to María\nexpect acknowledgement to María";
    fails(twice, 2, "or once less");
}

#[test]
fn an_expectation_looks_no_further_back_than_the_scene() {
    let later = "expect GS-1 is new\nat 2026-12-16 10:00\nexpect acknowledgement to María";
    fails(later, 3, "no acknowledgement to maria@acme.example left");
    comes_true("at 2026-12-16 10:00\nexpect acknowledgement to María");
}

#[test]
fn what_cannot_be_understood_is_told_with_the_forms_there_are() {
    fails(
        "suppose it rains",
        1,
        "«suppose» begins no statement; the forms are:",
    );
    fails(
        "at 2026-12-16 10:00  María sings \"Ay\"",
        1,
        "PERSON writes \"SUBJECT\"",
    );
    fails(
        "at noon",
        1,
        "«noon» is no instant such as 2026-12-16 09:00",
    );
    fails(
        "from 2026-12-16 10:00 on it rains",
        1,
        "the service is down",
    );
    fails("expect rain", 1, "expect nothing held");
    fails(
        "expect GS-1 is wet",
        1,
        "«wet» is not said of a ticket; states are provisional",
    );
    fails(
        "expect thunder to María",
        1,
        "no letter is called «thunder»; there are ack",
    );
    fails("expect GS-1 is \"new", 1, "a quotation without end");
    fails("expect held 1 is wet", 1, "nor a cause: unauthorized");
    fails(
        "at 2026-12-16 10:00  Ana answers GS-1",
        1,
        "an answer has words",
    );
}

#[test]
fn an_unknown_person_is_told_with_those_there_are() {
    let told = "nobody is called Pedro; there are María Pérez <maria@acme.example>";
    fails("at 2026-12-16 10:00  Pedro writes \"Hola\"", 1, told);
    fails("expect acknowledgement to Pedro", 1, told);
}

#[test]
fn time_has_one_direction_and_its_own_weekdays() {
    fails("at 2026-12-16 08:59", 1, "time does not go back");
    fails(
        "at Tue 2026-12-16 10:00",
        1,
        "2026-12-16 10:00 is no Tue, it is a Wed",
    );
    fails(
        "from 2026-12-16 08:00 on the service is down",
        1,
        "the time is past",
    );
    let backwards = "from 2026-12-16 12:00 to 2026-12-16 11:00 the service is down";
    fails(backwards, 1, "trouble ends after it begins");
}

#[test]
fn what_an_operator_types_must_go_as_the_story_says() {
    fails(
        "at 2026-12-16 10:00  the operator types \"held show 7\"",
        1,
        "no held mail 7",
    );
    let refused = "at 2026-12-16 10:00  the operator types \"held show 7\", refused \"rain\"";
    fails(refused, 1, "refused, but not with «rain»");
    let well = "at 2026-12-16 10:00  the operator types \"status\", refused \"rain\"";
    fails(well, 1, "the command was not refused");
}

#[test]
fn a_wrong_house_is_told() {
    let house = |given: &str| {
        let text = BEGINNING.replace("\n\nat ", &format!("\n{given}\n\nat "));
        end_of("x.txt", &text).expect_err("it came true")
    };
    let told = house("given setting replies.dealy = \"0s\"");
    assert!(told.contains("replies.dealy"), "{told}");
    let told = house("given setting replies.delay = 0s");
    assert!(told.contains("text stands in quotes"), "{told}");
    let told = house("given client ACME of acme.example");
    assert!(told.contains("given client NAME with domain"), "{told}");
}

#[test]
fn a_story_names_a_section_and_something_happens_in_it() {
    let told = end_of("x.txt", "Nada\n\nat 2026-12-16 09:00\n").expect_err("it came true");
    assert!(told.contains("a story names the sections"), "{told}");
    let told = end_of("x.txt", "Nada\npolicy §3\n").expect_err("it came true");
    assert!(told.contains("nothing happens in it"), "{told}");
}

#[test]
fn the_same_story_ends_the_same_way_twice() {
    let more = "at 2026-12-16 10:00  Ana answers GS-1\n    | Ya lo reviso.\nat 2026-12-18 09:00";
    assert_eq!(comes_true(more), comes_true(more));
}

#[test]
fn a_dump_that_differs_is_shown_from_the_first_line_that_does() {
    let told = first_difference("a\nb\nc", "a\nx\nc");
    assert_eq!(
        told,
        "line 2, first the dump, then the end:\n  - b\n  - c\n  + x\n  + c\n"
    );
}
