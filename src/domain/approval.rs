//! More time than was estimated: a consultant asks, an authorizer answers (policy.md §4).
//!
//! > Si se requiere más tiempo presupuestado, se notificará al cliente para su autorización.
//!
//! Only an authorizer's authenticated reply to that very request, with a clear yes on its first new
//! line, raises the budget, by exactly what was asked. Everything doubtful goes to the consultant, and
//! nothing is applied. A yes overlooked costs a look; one that was none costs the client money.

use std::sync::LazyLock;

use regex::Regex;

use super::address::Person;
use super::announce::{continuing, facts};
use super::billing::Bucket;
use super::budget::{Budget, Request, open_request};
use super::charge::{ChargeKind, NewCharge};
use super::charging::approve;
use super::client_mail::client_mail;
use super::consent::is_clear_yes;
use super::desk::Draft;
use super::effect::{Effect, Manner};
use super::fold::fold_line;
use super::intake::Intake;
use super::letter::{BudgetAnswer, BudgetFacts, BudgetRequest, BudgetResult, Letter, LetterKind};
use super::message::Verdict;
use super::orders::{Orders, Refusal};
use super::ticket::{Fact, Status, Ticket};

/// What the first new words of an answer say to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// A clear yes to all of it.
    Yes,
    /// A clear no.
    No,
    /// A yes to something else than was asked, or under a condition.
    Partly,
    /// Neither.
    Unclear,
}

/// Reads an answer to a request for `minutes` with the code `code`. `own_names` are what its sender is
/// called.
pub fn read(text: &str, own_names: &[&str], minutes: i64, code: &str) -> Saying {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .skip_while(|line| is_greeting(line));
    let Some(first) = lines.next() else {
        return Saying::Unclear;
    };
    let rest: Vec<&str> = lines.collect();
    let folded = fold_line(first);
    if matches(&NO, &folded) {
        return Saying::No;
    }
    let (bare, amounts) = without_amounts(&folded, code);
    // Only its accent tells `sí` from `si`, an "if", and it is folded away.
    let bare = match bare.strip_prefix("si ") {
        Some(rest) if first.to_lowercase().starts_with("sí") => format!("si, {rest}"),
        _ => bare,
    };
    if !is_clear_yes(&bare, own_names) {
        return Saying::Unclear;
    }
    let other_amount = amounts.iter().any(|amount| *amount != minutes);
    let rest = fold_line(&rest.join("\n"));
    let (_, more) = without_amounts(&rest, code);
    let conditional = matches(&CONDITION, &rest) || more.iter().any(|amount| *amount != minutes);
    if other_amount || conditional {
        Saying::Partly
    } else {
        Saying::Yes
    }
}

/// Lines before the answer that say nothing.
static GREETING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(hola|buen(os)?\s+dias?|buenas(\s+(tardes|noches))?|estimad[oa]s?|apreciables?|hi|hello)
          (,?\s+(a\s+)?(tod[oa]s|equipo|soporte|team|all|ing|lic|[a-z]+)){0,3}\s*[,.:;!]*$",
    )
    .ok()
});

/// A whole line that refuses.
static NO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(no(,?\s+gracias)?
          | (no,?\s+)?(por\s+(el\s+momento|ahora)\s+)?no\s+((lo|la|los|las|se|le)\s+)*
            (autorizo|autorizamos|autoriza|autorizad[oa]s?|apruebo|aprobamos|aprueba|aprobad[oa]s?|procede|proceder)
            (\s+(el\s+tiempo|las\s+horas|la\s+ampliacion|el\s+presupuesto)(\s+(adicional(es)?|extra|solicitad[oa]s?))?)?
            (\s+por\s+(el\s+momento|ahora))?
          | (lo\s+|la\s+|queda\s+)?(rechazo|rechazamos|rechazad[oa])
          | no\s+por\s+(el\s+momento|ahora)
          | not\s+approved|rejected|declined)\s*[.,!]*(\s+gracias\s*[.!]*)?$",
    )
    .ok()
});

/// Words of a text that take something back from a yes before them.
static CONDITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\b(pero|sin\s+embargo|siempre\s+(y\s+cuando|que)|solo|solamente|unicamente|maximo|como\s+mucho
          |no|tampoco|aunque|salvo|excepto|antes\s+de|a\s+reserva|en\s+caso|condicion|depende|mitad
          |but|only|unless|except|not)\b|\?",
    )
    .ok()
});

/// An amount of time, and what people write around it.
static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\b((por|de|con|a)\s+)?((las|los|esas|esos|estas|estos|sus)\s+)?\+?
          (?P<whole>\d{1,3})(?:[.,](?P<part>\d{1,2})|:(?P<clock>[0-5]\d))?\s*
          (?P<unit>h|hs|hrs?|horas?|hours?|m|mins?|minutos?)\b\.?
          (\s+(mas|adicional(es)?|extras?|solicitad[oa]s|de\s+(mas|trabajo|soporte|presupuesto)))*",
    )
    .ok()
});

/// What is approved, named without its amount.
static OBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\b(((con|por)\s+)?(las|estas|esas)\s+horas|((con|por)\s+)?(el|ese|este)\s+(tiempo|presupuesto|incremento)
          |((con|por)\s+)?la\s+(ampliacion|extension|solicitud))
          (\s+(mas|adicional(es)?|extras?|solicitad[oa]s?|que\s+(piden|solicitan|proponen)|de\s+(tiempo|horas|presupuesto)))*",
    )
    .ok()
});

fn matches(form: &LazyLock<Option<Regex>>, text: &str) -> bool {
    form.as_ref().is_some_and(|form| form.is_match(text))
}

fn is_greeting(line: &str) -> bool {
    matches(&GREETING, &fold_line(line))
}

/// A folded line without the code of the request and the amounts in it, and those amounts in minutes.
fn without_amounts(line: &str, code: &str) -> (String, Vec<i64>) {
    let code = code.to_lowercase();
    let line: Vec<&str> = line
        .split(' ')
        .filter(|word| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            bare != code && !matches!(bare, "clave" | "codigo" | "code")
        })
        .collect();
    let line = line.join(" ");
    let Some(form) = AMOUNT.as_ref() else {
        return (line, Vec::new());
    };
    let amounts = form.captures_iter(&line).filter_map(|found| {
        let number = |name: &str| -> Option<i64> { found.name(name)?.as_str().parse().ok() };
        let hundredths = found.name("part").map_or(Some(0), |part| {
            format!("{:0<2}", part.as_str()).parse::<i64>().ok()
        })?;
        let (whole, hours) = (
            number("whole")?,
            found.name("unit")?.as_str().starts_with('h'),
        );
        Some(match (hours, number("clock")) {
            (true, Some(minutes)) => whole * 60 + minutes,
            (true, None) => whole * 60 + (hundredths * 60 + 50) / 100,
            (false, _) => whole,
        })
    });
    let amounts = amounts.collect();
    let bare = form.replace_all(&line, " ").into_owned();
    let bare = OBJECT.as_ref().map_or(bare.clone(), |form| {
        form.replace_all(&bare, " ").into_owned()
    });
    let bare = bare.replace(" ,", ",").replace(" .", ".");
    (
        fold_line(&bare).trim_end_matches([',', ' ']).to_owned(),
        amounts,
    )
}

/// The notice of a client's mail, with what the mail is to the request that the ticket waited for.
pub(super) fn answering_request(mut notice: Effect, answer: Option<BudgetAnswer>) -> Effect {
    if let Effect::Send(outgoing) = &mut notice
        && let Letter::ConsultantClientReply(notice) = &mut outgoing.letter
    {
        notice.budget_answer = answer;
    }
    notice
}

impl Intake<'_> {
    /// What the mail of `sender` is to the request that `ticket` waits for; none where it waits for
    /// none.
    pub(super) fn budget_answer(&self, sender: &Person, ticket: &Ticket) -> Option<BudgetAnswer> {
        let request = open_request(ticket)?;
        let listed = self.case.standing.listed.as_ref();
        let names = [
            sender.name.as_str(),
            listed.map_or("", |listed| &listed.name),
        ];
        let said = read(&self.mail.text, &names, request.minutes, request.code);
        let may_approve = self.is_listed_with(ticket) && listed.is_some_and(|l| l.can_approve);
        let more = self.release.is_some()
            || self.mail.omitted_bytes > 0
            || self.mail.attachments.iter().any(|file| !file.inline);
        Some(match said {
            Saying::Unclear => BudgetAnswer::Unclear,
            _ if more => BudgetAnswer::Unclear,
            Saying::Partly => BudgetAnswer::Partly,
            Saying::Yes | Saying::No if !self.answers_request(&request) => BudgetAnswer::Unbound,
            Saying::Yes | Saying::No if !may_approve => BudgetAnswer::NotTheirs,
            Saying::Yes | Saying::No if self.mail.authentication.verdict < Verdict::Strong => {
                BudgetAnswer::NeedsStrong
            }
            Saying::Yes => BudgetAnswer::Approved,
            Saying::No => BudgetAnswer::Refused,
        })
    }

    /// Whether the mail answers that request and no other: by its Message-ID, or by its code.
    fn answers_request(&self, request: &Request) -> bool {
        let named = self.case.named.as_ref();
        let by_id = named.is_some_and(|named| named.letter == LetterKind::BudgetRequest)
            && self.case.cause == Some(request.inbound);
        let mentions = |text: &str| {
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            words.any(|word| word.eq_ignore_ascii_case(request.code))
        };
        by_id || mentions(&self.mail.subject) || mentions(&self.mail.text)
    }

    /// Records an answer that decides: the budget is raised by exactly what was asked, or not.
    pub(super) fn decide_budget(
        &self,
        answer: BudgetAnswer,
        sender: &Person,
        ticket: &Ticket,
        draft: &mut Draft,
    ) -> Vec<Effect> {
        let Some(request) = open_request(ticket) else {
            return Vec::new();
        };
        let (by, inbound, at) = (sender.address.clone(), self.inbound, self.mail.received_at);
        let approved = answer == BudgetAnswer::Approved;
        if approved {
            let minutes = request.minutes;
            draft.record(
                at,
                Fact::BudgetApproved {
                    by,
                    inbound,
                    minutes,
                },
            );
            let what = (ChargeKind::Budget, minutes, Bucket::InHours);
            let once = format!("budget:{inbound}");
            draft.charge(NewCharge {
                source: Some(inbound),
                approval: Some(inbound),
                ..NewCharge::plain(once, what, request.by, at)
            });
            approve(draft, minutes, (inbound, at));
        } else {
            draft.record(at, Fact::BudgetRefused { by, inbound });
        }
        let to = Status::InProgress;
        draft.record(
            at,
            Fact::StatusChanged {
                to,
                closed_as: None,
            },
        );
        let result = |name: &str| {
            Letter::BudgetResult(BudgetResult {
                ticket: facts(&draft.ticket, self.policy),
                name: name.to_owned(),
                approved,
                minutes: request.minutes,
                by: sender.name.clone(),
                at,
                budget: Budget::of(&draft.ticket, self.policy).into(),
            })
        };
        let key = format!("budget_result:{inbound}");
        self.case
            .approvers
            .iter()
            .map(|to| {
                let head = Some(continuing(&draft.ticket.thread));
                let letter = result(&to.name);
                client_mail(
                    &draft.ticket,
                    to,
                    head,
                    Manner::Answer,
                    &key,
                    self.now,
                    letter,
                )
            })
            .collect()
    }
}

impl Orders<'_> {
    /// Why the authorizers cannot be asked.
    pub(super) fn no_request(&self) -> Option<Refusal> {
        if self.intake.mail.authentication.verdict < Verdict::Strong {
            Some(Refusal::NeedsStrong)
        } else if self.intake.case.approvers.is_empty() {
            Some(Refusal::NoApprovers)
        } else {
            None
        }
    }

    /// Policy §4: what was used, what is left, what is asked and why, with a one-time code, to
    /// everybody who may approve; the requester reads it where he may not.
    pub(super) fn ask_for_time(
        &self,
        minutes: i64,
        reason: &str,
        draft: &mut Draft,
    ) -> Vec<Effect> {
        let (policy, case) = (self.intake.policy, self.intake.case);
        draft.record(
            self.intake.mail.received_at,
            Fact::BudgetAsked {
                by: self.consultant.person.address.clone(),
                inbound: self.intake.inbound,
                minutes,
                code: case.fresh_code.clone(),
                reason: reason.to_owned(),
            },
        );
        let to = Status::WaitingApproval;
        draft.record(
            self.intake.now,
            Fact::StatusChanged {
                to,
                closed_as: None,
            },
        );
        let budget: BudgetFacts = Budget::of(&draft.ticket, policy).into();
        let requester = &draft.ticket.requester;
        let may = |person: &Person| {
            case.approvers
                .iter()
                .any(|approver| approver.address == person.address)
        };
        let approvers = case.approvers.iter().map(|person| (person, true));
        let informed = Some(requester).filter(|person| !may(person));
        let people = approvers.chain(informed.map(|person| (person, false)));
        let key = format!("budget_request:{}", self.intake.inbound);
        people
            .map(|(to, may_approve)| {
                let head = Some(continuing(&draft.ticket.thread));
                let letter = Letter::BudgetRequest(BudgetRequest {
                    ticket: facts(&draft.ticket, policy),
                    name: to.name.clone(),
                    consultant: self.consultant.person.name.clone(),
                    minutes,
                    reason: reason.to_owned(),
                    code: case.fresh_code.clone(),
                    budget,
                    may_approve,
                });
                let leaves = self.intake.now + policy.replies.delay;
                client_mail(&draft.ticket, to, head, Manner::Human, &key, leaves, letter)
            })
            .collect()
    }
}
