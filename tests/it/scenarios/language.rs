//! The language of the stories, word by word: clauses, quotations, instants, lengths of time; and
//! the list of its forms, which is what an author is shown who writes something else.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeZone, Utc, Weekday};
use chrono_tz::America::Mexico_City;

/// Something in a story file that cannot be, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from one.
    pub line: usize,
    /// What is wrong, for the author.
    pub what: String,
}

/// What a part of the runner answers where no line is known yet.
pub type Told<T> = Result<T, String>;

/// Every form of a statement. `T` is an instant of Mexico City such as `2026-12-16 09:00`, with a
/// weekday before it if one likes (it is checked); people are called by their first name, whole
/// name in quotes, or address.
const FORMS: &[(&str, &[&str])] = &[
    (
        "given",
        &[
            "given the house as in config.toml",
            "given setting KEY = VALUE                      any key of config.toml, as TOML;",
            "    `digest.enabled = true` for daily digests, which are left out otherwise",
            "given client NAME with domain a.example and b.example, authorizers María Pérez",
            "    <maria@a.example>, Raúl Díaz <raul@a.example>     on one line; below it, if need be,",
            "    | Eva Sol <eva@a.example>, can_approve = false, until = \"2027-01-31\"",
            "    | same_domain_participants = true            keys of clients.toml",
            "given consultant Ana Ruiz <ana@house.example>, level 1, on call",
            "given person Pedro Gómez <pedro@a.example>     anybody else who writes",
        ],
    ),
    (
        "at",
        &[
            "at T                                           time passes",
            "at T  PERSON writes \"SUBJECT\"                  the text below, in lines that begin with |",
            "at T  PERSON answers REF                       as a mail program does: headers and quote",
            "at T  PERSON answers REF to all                the other people on it too",
            "at T  PERSON forwards REF",
            "    REF: GS-1 (the last mail about it) · the KIND · the 2nd KIND · the last mail ·",
            "    PERSON's mail; each of the mails that this person got; KIND is a folder of templates/",
            "    then, if need be: , copies PERSON and PERSON · , to ADDRESS · , subject \"…\" ·",
            "    , unauthenticated · , forged · , vouched for by SPF only · , dated T ·",
            "    , with header \"NAME: VALUE\" · , with attachment \"NAME\" · , without quoting ·",
            "    , without thread headers · , to the plain address",
            "at T  PERSON's mailbox answers REF             an out-of-office answer",
            "at T  PERSON's mail arrives again              the same bytes once more",
            "at T  the KIND to PERSON bounces               , with \"550 5.1.1 no such user\"",
            "at T  the KIND to PERSON is delayed            , with \"451 4.4.1 no answer\"",
            "at T  the operator types \"held release 1\"      any command of soported; , refused \"…\"",
            "at T  the house sets KEY = VALUE               and restarts the service",
        ],
    ),
    (
        "from",
        &[
            "from T to T  the service is down               `from T on` where it does not end",
            "from T to T  the mailbox cannot be reached",
            "from T to T  no mail can leave",
            "from T to T  mail to PERSON is answered \"550 5.1.1 no such user\"     4xx: deferred",
            "from T to T  mail to PERSON ends in silence",
        ],
    ),
    (
        "expect",
        &[
            "expect GS-1 is ATTRIBUTE, ATTRIBUTE …          `is` or `has`",
            "    new · in_progress · … · closed as unattended · low · high · investigation · level 2 ·",
            "    official · not official · assigned to PERSON · unassigned · requested by PERSON ·",
            "    of CLIENT · continues GS-2 · answer due T · answer aimed at T · answered T ·",
            "    unanswered · in time · late · waited 1h30m · solution running · solution paused ·",
            "    solution not started · solution since T · solution due T · solution due open ·",
            "    solution used 1h30m · solution late · solution in time · budget 6h · used 45m · billable 45m ·",
            "    no attempts · attempts T and T · next attempt T · closes T · no next attempt ·",
            "    no closing · next T",
            "expect N tickets                               `no tickets`",
            "expect KIND to PERSON                          , about GS-1 · , says \"…\" · , omits \"…\" ·",
            "    , with file \"…\" · , without file \"…\" ·",
            "    , subject \"…\" · , from \"…\" · , at T; sent since the last `at` that was followed by",
            "    expectations, and after the letter of the expectation before",
            "expect no mail                                 `to PERSON`, `about GS-1`",
            "expect no other mail                           besides those expected since",
            "expect no KIND                                 `to PERSON`, `about GS-1`",
            "expect the KIND to PERSON is STATE             waiting · retry · failed · uncertain ·",
            "    cancelled · sent; , until T",
            "expect held 1 is CAUSE or STATE                , from PERSON · , of CLIENT · , about GS-1",
            "expect nothing held",
            "expect PERSON's mail is WORD, WORD …           opened on GS-1 · filed on GS-1 · held ·",
            "    recorded · duplicate · unseen; its class; its verdict; public · internal",
            "expect why \"…\"                                 in a decision since the last `at`",
            "expect output says \"…\"                         of the operator's last command",
            "expect alarm CAUSE                             `no alarm`",
            "expect PERSON may ask for CLIENT               `may not ask`",
        ],
    ),
];

/// The forms that begin with this word, or all of them.
pub fn forms(word: &str) -> String {
    let known = FORMS.iter().any(|(first, _)| *first == word);
    let wanted = FORMS
        .iter()
        .filter(|(first, _)| !known || *first == word)
        .flat_map(|(_, forms)| forms.iter());
    let lines: Vec<String> = wanted.map(|form| format!("    {form}")).collect();
    format!("the forms are:\n{}", lines.join("\n"))
}

/// A word of a clause; an instant is one word.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    quoted: bool,
}

/// A statement's clauses, which commas part, each in its words. What stands in quotes is one word;
/// what follows ` # ` is a remark.
///
/// # Errors
/// A quotation without end.
pub fn clauses(statement: &str) -> Told<Vec<Vec<String>>> {
    let mut clauses: Vec<Vec<Word>> = vec![Vec::new()];
    let mut word = String::new();
    let mut letters = statement.chars().peekable();
    let end = |word: &mut String, clauses: &mut Vec<Vec<Word>>| {
        if !word.is_empty() {
            let text = std::mem::take(word);
            let last = clauses.last_mut().expect("one at least");
            last.push(Word {
                text,
                quoted: false,
            });
        }
    };
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                end(&mut word, &mut clauses);
                let mut text = String::new();
                loop {
                    match letters.next() {
                        Some('"') => break,
                        Some('\\') if letters.peek() == Some(&'"') => {
                            text.extend(letters.next());
                        }
                        Some(other) => text.push(other),
                        None => return Err("a quotation without end".to_owned()),
                    }
                }
                let last = clauses.last_mut().expect("one at least");
                last.push(Word { text, quoted: true });
            }
            ',' => {
                end(&mut word, &mut clauses);
                clauses.push(Vec::new());
            }
            '#' if word.is_empty() && letters.peek() == Some(&' ') => break,
            letter if letter.is_whitespace() => end(&mut word, &mut clauses),
            letter => word.push(letter),
        }
    }
    end(&mut word, &mut clauses);
    Ok(clauses.into_iter().map(joined).collect())
}

/// A clause's words, those of an instant as one.
fn joined(words: Vec<Word>) -> Vec<String> {
    let mut joined: Vec<Word> = Vec::new();
    for word in words {
        let before = joined.last_mut().filter(|before| {
            let weekday = is_weekday(&before.text) && is_date(&word.text);
            let hour =
                before.text.split(' ').next_back().is_some_and(is_date) && is_time(&word.text);
            !before.quoted && !word.quoted && (weekday || hour)
        });
        match before {
            Some(before) => before.text = format!("{} {}", before.text, word.text),
            None => joined.push(word),
        }
    }
    joined.into_iter().map(|word| word.text).collect()
}

fn is_weekday(word: &str) -> bool {
    word.chars().all(char::is_alphabetic) && word.parse::<Weekday>().is_ok()
}

fn is_date(word: &str) -> bool {
    word.parse::<chrono::NaiveDate>().is_ok()
}

fn is_time(word: &str) -> bool {
    word.contains(':') && word.len() <= 8 && word.starts_with(|c: char| c.is_ascii_digit())
}

/// `2026-12-16 09:00` in Mexico City, with seconds or a weekday if one likes.
///
/// # Errors
/// Something else, another weekday, or an instant that does not exist there.
pub fn instant(text: &str) -> Told<DateTime<Utc>> {
    let no = || format!("«{text}» is no instant such as 2026-12-16 09:00");
    let (weekday, digits) = match text.split_once(' ') {
        Some((first, rest)) if is_weekday(first) => (first.parse::<Weekday>().ok(), rest),
        _ => (None, text),
    };
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(digits, form).ok())
        .ok_or_else(no)?;
    if let Some(weekday) = weekday.filter(|weekday| *weekday != local.weekday()) {
        let true_one = local.weekday();
        return Err(format!("{digits} is no {weekday}, it is a {true_one}"));
    }
    let at = Mexico_City.from_local_datetime(&local).earliest();
    Ok(at.ok_or_else(no)?.with_timezone(&Utc))
}

/// How an instant is written in dumps and complaints: with its weekday, and with seconds where it
/// has some.
pub fn written(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&Mexico_City);
    let form = if local.timestamp() % 60 == 0 {
        "%a %Y-%m-%d %H:%M"
    } else {
        "%a %Y-%m-%d %H:%M:%S"
    };
    local.format(form).to_string()
}

/// Whether an instant is the one that a story names; a story that names no seconds means none.
pub fn same(named: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    let minute = |at: DateTime<Utc>| at.timestamp().div_euclid(60);
    if named.timestamp() % 60 == 0 {
        minute(named) == minute(at)
    } else {
        named.timestamp() == at.timestamp()
    }
}

/// Minutes in `45m`, `6h` or `1h30m`.
///
/// # Errors
/// Something else.
pub fn minutes(text: &str) -> Told<i64> {
    let no = || format!("«{text}» is no length of time such as 45m, 6h or 1h30m");
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (hours.parse::<i64>().map_err(|_| no())?, rest),
        None => (0, text),
    };
    let minutes = match rest.strip_suffix('m') {
        Some(minutes) => minutes.parse::<i64>().map_err(|_| no())?,
        None if rest.is_empty() && text.contains('h') => 0,
        None => return Err(no()),
    };
    Ok(hours * 60 + minutes)
}

/// Whether a word is called like a ticket: `GS-1`.
pub fn is_ticket(word: &str) -> bool {
    let digits = word.strip_prefix("GS-").unwrap_or_default();
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}
