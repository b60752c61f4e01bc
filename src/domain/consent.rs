//! An authorizer's answer to the notice of a held mail (policy.md §1).
//!
//! > An authorizer releases it by a clear yes in reply to that notice (strong authentication, bound
//! > to the notice; anything doubtful goes to a consultant); the ticket then starts at that reply.
//!
//! The reply names the notice by its signed id, which nobody can know who did not have that mail.
//! A yes overlooked costs a consultant's look; one that was none lets a stranger in.

use std::sync::LazyLock;

use super::access::Belief;
use super::address::Person;
use super::announce::full_name;
use super::case::Asked;
use super::effect::{Decision, Effect, HeldCause, Manner, Outcome, Outgoing, Speaker};
use super::fold::fold_line;
use super::held::{HeldState, may_release};
use super::intake::Intake;
use super::letter::{HeldAnswer, HeldLine, Letter};
use super::message::Verdict;
use super::policy::Consultant;
use super::token::Purpose;
use super::validation::{self, Reading, THANKS, ValidationWords};

/// Clauses that let the mail in, wholly: in lower case, without accents.
///
/// Left out on purpose, since they agree to something else, later or to nothing: "ok", "enterado",
/// "esta bien", "claro", "correcto", and every yes to a part of it.
const YES: [&str; 9] = [
    "si|si claro|claro que si|si por favor|si por supuesto|por supuesto|yes|yes please",
    "(si |claro )?(lo |la |le |les |los |las )?(autorizo|autorizamos|apruebo|aprobamos)( por favor)?",
    "(si )?(autorizo|autorizamos|apruebo|aprobamos) (la|su|esta|esa|dicha) (atencion|solicitud|peticion)( por favor)?",
    "(si )?(autorizo|autorizamos|apruebo|aprobamos) (el|su|este|ese) (soporte|correo|ticket|caso|apoyo)( por favor)?",
    "(si )?((esta|queda) )?(autorizad[oa]|aprobad[oa])( por (mi parte|nosotros))?",
    "(si )?(adelante|procedan|procede|proceda)( con (la atencion|el soporte|su solicitud|la solicitud|el ticket|el caso|el apoyo))?( por favor)?",
    "(si )?(ya |se )?(lo |la |le )?(pueden|puede|puedes) (atender|atenderlo|atenderla|atenderle|proceder|apoyarlo|apoyarla|apoyarle|procesarlo|abrirlo|darle atencion|dar atencion)( (su|la|esa|esta) (solicitud|peticion)| el (correo|ticket|caso))?( por favor)?",
    "(si )?(por favor |favor de )(atiendanlo|atiendanla|atiendan|atenderlo|atenderla|atender|apoyenlo|apoyenla|procedan|proceder)( (su|la|esa|esta) (solicitud|peticion)| el (correo|ticket|caso))?|(si )?(atiendanlo|atiendanla|apoyenlo|apoyenla)( por favor)?",
    "(si )?((estoy |estamos )?de acuerdo|tienen mi autorizacion|cuentan con mi autorizacion|doy mi autorizacion)|i (approve|authorize)|(approved|authorized|go ahead)( please)?",
];

/// Clauses that say nothing beside a yes. Of agreement only what [`YES`] says counts.
const COURTESY: [&str; 6] = [
    "por favor|claro",
    r"(hola|buen dia|buenos dias|buenas tardes|buenas noches|buenas|buena tarde|que tal|hi|hello|good morning|good afternoon)( (a )?(todos|todas|equipo|estimad[oa]s?|soporte|team|all))?",
    r"(muy )?(estimad[oa]s?|apreciables?)( (todos|todas|equipo))?",
    r"(reciban? )?(un |unos )?(cordial(es)? |afectuos[oa]s? )?(saludos?)( cordial(es)?)?( a todos)?",
    r"(quedo |quedamos )?(atentamente|atent[oa]s?|a sus ordenes|regards|best regards|kind regards)",
    r"(que (tenga|tengan|tengas) )?(un |muy )?(buen|bonito|excelente|lindo|linda|buena|bonita) (dia|tarde|noche|fin de semana)",
];

/// The patterns, compiled; without them nothing is a yes.
static WORDS: LazyLock<Option<ValidationWords>> =
    LazyLock::new(|| ValidationWords::new(&YES, &THANKS, &COURTESY).ok());

/// Whether the newest words of an answer are a yes and nothing else. `own_names` are what its
/// sender is called: a signature of nothing but them says nothing. Its time is bounded as that of
/// [`validation::read`].
pub fn is_clear_yes(text: &str, own_names: &[&str]) -> bool {
    let Some(words) = WORDS.as_ref() else {
        return false;
    };
    let said = without_signature(text, own_names);
    validation::read(said, own_names, words) == Reading::Validation
}

/// The text without lines at its end that hold nothing but the sender's own names.
fn without_signature<'a>(text: &'a str, own_names: &[&str]) -> &'a str {
    let names: Vec<String> = own_names
        .iter()
        .flat_map(|name| name.split_whitespace())
        .map(fold_line)
        .collect();
    let mut said = text.trim_end();
    while let Some((before, last)) = said.rsplit_once('\n') {
        let mut words = last.split_whitespace().map(fold_line);
        let word = |word: String| names.contains(&word.trim_end_matches(['.', ',']).to_owned());
        if !words.all(word) {
            break;
        }
        said = before.trim_end();
    }
    said
}

/// Decides about the answer of `sender` to the notice of a held mail.
pub(super) fn answered(
    intake: &Intake,
    sender: &Person,
    asked: &Asked,
    belief: Belief,
) -> Decision {
    if belief != Belief::Believed {
        let why = "an answer to the notice of a held mail, but nobody vouches for its sender";
        return intake.hold(HeldCause::Unauthenticated, asked.held.client, None, why);
    }
    let number = asked.number;
    match objection(intake, sender, asked) {
        None => {
            let words = format!("a clear yes in mail {}", intake.inbound);
            let mut release =
                asked
                    .held
                    .released(number, asked.held.client, sender.address.clone(), words);
            // Policy §1: the ticket then starts at that reply.
            if let Effect::ReleaseHeld {
                release: Some(release),
                ..
            } = &mut release
            {
                release.starts_at = Some(intake.mail.received_at);
            }
            let why = format!("a clear yes to the notice of held mail {number}: released");
            intake.conclude(Outcome::Recorded, vec![release], &why)
        }
        // Said twice, it is the same yes.
        Some(HeldAnswer::Decided) if asked.held.state == HeldState::Released => {
            let why = format!("a clear yes to the notice of held mail {number}, released before");
            intake.conclude(Outcome::Recorded, Vec::new(), &why)
        }
        Some(reason) => doubtful(intake, sender, asked, reason),
    }
}

/// Why the answer releases nothing; none: it does.
fn objection(intake: &Intake, sender: &Person, asked: &Asked) -> Option<HeldAnswer> {
    let mail = intake.mail;
    let listed = intake.case.standing.listed.as_ref();
    let names = [
        sender.name.as_str(),
        listed.map_or("", |listed| &listed.name),
    ];
    let more = mail.omitted_bytes > 0
        || mail.marks.encrypted
        || mail.attachments.iter().any(|file| !file.inline);
    let theirs = sender.address == asked.notice_to
        && listed.is_some_and(|l| l.can_open && Some(l.client.id) == asked.held.client);
    let may = may_release(asked.held.cause, &asked.held.request(None, false)).is_ok();
    if more || !is_clear_yes(&mail.text, &names) {
        Some(HeldAnswer::Unclear)
    } else if !theirs {
        Some(HeldAnswer::NotTheirs)
    } else if mail.authentication.verdict < Verdict::Strong {
        Some(HeldAnswer::NeedsStrong)
    } else if asked.held.state != HeldState::Waiting || !may {
        Some(HeldAnswer::Decided)
    } else {
        None
    }
}

/// Policy §1: anything doubtful goes to a consultant. The answer is kept, and they are told.
fn doubtful(intake: &Intake, sender: &Person, asked: &Asked, reason: HeldAnswer) -> Decision {
    let why = format!(
        "an answer to the notice of held mail {} that releases nothing ({})",
        asked.number,
        reason.name()
    );
    let mut decision = intake.hold(HeldCause::Consent, asked.held.client, None, &why);
    let letter = Letter::ConsultantHeldAnswer {
        sender: full_name(sender),
        received_at: intake.mail.received_at,
        text: intake.mail.text.clone(),
        reason,
        asked: HeldLine {
            number: asked.number.0,
            from: asked.held.from.clone(),
            subject: asked.held.subject.clone(),
            received_at: asked.held.received_at,
        },
        open: asked.held.state != HeldState::Released,
        number: intake.case.next_held.0,
    };
    let tell = |to: &Consultant| {
        Effect::Send(Box::new(Outgoing {
            letter: letter.clone(),
            to: to.person.clone(),
            ticket: None,
            purpose: Purpose::Operator,
            manner: Manner::Answer,
            speaker: Speaker::Service,
            thread: None,
            source: Some(intake.inbound),
            once: format!(
                "consultant_held_answer:{}:{}",
                intake.inbound, to.person.address
            ),
            not_before: intake.now,
        }))
    };
    let told = intake.policy.first_level().into_iter().map(tell);
    decision.effects.extend(told);
    decision
}
