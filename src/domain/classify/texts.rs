//! Sentences that programs write in a person's name or in their own, lower case. Each needs a
//! second sign beside it: people write them too.

/// Characters of the newest text in which such a sentence is looked for; programs come to the point.
const HEAD_CHARS: usize = 800;

/// Somebody says of himself that he is not there, or a program says that it answers.
const ABSENCES: [&str; 38] = [
    "estaré fuera",
    "estare fuera",
    "me encuentro fuera",
    "me encontraré fuera",
    "estoy fuera de",
    "estaré ausente",
    "me encuentro ausente",
    "estaré de vacaciones",
    "me encuentro de vacaciones",
    "estoy de vacaciones",
    "me encuentro disfrutando",
    "no me encuentro en la oficina",
    "no estaré en la oficina",
    "no estaré disponible",
    "regreso a la oficina el",
    "regresaré a la oficina",
    "no tendré acceso a mi correo",
    "acceso limitado a mi correo",
    "esta es una respuesta automática",
    "este es un mensaje automático",
    "mensaje generado automáticamente",
    "i am out of",
    "i'm out of",
    "i will be out of",
    "i'll be out of",
    "i am currently out",
    "i am currently away",
    "i am away",
    "i will be away",
    "i am on vacation",
    "i'm on vacation",
    "i'm on holiday",
    "i am on holiday",
    "i am back in the office",
    "limited access to my email",
    "this is an automated response",
    "this is an automatic reply",
    "auto-responder",
];

/// A program asks the sender to prove himself.
const CHALLENGES: [&str; 14] = [
    "confirme su mensaje",
    "confirmar su mensaje",
    "confirme que usted",
    "verificar que usted es una persona",
    "para que su mensaje sea entregado",
    "su mensaje está retenido",
    "confirm your message",
    "confirm that you sent",
    "verify that you are a person",
    "prove that you are a person",
    "your message is being held",
    "your message has been held",
    "before your message can be delivered",
    "release your message",
];

/// How the subjects of such programs begin.
const CHALLENGE_SUBJECTS: [&str; 9] = [
    "confirme su mensaje",
    "confirmación requerida",
    "se requiere confirmación",
    "verificación de remitente",
    "please confirm your message",
    "confirm your message",
    "message confirmation",
    "sender verification",
    "verify your email",
];

/// How the subject of a receipt begins that Exchange and Outlook write as plain text.
const RECEIPT_SUBJECTS: [&str; 7] = [
    "leído:",
    "leido:",
    "no leído:",
    "no leido:",
    "read:",
    "not read:",
    "lido:",
];

/// What such a receipt says.
const RECEIPTS: [&str; 9] = [
    "fue leído el",
    "se leyó el",
    "ha sido leído",
    "se eliminó sin leer",
    "fue eliminado sin leerse",
    "was read on",
    "was deleted without being read",
    "your message was read",
    "foi lida em",
];

/// The sentence about an absence.
pub fn absence(text: &str) -> Option<&'static str> {
    said(text, &ABSENCES)
}

/// The sentence that asks for a proof.
pub fn challenge(text: &str) -> Option<&'static str> {
    said(text, &CHALLENGES)
}

/// The sentence of a receipt.
pub fn receipt(text: &str) -> Option<&'static str> {
    said(text, &RECEIPTS)
}

/// Whether the subject is a receipt's.
pub fn is_receipt_subject(subject: &str) -> bool {
    begins(subject, &RECEIPT_SUBJECTS)
}

/// Whether the subject is that of a program which asks for a proof.
pub fn is_challenge_subject(subject: &str) -> bool {
    begins(subject, &CHALLENGE_SUBJECTS)
}

fn said(text: &str, list: &[&'static str]) -> Option<&'static str> {
    let head: String = text.chars().take(HEAD_CHARS).collect();
    // A sentence may be folded at the end of a line.
    let words: Vec<&str> = head.split_whitespace().collect();
    let head = words.join(" ").to_lowercase().replace('’', "'");
    list.iter().find(|words| head.contains(**words)).copied()
}

fn begins(subject: &str, list: &[&str]) -> bool {
    let subject = subject.trim().to_lowercase();
    list.iter().any(|words| subject.starts_with(words))
}
