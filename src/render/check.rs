//! What is wrong with a set of templates: everything at once, before any mail needs them.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use minijinja::value::Serde;

use super::filters::GLOBALS;
use super::sources::TemplateProblem;
use super::{HTML, RenderError, SUBJECT, TEXT, Templates};
use super::{House, sample, sample_statement, statement};
use crate::domain::letter::{Letter, LetterKind};
use crate::domain::policy::Phrases;
use crate::mail::compose::Words;

/// Names that the engine itself gives a meaning.
const ENGINE_NAMES: [&str; 7] = [
    "super",
    "loop",
    "caller",
    "range",
    "dict",
    "namespace",
    "self",
];

/// What letters that pass a received mail's words on may show besides their facts.
const FORMATTED: &str = "formatted";

/// Problems of `templates`, sorted, each once.
pub(super) fn problems(templates: &Templates) -> Vec<TemplateProblem> {
    let letters = sample::letters();
    let mut problems = undeclared(templates, &letters);
    let house = sample::house();
    let phrases = templates.phrases();
    let plain = letters.iter().map(|letter| (letter, None));
    let mut shown = BTreeSet::new();
    let passing = letters.iter().filter(|letter| letter.passes_on().is_some());
    // The formatting stands in one place: once for each letter is enough.
    let passing = passing.filter(|letter| shown.insert(letter.kind()));
    let formatted = passing.map(|letter| (letter, Some("<p>Texto.</p>")));
    problems.extend(unwritable_statements(templates, &house));
    for (letter, formatted) in plain.chain(formatted) {
        match templates.render_formatted(letter, &house, formatted) {
            Ok(words) => problems.extend(broken_promises(letter, &words, &phrases)),
            Err(RenderError::Template { problem, .. }) => {
                problems.insert(problem);
            }
            Err(error @ RenderError::TooLong { .. }) => {
                let name = letter.kind().name();
                problems.insert(TemplateProblem::new(name, error.to_string()));
            }
        }
    }
    problems.into_iter().collect()
}

/// What fails when statements are written.
fn unwritable_statements(templates: &Templates, house: &House) -> Vec<TemplateProblem> {
    let mut problems = Vec::new();
    for statement in sample_statement::statements() {
        for issue in [1, 2] {
            match templates.statement(&statement, issue, house) {
                Ok(_) => {}
                Err(RenderError::Template { problem, .. }) => problems.push(problem),
                Err(error @ RenderError::TooLong { .. }) => {
                    problems.push(TemplateProblem::new("statement", error.to_string()));
                }
            }
        }
    }
    problems
}

/// Variables that no letter has, in any branch: the samples may not reach all of them.
fn undeclared(templates: &Templates, letters: &[Letter]) -> BTreeSet<TemplateProblem> {
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for letter in letters {
        let fields = known.entry(letter.kind().name()).or_default();
        if let Ok(keys) = Value::from(Serde(letter)).try_iter() {
            fields.extend(keys.map(|key| key.to_string()));
        }
    }
    // A file outside the letters' folders may serve any letter.
    let shared: BTreeSet<String> = known.values().flatten().cloned().collect();
    let of_statements = statement_fields();
    let mut problems = BTreeSet::new();
    for (name, template) in templates.environment.templates() {
        let folder = name.split_once('/').map(|(folder, _)| folder);
        let fields = match folder.and_then(|folder| known.get(folder)) {
            Some(fields) => fields,
            None if statement::FILES.contains(&name) => &of_statements,
            None => &shared,
        };
        for variable in template.undeclared_variables(false) {
            let bare = variable.as_str();
            let passes_on = letters
                .iter()
                .any(|letter| Some(letter.kind().name()) == folder && letter.passes_on().is_some());
            let given = bare == FORMATTED && (passes_on || folder.is_none());
            if !given
                && !fields.contains(bare)
                && !GLOBALS.contains(&bare)
                && !ENGINE_NAMES.contains(&bare)
            {
                let message = format!("there is no {variable} in this letter");
                problems.insert(TemplateProblem {
                    line: line_of(template.source(), bare),
                    ..TemplateProblem::new(name, message)
                });
            }
        }
    }
    problems
}

/// What the templates of a statement may show.
fn statement_fields() -> BTreeSet<String> {
    let mut fields: BTreeSet<String> = statement::BESIDES.map(str::to_owned).into();
    for sample in sample_statement::statements() {
        if let Ok(keys) = Value::from(Serde(&sample)).try_iter() {
            fields.extend(keys.map(|key| key.to_string()));
        }
    }
    fields
}

/// The first line that holds `word` by itself, counted from 1.
fn line_of(source: &str, word: &str) -> Option<usize> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    source
        .lines()
        .position(|line| line.split(|c| !is_name(c)).any(|part| part == word))
        .map(|index| index + 1)
}

/// What the rest of the program relies on, whoever wrote the templates.
fn broken_promises(letter: &Letter, words: &Words, phrases: &Phrases) -> Vec<TemplateProblem> {
    let folder = letter.kind().name();
    let mut problems = Vec::new();
    let mut complain = |file: &str, message: &str| {
        problems.push(TemplateProblem::new(format!("{folder}/{file}"), message));
    };
    // mail.md §4: the tag is a hint for people and for threading, and stands there once.
    let tag = format!("[{}]", sample::NUMBER);
    let wanted = usize::from(is_about_ticket(letter));
    if words.subject.matches(&tag).count() != wanted {
        complain(
            SUBJECT,
            "the number in brackets must stand there once, if there is a ticket",
        );
    }
    if words.subject.is_empty() {
        complain(SUBJECT, "the subject is empty");
    }
    // mail.md §5 and §6: a consultant's reply is cut at the separator, and the leak guard knows
    // a notice by its phrases; both fail without a word where a template leaves them out.
    let is_notice = is_notice(letter);
    for (file, body) in [(TEXT, &words.text), (HTML, &words.html)] {
        let above = body
            .split_once(phrases.separator.as_str())
            .map(|(above, _)| above);
        if is_notice {
            if above.is_none_or(|above| !visible(above).trim().is_empty()) {
                complain(file, "a notice must begin with words.notice.separator");
            }
            if phrases.notice.iter().any(|phrase| !body.contains(phrase)) {
                complain(
                    file,
                    "a notice must hold words.notice.reply and words.notice.internal",
                );
            }
        } else if above.is_some() || phrases.notice.iter().any(|phrase| body.contains(phrase)) {
            complain(
                file,
                "only notices to consultants may hold phrases of words.notice",
            );
        }
    }
    problems
}

fn is_about_ticket(letter: &Letter) -> bool {
    match letter {
        Letter::Acknowledgement { .. }
        | Letter::ConsultantNewTicket(_)
        | Letter::ConsultantClientReply(_)
        | Letter::ConsultantThirdParty(_)
        | Letter::ConsultantEncrypted(_)
        | Letter::ConsultantAutoReply(_)
        | Letter::ConsultantHandover(_)
        | Letter::TicketState(_)
        | Letter::TicketAccount(_)
        | Letter::CommandReceipt(_)
        | Letter::RelayedReply { .. }
        | Letter::SolutionProposed { .. }
        | Letter::ContactAttempt { .. }
        | Letter::Closed { .. }
        | Letter::MicrosoftCase { .. }
        | Letter::SessionSummary(_)
        | Letter::OutOfHoursWindow(_)
        | Letter::BudgetRequest(_)
        | Letter::BudgetResult(_)
        | Letter::ThirdPartyUpdate { .. }
        | Letter::SplitOff { .. }
        | Letter::ConsultantMerged(_)
        | Letter::FormalizeRequest { .. }
        | Letter::ConsultantRegistered { .. }
        | Letter::TicketPassedOn { .. }
        | Letter::DeliveryFailed { .. } => true,
        Letter::ReplyNotSent { ticket, .. } | Letter::CommandErrors { ticket, .. } => {
            ticket.is_some()
        }
        Letter::CommandHelp { .. }
        | Letter::Alerts { .. }
        | Letter::Digest(_)
        | Letter::EncryptedSender { .. }
        | Letter::NotAuthorizedSender { .. }
        | Letter::NotAuthorizedAuthorizers { .. }
        | Letter::AuthorizerAdded(_)
        | Letter::AuthorizerRemoved(_)
        | Letter::AdmissionReceipt { .. }
        | Letter::ConsultantHeldAnswer { .. }
        | Letter::MonthlyStatement(_)
        | Letter::OperatorAlarm { .. }
        | Letter::OperatorRecovered { .. } => false,
    }
}

/// Whether consultants answer the client by replying to it. A mail about wrong commands is one where
/// they are about a ticket: it quotes what its author wrote, and is answered with the same put right.
fn is_notice(letter: &Letter) -> bool {
    if let Letter::CommandErrors { ticket, .. } = letter {
        return ticket.is_some();
    }
    match letter.kind() {
        LetterKind::ConsultantNewTicket
        | LetterKind::ConsultantClientReply
        | LetterKind::ConsultantThirdParty
        | LetterKind::ConsultantEncrypted
        | LetterKind::ConsultantRegistered
        | LetterKind::ConsultantAutoReply
        | LetterKind::ConsultantMerged
        | LetterKind::CommandReceipt
        | LetterKind::DeliveryFailed
        | LetterKind::ConsultantHandover => true,
        LetterKind::Acknowledgement
        | LetterKind::EncryptedSender
        | LetterKind::RelayedReply
        | LetterKind::SolutionProposed
        | LetterKind::ContactAttempt
        | LetterKind::Closed
        | LetterKind::MicrosoftCase
        | LetterKind::SessionSummary
        | LetterKind::OutOfHoursWindow
        | LetterKind::BudgetRequest
        | LetterKind::BudgetResult
        | LetterKind::ThirdPartyUpdate
        | LetterKind::SplitOff
        | LetterKind::FormalizeRequest
        | LetterKind::CommandErrors
        | LetterKind::CommandHelp
        | LetterKind::Alerts
        | LetterKind::Digest
        | LetterKind::TicketState
        | LetterKind::TicketAccount
        | LetterKind::ReplyNotSent
        | LetterKind::NotAuthorizedSender
        | LetterKind::NotAuthorizedAuthorizers
        | LetterKind::AuthorizerAdded
        | LetterKind::AuthorizerRemoved
        | LetterKind::TicketPassedOn
        | LetterKind::AdmissionReceipt
        | LetterKind::ConsultantHeldAnswer
        | LetterKind::MonthlyStatement
        | LetterKind::OperatorAlarm
        | LetterKind::OperatorRecovered => false,
    }
}

/// What a reader sees of a piece of HTML before the separator: without head and tags.
/// Plain text has neither and stays as it is.
fn visible(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| {
        body.split_once('>').map_or("", |(_, inside)| inside)
    });
    let mut seen = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            c if !in_tag => seen.push(c),
            _ => {}
        }
    }
    seen
}
