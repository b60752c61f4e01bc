//! What a client's answer to a proposed solution amounts to (policy.md §5): a validation closes,
//! bare thanks are shown to the consultant, everything else resumes work. Doubt goes to a person.
//!
//! The answer is cut into clauses, and each must be wholly a courtesy, thanks or a validation. One
//! clause that is none of them, a question mark, or too many words, and it is an answer to read.

use regex::Regex;

use super::fold::fold_line;

/// Longest answer that can be a validation or bare thanks, in characters.
const ANSWER_MAX_CHARS: usize = 400;

/// Most clauses of such an answer.
const CLAUSES_MAX: usize = 12;

/// What an answer amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The solution is confirmed, and nothing else is said.
    Validation,
    /// Nothing but thanks.
    BareThanks,
    /// Words for a person.
    Words,
}

/// The patterns by which answers are read; each is meant for a whole clause, in lower case and
/// without accents.
#[derive(Debug, Clone)]
pub struct ValidationWords {
    validation: Vec<Regex>,
    thanks: Vec<Regex>,
    courtesy: Vec<Regex>,
}

/// Clauses that confirm a solution.
pub const VALIDATION: [&str; 10] = [
    r"(si )?ya quedo( todo)?",
    r"(si |ya )?(esta |queda |quedo |todo |doy por )?(validad[oa]|confirmad[oa])( (el|la) (ticket|caso|solucion|incidente))?",
    r"(si |lo |la |les |te )*(valido|confirmo|validamos|confirmamos)( (el|la) (solucion|cierre|ticket|caso))?",
    r"(si |ya |todo )*(queda|quedo|esta|fue) (resuelt[oa]|solucionad[oa]|corregid[oa])( (el|la) (problema|incidente|tema|falla))?",
    r"(si |ya )*(todo )?(quedo|queda) (bien|listo|perfecto|correcto)",
    r"(si |ya |todo )*(funciona|funciono|trabaja|opera)( bien| correctamente| perfecto| perfectamente| ya)*",
    r"(si |ya )*(se )?(puede|pueden|pueda|podemos) (cerrar|cerrarlo|cerrarse)( (el|la|este|esta) (ticket|caso|incidente|reporte))?( por favor)?",
    r"(por favor )?(cerrar|cierrenlo|cierren|cierralo|cerrarlo|favor de cerrar|favor de cerrarlo)( (el|la|este|esta) (ticket|caso|incidente|reporte))?( por favor)?",
    r"(si )?(estoy )?de acuerdo( con (el|la) (cierre|solucion))?( y? ?(cerrar|se puede cerrar|pueden cerrar))?",
    r"(validated|confirmed|i confirm|it works|works fine|you can close( it| the ticket)?|please close( it| the ticket)?)",
];

/// Clauses that thank.
pub const THANKS: [&str; 2] = [
    r"(ok |perfecto |excelente |listo |va )?(muchas |muchisimas |mil |de antemano |les agradezco |te agradezco )?(gracias|agradezco|agradecemos|agradecida|agradecido)( a (todos|ustedes|ti|usted))?( por (todo|(el|la|su|tu|tan|la pronta|su pronta) [a-z ]{1,40}))?( [a-z]{2,20}){0,2}",
    r"(thanks|thank you|many thanks|thx)( so much| very much)?( [a-z]{2,20}){0,2}",
];

/// Clauses that say nothing: greetings, closings, agreement that does not confirm by itself.
pub const COURTESY: [&str; 5] = [
    r"(hola|buen dia|buenos dias|buenas tardes|buenas noches|buenas|hi|hello|que tal)( a todos)?( [a-z]{2,20}){0,3}",
    r"(estimad[oa]s?|querid[oa]s?)( [a-z]{2,20}){0,4}",
    r"(reciban? )?(un )?(cordial(es)? )?(saludos?|abrazo)( cordial(es)?)?( a todos)?( [a-z]{2,20}){0,2}",
    r"(quedo |quedamos )?(atentamente|atent[oa]s?|a sus ordenes|al pendiente|bonito dia|excelente dia|buen dia|feliz dia|regards|best regards)( [a-z]{2,20}){0,2}",
    r"(ok|okay|si|listo|perfecto|excelente|todo bien|todo en orden|va|vale|muy bien|yes|great)",
];

/// Words by which an answer says more than it seems to; in lower case and without accents.
const DOUBT: [&str; 32] = [
    "no",
    "ni",
    "pero",
    "aun",
    "todavia",
    "sigue",
    "siguen",
    "falta",
    "faltan",
    "falla",
    "fallan",
    "fallo",
    "error",
    "errores",
    "igual",
    "nunca",
    "tampoco",
    "sin",
    "sino",
    "excepto",
    "salvo",
    "aunque",
    "parcial",
    "parcialmente",
    "casi",
    "creo",
    "parece",
    "manana",
    "luego",
    "despues",
    "not",
    "but",
];

impl ValidationWords {
    /// The patterns of a new configuration.
    pub fn default_patterns() -> Self {
        Self::new(&VALIDATION, &THANKS, &COURTESY).unwrap_or(Self {
            validation: Vec::new(),
            thanks: Vec::new(),
            courtesy: Vec::new(),
        })
    }

    /// Patterns of a house's own.
    ///
    /// # Errors
    /// The first pattern that is none, and why.
    pub fn new(
        validation: &[impl AsRef<str>],
        thanks: &[impl AsRef<str>],
        courtesy: &[impl AsRef<str>],
    ) -> Result<Self, String> {
        Ok(Self {
            validation: compiled(validation)?,
            thanks: compiled(thanks)?,
            courtesy: compiled(courtesy)?,
        })
    }
}

fn compiled(patterns: &[impl AsRef<str>]) -> Result<Vec<Regex>, String> {
    patterns
        .iter()
        .map(|pattern| {
            let pattern = pattern.as_ref();
            Regex::new(&format!("^(?:{pattern})$")).map_err(|e| format!("«{pattern}»: {e}"))
        })
        .collect()
}

/// Reads the newest words of an answer. Linear in their length.
pub fn read(text: &str, words: &ValidationWords) -> Reading {
    let long = text.chars().nth(ANSWER_MAX_CHARS).is_some();
    if long || text.contains(['?', '¿']) {
        return Reading::Words;
    }
    let folded: Vec<String> = text.lines().map(fold_line).collect();
    let doubtful = folded
        .iter()
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()))
        .any(|word| DOUBT.contains(&word));
    if doubtful {
        return Reading::Words;
    }
    let folded = folded.join("\n");
    let clauses: Vec<&str> = folded
        .split(['.', '!', '¡', ';', ',', '\n', ':', '…'])
        .map(str::trim)
        .filter(|clause| clause.chars().any(char::is_alphanumeric))
        .collect();
    if clauses.len() > CLAUSES_MAX {
        return Reading::Words;
    }
    let mut validated = false;
    let mut thanked = false;
    let mut closing = false;
    for clause in clauses {
        let fits = |patterns: &[Regex]| patterns.iter().any(|p| p.is_match(clause));
        if fits(&words.validation) {
            validated = true;
        } else if fits(&words.thanks) {
            thanked = true;
        } else if fits(&words.courtesy) {
            // What stands below a closing is a name.
            closing |= clause.starts_with("saludos") || clause.starts_with("atent");
        } else if !(closing && is_name(clause)) {
            return Reading::Words;
        }
    }
    match (validated, thanked) {
        (true, _) => Reading::Validation,
        (false, true) => Reading::BareThanks,
        (false, false) => Reading::Words,
    }
}

/// One to four words of letters, as a name below a closing is.
fn is_name(clause: &str) -> bool {
    let mut words = clause.split_whitespace();
    words.clone().count() <= 4 && words.all(|w| w.chars().all(char::is_alphabetic))
}
