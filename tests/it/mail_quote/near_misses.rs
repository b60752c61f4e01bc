//! Prose that looks like something a mail program writes: not a word of it is cut.

use super::check;

/// Nothing is cut, at the beginning, in the middle or at the end of a mail.
fn stays(prose: &str) {
    for text in [
        prose.to_owned(),
        format!("Buenos días:\n\n{prose}"),
        format!("Buenos días.\n\n{prose}\n\nQuedo en espera."),
        format!("Buenos días.\n{prose}\nQuedo en espera.\nSaludos"),
    ] {
        check(&text, &text);
    }
}

#[test]
fn somebody_wrote_something() {
    for prose in [
        "El cliente escribió:\nno funciona",
        "Beto escribió:\nno funciona",
        "El lunes a las 10:30 el cliente escribió:\nno funciona",
        "El 2 de marzo de 2026 el cliente escribió:\nno funciona",
        "El 2 de marzo de 2026 a las 10:00 el cliente escribió:\nno funciona",
        "El 2 de marzo de 2026 a las 10:00, el cliente escribió:\nno funciona",
        "El cliente ana@acme.mx escribió:\nno funciona",
        "El 2 de marzo de 2026 a las 10:00 mandé un correo a ana@acme.mx:\nno llegó",
        "El 2 de marzo de 2026 a las 10:00 mandé un correo a Ana <ana@acme.mx>:\nno llegó",
        "On March 2, 2026 the vendor wrote:\nit does not work",
        "On Monday we saw:\nerror 42",
        "Le escribí a Ana el 2/3/2026 y me contestó:\nque no",
        "A las 10:00 pasó esto:\nerror 42",
        "2026-03-02 10:00:01 ERROR ana@acme.mx:\nno se pudo timbrar",
        "10:00 entra <a@b>:\nno",
        "Am Montag:\nnichts",
    ] {
        stays(prose);
    }
}

#[test]
fn labels_of_other_things() {
    for prose in [
        "De: lo que hablamos",
        "De: lo que hablamos\nEnviado: sí\nY nada más",
        "De: almacén norte\nPara: almacén sur\nCantidad: 5",
        "Fecha: 2 de marzo\nPara: el cierre\nNota: urge",
        "Fecha: 2/3/2026 10:00\nPara: almacén sur\nAsunto: inventario",
        "Asunto: la nómina\nFecha: ayer",
        "From: warehouse A\nTo: warehouse B",
        "Date: 2/3/2026\nSubject: invoice 42",
        "Mandé este correo y no llegó:\nDe: ana@acme.mx\nFecha: 2/3/2026 10:00\nPara: b@c.mx\nAsunto: prueba",
        "El encabezado que veo es:\n\nDe: ana@acme.mx\nEnviado: 2/3/2026 10:00\nPara: b@c.mx\nAsunto: prueba",
        "De: 9:00 a 10:00\nA: 11:00\nDe: 12:00 a 13:00",
    ] {
        stays(prose);
    }
}

#[test]
fn rules_tables_and_lists() {
    for prose in [
        "Mensaje original\nno es marca",
        "--- mensaje original del sistema ---\nerror 42",
        "Mensaje original: no se pudo timbrar",
        "-----\nTabla\n-----\na  b\n-----\nfin",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a -- b\nc",
        "Nombre: ________________\nFirma: ________________",
        "____________________\nSección dos\ntexto",
        "==========\nError\n==========\nno se pudo",
        "****\nUrgente\n****\nno timbra",
    ] {
        let text = format!("Buenos días.\n\n{prose}\n\nQuedo en espera.");
        check(&text, &text);
    }
}

#[test]
fn sentences_that_begin_like_a_telephone_s_signature() {
    for prose in [
        "Enviado desde mi celular porque la computadora no enciende",
        "Enviado desde mi oficina, donde no hay red",
        "Enviado desde la cuenta de Ana el lunes",
        "Enviado desde almacén",
        "Sent from my desk, is much easier than my phone.",
        "Sent from the warehouse yesterday",
        "Enviado el lunes a todos",
        "Obtener el reporte marca error",
        "Enviado con Outlook y no llegó",
        "Desde mi iPhone no puedo entrar",
        "Lähetetty",
        "Küldve",
    ] {
        stays(prose);
    }
}

#[test]
fn sentences_that_begin_like_a_legal_notice() {
    for prose in [
        "No imprime el aviso legal.",
        "Aviso legal: la página no abre",
        "Este mensaje me sale al entrar: error 42",
        "Este correo me llegó por error y no soy el destinatario",
        "Este mensaje y sus anexos no se abren en mi equipo",
        "Antes de imprimir el reporte el sistema se cierra",
        "La información contenida en el reporte es incorrecta",
        "This email does not arrive at the intended folder",
        "Si ha recibido este error antes, dígame",
        "El reporte confidencial no se manda al destinatario correcto",
    ] {
        stays(prose);
    }
}

#[test]
fn a_desk_s_line_in_a_sentence() {
    for prose in [
        "Responda por encima de algo\nmás",
        "Abajo dice «reply above this line» y no sé qué es",
        "Por favor escriba su respuesta encima de esta línea de producto",
    ] {
        stays(prose);
    }
}
