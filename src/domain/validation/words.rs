//! The words of answers, as office people in Mexico write them: in lower case, without accents.

/// Clauses that confirm a solution, wholly.
///
/// Left out on purpose, since they confirm something else, later or nothing: "les confirmo", "valido",
/// "de acuerdo", "ya esta", "esta bien", "confirmada" (a meeting is), "ya lo valide".
pub const VALIDATION: [&str; 18] = [
    r"(si )?ya quedo( todo)?",
    r"(si |ya |todo )*((esta|queda|quedo|doy por|damos por) )?(validad[oa]|confirmado)( (el|la|mi|este|esta|ese) (ticket|caso|solucion|incidente|reporte|cierre|correccion|cambio))?",
    r"(si )?(confirmo|confirmamos)( de conformidad)?",
    r"(si )?(confirmo|confirmamos) (el|la) (cierre|solucion)( del? (ticket|caso|incidente|reporte))?",
    r"(si )?((les|te|le) )?(confirmo|confirmamos) que (ya |todo )*((quedo|funciona)( todo)?( (muy )?(bien|correctamente|perfectamente|resuelt[oa]|solucionad[oa]|corregid[oa]|list[oa]))?|(esta|fue) (resuelt[oa]|solucionad[oa]|corregid[oa]|funcionando)( correctamente)?)( (el|la|mi) (problema|incidente|tema|falla|sistema|acceso|reporte|correo))?",
    r"(si |ya |todo )*(queda|quedo|esta|fue) (resuelt[oa]|solucionad[oa]|corregid[oa])( (el|la|mi|este|esta) (problema|incidente|tema|falla|asunto|ticket|caso|reporte))?",
    r"(si |ya )*se (resolvio|soluciono|corrigio)( (el|la|mi|este) (problema|incidente|tema|falla|asunto))?",
    r"(ya )?((problema|tema|asunto|incidente|caso) )?(resuelto|solucionado|corregido)",
    r"(si |ya |todo )*((lo |la )?(valide|validamos|probe|probamos|revise|revisamos|verifique|verificamos) y )?(ya |todo )*(quedo (muy )?(bien|list[oa]|perfecto|correcto|en orden|funcionando( bien| correctamente)?)|(ya|todo) queda (bien|listo|perfecto|correcto)|(ya|todo) esta (funcionando( bien| correctamente)?|correcto))",
    r"(si |ya |todo |me |nos )*((lo |la )?(valide|validamos|probe|probamos|revise|revisamos|verifique|verificamos) y )?(si |ya |todo |me |nos )*(funciona|funciono|funcionan|trabaja bien|opera bien|opera correctamente)( ya| todo)?( muy)?( bien| correctamente| perfecto| perfectamente| de maravilla)*( (el|la|mi) (sistema|acceso|reporte|modulo|correo|portal|proceso|sesion))?",
    r"ya (me dejo|pude|pudimos) (entrar|acceder|ingresar)( (al|a mi) (sistema|portal|correo|cuenta))?",
    r"(si |ya )*((se |lo |la )?(puede|pueden|puedes)|ya podemos) (cerrar|cerrarlo|cerrarla|cerrarse)( ya)?( (el|la|este|esta|mi) (ticket|caso|incidente|reporte|folio|solicitud))?( por favor)?",
    r"(por favor|favor de|pido) (cerrar|cerrarlo|cierren|cierrenlo|cierralo|cierre)( (el |la |este |esta |mi )?(ticket|caso|incidente|reporte|folio))?",
    r"(cierrenlo|cierralo|cierren|(cerrar|cierren|cierra|cierre) (el |la |este |esta |mi )?(ticket|caso|incidente|reporte|folio)|cerrar por favor)( por favor)?",
    r"(si )?(estoy de acuerdo con|estamos de acuerdo con|de acuerdo con|conforme con|autorizo|autorizamos|apruebo|aprobamos|adelante con|procedan con) (el cierre|la solucion)( del? (ticket|caso|incidente|reporte))?",
    r"(doy|damos) por (cerrado|resuelto|solucionado|concluido)( (el|este|mi) (ticket|caso|incidente|reporte|tema))?",
    r"(si )?(doy|damos|tienen|tiene|cuentan con) (mi |nuestro |el )?visto bueno",
    r"(yes )?(validated|confirmed|i confirm|(it |all |everything )?works( fine| well| now)?|(it is |it s )?(fixed|solved|resolved)( now)?|(you can|please) close( it| the ticket| this ticket| the case)?( please)?)",
];

/// Clauses that thank; names behind them are known by their capitals.
pub const THANKS: [&str; 5] = [
    r"(muchas |muchisimas |mil |infinitas )?gracias( de nuevo| nuevamente| igualmente)?( a (todos|todas|ustedes|ti|usted)| equipo| inge| ing| ingenier[oa]| lic| licenciad[oa])?",
    r"(muchas |muchisimas |mil |infinitas )?(gracias|agradecid[oa]s?) por (todo|((toda |todo )?(el|la|su|tu|sus|tan) )?(pronta |pronto |rapida |excelente |gran |valios[oa] |amable |buena? |oportun[oa] )*(apoyo|ayuda|atencion|atenciones|seguimiento|soporte|respuesta|paciencia|tiempo|gestion|rapidez|solucion|servicio)( (brindad[oa]|prestad[oa]))?( y ((toda |todo )?(el|la|su|tu) )?(pronta |rapida |excelente )?(apoyo|ayuda|atencion|seguimiento|soporte|respuesta|paciencia|tiempo|rapidez|solucion|servicio))?)",
    r"(se |les |te |le )?(lo |los )?(agradezco|agradecemos)( mucho)?( (el|la|su|tu) (pronta |rapida |gran )?(apoyo|ayuda|atencion|seguimiento|soporte|respuesta|tiempo))?",
    r"(muy |estoy |estamos |quedo )*agradecid[oa]s?",
    r"(many |ok )?(thanks|thank you|thx)( so much| very much| a lot| again| team| all)?( for (your|the) (help|support))?",
];

/// Clauses that say nothing: greetings, closings, agreement that does not confirm by itself.
pub const COURTESY: [&str; 8] = [
    r"(hola|buen dia|buenos dias|buenas tardes|buenas noches|buenas|buena tarde|que tal|hi|hello|good morning|good afternoon)( (a )?(todos|todas|equipo|estimad[oa]s?|inge|ing|ingenier[oa]|lic|licenciad[oa]|companer[oa]s|amig[oa]s?|team|all|soporte))?",
    r"(muy )?(estimad[oa]s?|apreciables?|querid[oa]s?)( (todos|todas|equipo|inge|ing|ingenier[oa]|lic|licenciad[oa]|companer[oa]s))?",
    r"(reciban? |te mando |les mando )?(un |unos )?(cordial(es)? |afectuos[oa]s? )?(saludos?|abrazo)( cordial(es)?)?( a todos)?",
    r"(quedo |quedamos )?(atentamente|atent[oa]s?|a sus ordenes|regards|best regards|kind regards)",
    r"(que (tenga|tengan|tengas) )?(un |muy )?(buen|bonito|excelente|feliz|lindo|linda|buena|bonita) (dia|tarde|noche|fin de semana|inicio de semana)",
    r"(ok|okay|oki|si|yes|listo|perfecto|perfect|excelente|excellent|va|vale|great|genial|super)",
    r"(todo (bien|ok|en orden)|muy bien|claro|claro que si|por supuesto|asi es|correcto|efectivamente)",
    r"((estoy |estamos )?de acuerdo)",
];

/// Words by which an answer says more than it seems to: denial, rest, failure, conditions, another
/// time, receipts (`confirmo, recibido`).
pub(super) const DOUBT: [&str; 74] = [
    "no",
    "ni",
    "pero",
    "aun",
    "todavia",
    "sigue",
    "siguen",
    "falta",
    "faltan",
    "falto",
    "falla",
    "fallan",
    "fallo",
    "fallando",
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
    "antemano",
    "solo",
    "solamente",
    "unicamente",
    "menos",
    "otra",
    "otro",
    "otras",
    "otros",
    "ademas",
    "tambien",
    "pendiente",
    "pendientes",
    "mal",
    "peor",
    "medio",
    "medias",
    "cuando",
    "mientras",
    "hasta",
    "siempre",
    "ojala",
    "espero",
    "esperamos",
    "quizas",
    "acaso",
    "recibi",
    "recibido",
    "recibida",
    "recibimos",
    "enterado",
    "enterada",
    "urge",
    "urgente",
    "reabrir",
    "reabran",
    "not",
    "but",
    "if",
    "when",
    "still",
    "receipt",
];

/// Words that join two clauses.
pub(super) const AND: [&str; 3] = ["y", "e", "and"];

/// In the present, and meant for later wherever something was agreed to before.
pub(super) const PROMISES: [&str; 6] = [
    "confirmo",
    "confirmamos",
    "si confirmo",
    "si confirmamos",
    "confirmo de conformidad",
    "i confirm",
];

/// What courtesies begin with that agree to nothing, or only to the question that was asked.
pub(super) const GREETINGS: [&str; 14] = [
    "hola",
    "buen",
    "bonit",
    "que tal",
    "hi",
    "hello",
    "good",
    "muy estimad",
    "estimad",
    "apreciable",
    "querid",
    "si",
    "yes",
    "lind",
];

/// Courtesies that a name may follow.
pub(super) const TAKES_NAME: [&str; 18] = [
    "hola",
    "buen dia",
    "buenos dias",
    "buenas",
    "buena tarde",
    "que tal",
    "hi",
    "hello",
    "good ",
    "estimad",
    "apreciable",
    "querid",
    "saludo",
    "abrazo",
    "atent",
    "a sus ordenes",
    "regards",
    "ok",
];

/// What a signature stands below.
pub(super) const CLOSINGS: [&str; 5] = ["saludo", "abrazo", "atent", "a sus ordenes", "regards"];

/// Small words within names.
pub(super) const PARTICLES: [&str; 6] = ["de", "del", "la", "las", "los", "y"];

/// Dashes that part clauses where blanks stand around them.
pub(super) const DASHES: [&str; 3] = [" - ", " – ", " — "];

/// Signs of assent and good cheer. Whatever is not here is a sign that a person looks at.
const SMILES: [&str; 34] = [
    ":-)", ":)", ";-)", ";)", "=)", ":D", ":-D", "👍", "👌", "🙏", "🙌", "👏", "🤝", "😊", "😀",
    "😃", "😄", "😁", "🙂", "😉", "😎", "🤗", "🥳", "🎉", "✅", "✔", "☺", "❤", "💯", "🚀", "🌟",
    "⭐", "💪", "🫡",
];

/// The text with blanks for its smiles; skin tones, variants of signs and joiners are gone.
pub(super) fn without_smiles(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|c| {
            !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE0F}' | '\u{FEFF}' | '\u{AD}'
                | '\u{1F3FB}'..='\u{1F3FF}')
        })
        .collect();
    SMILES
        .iter()
        .fold(bare, |text, smile| text.replace(smile, " "))
}
