//! How mail programs introduce and mark quoted mail, by language.

use super::Row;

/// «Wrote», lower case, as it ends an attribution or stands within it. Gmail, Apple Mail,
/// Thunderbird and Outlook for Mac have one each in some languages.
pub const WROTE: &[Row] = &[
    (
        "Spanish",
        &["escribió", "escribio", "ha escrito", "publicó"],
    ),
    ("English", &["wrote", "writes", "sent", "a wrote"]),
    ("Portuguese", &["escreveu", "escreveu o seguinte"]),
    ("Catalan", &["va escriure", "ha escrit", "missatge de"]),
    ("Galician", &["escribiu"]),
    ("French", &["a écrit", "a ecrit"]),
    ("German", &["schrieb", "schrieb am", "hat geschrieben"]),
    ("Italian", &["ha scritto", "scrive", "ha escrito"]),
    (
        "Dutch",
        &["schreef", "het volgende geschreven", "geschreven"],
    ),
    ("Scandinavian", &["skrev", "följande", "følgende"]),
    ("Finnish", &["kirjoitti"]),
    ("Estonian", &["kirjutas"]),
    ("Polish", &["napisał", "napisał(a)", "napisała", "pisze"]),
    (
        "Czech and Slovak",
        &["napsal", "napsal(a)", "napsala", "napísal", "napísal(a)"],
    ),
    (
        "Croatian and Slovene",
        &["je napisao", "je napisala", "napisao je", "napisala"],
    ),
    ("Hungarian", &["ezt írta", "írta"]),
    ("Romanian", &["a scris"]),
    ("Turkish", &["şunu yazdı", "yazdı"]),
    ("Russian", &["написал", "написала", "написал(а)", "пишет"]),
    ("Ukrainian", &["пише", "написав", "написав(ла)"]),
    ("Bulgarian", &["написа"]),
    ("Greek", &["έγραψε"]),
    ("Vietnamese", &["đã viết"]),
    ("Indonesian", &["menulis"]),
    ("Arabic", &["كتب"]),
    ("Hebrew", &["כתב"]),
];

/// The same in writing without blanks between words.
pub const WROTE_JOINED: &[Row] = &[
    ("Chinese", &["写道", "寫道", "写了"]),
    (
        "Japanese",
        &["のメッセージ", "書きました", "が書き込みました"],
    ),
    ("Korean", &["작성", "님이 작성", "쓰기"]),
];

/// Words that begin an attribution, as they are written there; a date or a name follows.
pub const ON: &[Row] = &[
    ("Spanish", &["El", "El día"]),
    ("English", &["On"]),
    ("Portuguese", &["Em", "No dia", "A"]),
    ("Catalan and Galician", &["O", "Missatge"]),
    ("French", &["Le"]),
    ("German", &["Am"]),
    ("Italian", &["Il", "In data", "Il giorno"]),
    ("Dutch", &["Op"]),
    ("Scandinavian", &["Den", "På", "D."]),
    ("Estonian", &["Kuupäev"]),
    ("Polish", &["W dniu", "Dnia"]),
    ("Czech and Slovak", &["Dne", "Dňa"]),
    ("Croatian and Slovene", &["Dana", "V", "U"]),
    ("Romanian", &["În", "Pe", "La"]),
    ("Bulgarian", &["На"]),
    ("Greek", &["Στις"]),
    ("Vietnamese", &["Vào"]),
    ("Indonesian", &["Pada"]),
    ("Chinese", &["在", "於"]),
    ("Arabic", &["في"]),
    ("Hebrew", &["בתאריך"]),
];

/// The words of an original or forwarded mail's marker, lower case and without its dashes: those
/// of Outlook (plain text), Gmail, Thunderbird, Yahoo and Lotus Notes.
pub const ORIGINAL: &[Row] = &[
    (
        "Spanish",
        &[
            "mensaje original",
            "correo original",
            "mensaje reenviado",
            "mensaje enviado",
            "reenviado",
            "cita original",
        ],
    ),
    (
        "English",
        &[
            "original message",
            "original email",
            "original appointment",
            "forwarded message",
            "reply message",
            "forwarded",
        ],
    ),
    (
        "Portuguese",
        &[
            "mensagem original",
            "mensagem encaminhada",
            "mensagem reencaminhada",
        ],
    ),
    ("Catalan", &["missatge original", "missatge reenviat"]),
    (
        "French",
        &[
            "message d origine",
            "message original",
            "message transféré",
            "courriel d origine",
        ],
    ),
    (
        "German",
        &[
            "ursprüngliche nachricht",
            "originalnachricht",
            "original nachricht",
            "weitergeleitete nachricht",
        ],
    ),
    (
        "Italian",
        &[
            "messaggio originale",
            "messaggio inoltrato",
            "messaggio originario",
        ],
    ),
    (
        "Dutch",
        &[
            "oorspronkelijk bericht",
            "origineel bericht",
            "doorgestuurd bericht",
        ],
    ),
    (
        "Swedish",
        &[
            "ursprungligt meddelande",
            "originalmeddelande",
            "vidarebefordrat meddelande",
        ],
    ),
    (
        "Danish",
        &[
            "oprindelig meddelelse",
            "original meddelelse",
            "videresendt meddelelse",
        ],
    ),
    (
        "Norwegian",
        &[
            "opprinnelig melding",
            "original melding",
            "videresendt melding",
        ],
    ),
    (
        "Finnish",
        &[
            "alkuperäinen viesti",
            "välitetty viesti",
            "edelleenlähetetty viesti",
            "välitetty viesti fwd msg",
        ],
    ),
    ("Estonian", &["algne kiri", "edastatud kiri"]),
    (
        "Polish",
        &[
            "wiadomość oryginalna",
            "oryginalna wiadomość",
            "treść oryginalnej wiadomości",
            "treść przekazanej wiadomości",
            "wiadomość przesłana dalej",
            "przekazana wiadomość",
        ],
    ),
    ("Czech", &["původní zpráva", "přeposlaná zpráva"]),
    (
        "Slovak",
        &[
            "pôvodná správa",
            "preposlaná správa",
            "preposlaná správa forwarded message",
        ],
    ),
    (
        "Croatian and Slovene",
        &[
            "izvorna poruka",
            "proslijeđena poruka",
            "izvirno sporočilo",
            "posredovano sporočilo",
        ],
    ),
    ("Hungarian", &["eredeti üzenet", "továbbított üzenet"]),
    (
        "Romanian",
        &[
            "mesaj original",
            "mesajul original",
            "mesaj redirecționat",
            "mesaj redirecţionat",
        ],
    ),
    (
        "Turkish",
        &[
            "orijinal mesaj",
            "özgün ileti",
            "i\u{307}letilen ileti",
            "yönlendirilmiş ileti",
        ],
    ),
    (
        "Russian",
        &[
            "исходное сообщение",
            "пересылаемое сообщение",
            "перенаправленное сообщение",
            "оригинальное сообщение",
        ],
    ),
    (
        "Ukrainian",
        &["вихідне повідомлення", "переслане повідомлення"],
    ),
    (
        "Chinese",
        &["原始邮件", "原始郵件", "转发的邮件", "轉寄郵件"],
    ),
    (
        "Japanese",
        &[
            "元のメッセージ",
            "original message",
            "メッセージを転送",
            "転送されたメッセージ",
        ],
    ),
    ("Korean", &["원본 메시지", "전달된 메시지", "원본 메일"]),
    (
        "Vietnamese",
        &["thư gốc", "tin nhắn gốc", "tin nhắn đã chuyển tiếp"],
    ),
];

/// Beginnings of Lotus Notes' marker, lower case: a name and a date follow, and dashes.
pub const FORWARDED_BY: &[Row] = &[
    ("Spanish", &["reenviado por", "remitido por"]),
    ("English", &["forwarded by", "original message from"]),
    ("Portuguese", &["encaminhado por", "repassado por"]),
    ("French", &["transféré par", "réacheminé par"]),
    ("German", &["weitergeleitet von"]),
    ("Italian", &["inoltrato da"]),
    ("Dutch", &["doorgestuurd door"]),
];

/// Apple Mail's line above a forwarded mail, lower case; it has a colon and no dashes.
pub const FORWARD_BEGINS: &[Row] = &[
    (
        "Spanish",
        &[
            "inicio del mensaje reenviado",
            "comienzo del mensaje reenviado",
        ],
    ),
    ("English", &["begin forwarded message"]),
    (
        "Portuguese",
        &[
            "início da mensagem reencaminhada",
            "início da mensagem encaminhada",
        ],
    ),
    ("Catalan", &["inici del missatge reenviat"]),
    (
        "French",
        &["début du message réexpédié", "début du message transféré"],
    ),
    (
        "German",
        &[
            "anfang der weitergeleiteten nachricht",
            "anfang der weitergeleiteten e mail",
        ],
    ),
    ("Italian", &["inizio messaggio inoltrato"]),
    ("Dutch", &["begin doorgestuurd bericht"]),
    ("Swedish", &["vidarebefordrat brev"]),
    ("Danish", &["start på videresendt besked"]),
    ("Norwegian", &["videresendt melding"]),
    ("Finnish", &["välitetty viesti alkaa"]),
    (
        "Polish",
        &[
            "początek przekazywanej wiadomości",
            "rozpoczęcie przekazywanej wiadomości",
        ],
    ),
    (
        "Czech",
        &["začátek přeposílané zprávy", "začátek přeposlané zprávy"],
    ),
    ("Slovak", &["začiatok preposlanej správy"]),
    ("Croatian", &["započni proslijeđenu poruku"]),
    ("Hungarian", &["továbbított levél kezdete"]),
    ("Romanian", &["începe mesajul redirecționat"]),
    (
        "Turkish",
        &[
            "i\u{307}letilen ileti başlangıcı",
            "yönlendirilen ileti başlangıcı",
        ],
    ),
    (
        "Russian",
        &[
            "начало переадресованного сообщения",
            "начало переадресованного письма",
        ],
    ),
    (
        "Ukrainian",
        &[
            "початок листа що пересилається",
            "початок переадресованого листа",
        ],
    ),
    (
        "Chinese",
        &["开始转发的邮件", "下面是被转发的邮件", "開始轉寄的郵件"],
    ),
    (
        "Japanese",
        &["転送されたメッセージ", "下記は転送されたメッセージです"],
    ),
    ("Korean", &["전달된 메시지 시작"]),
];

/// Lines by which other desks ask for the reply above them (Zendesk, Freshdesk, Jira, Help Scout,
/// Basecamp …), lower case, without decoration.
pub const REPLY_ABOVE: &[Row] = &[
    (
        "Spanish",
        &[
            "responda por encima de esta línea",
            "responder por encima de esta línea",
            "responde por encima de esta línea",
            "escriba su respuesta por encima de esta línea",
            "escriba su respuesta encima de esta línea",
            "escriba su respuesta arriba de esta línea",
            "escribe tu respuesta por encima de esta línea",
            "escribe tu respuesta encima de esta línea",
            "introduzca su respuesta por encima de esta línea",
            "por favor escriba su respuesta por encima de esta línea",
            "por favor escriba su respuesta encima de esta línea",
            "por favor escriba su respuesta arriba de esta línea",
            "por favor responda por encima de esta línea",
            "por favor responda arriba de esta línea",
            "favor de responder por encima de esta línea",
            "responda arriba de esta línea",
            "responda sobre esta línea",
        ],
    ),
    (
        "English",
        &[
            "reply above this line",
            "please reply above this line",
            "type your reply above this line",
            "please type your reply above this line",
            "write your reply above this line",
            "please write your reply above this line",
            "enter your reply above this line",
            "add your reply above this line",
            "reply above",
            "write above this line",
            "please do not write below this line",
            "do not write below this line",
        ],
    ),
    (
        "Portuguese",
        &[
            "responda acima desta linha",
            "digite sua resposta acima desta linha",
            "por favor digite sua resposta acima desta linha",
            "por favor responda acima desta linha",
        ],
    ),
    (
        "French",
        &[
            "répondre au dessus de cette ligne",
            "répondez au dessus de cette ligne",
            "veuillez répondre au dessus de cette ligne",
            "veuillez saisir votre réponse au dessus de cette ligne",
        ],
    ),
    (
        "German",
        &[
            "bitte oberhalb dieser linie antworten",
            "antworten sie oberhalb dieser linie",
            "bitte geben sie ihre antwort über dieser zeile ein",
            "bitte antworten sie über dieser zeile",
        ],
    ),
    (
        "Italian",
        &[
            "rispondi sopra questa riga",
            "si prega di rispondere sopra questa riga",
            "digita la risposta sopra questa riga",
        ],
    ),
    (
        "Dutch",
        &[
            "antwoord boven deze regel",
            "typ uw antwoord boven deze regel",
            "typ uw reactie boven deze lijn",
        ],
    ),
    ("Swedish", &["svara ovanför denna rad"]),
    ("Danish", &["svar over denne linje"]),
    ("Polish", &["odpowiedz powyżej tej linii"]),
];

/// Phrases that send the reader into the mail answered to, because the answers were written there
/// (`respondo abajo en rojo`), lower case. Outlook marks no quoted line, so nothing else tells.
pub const POINTS_BELOW: &[Row] = &[
    (
        "Spanish",
        &[
            "respondo abajo",
            "respondo en rojo",
            "respondo en azul",
            "respondo entre líneas",
            "respondo sobre el mismo",
            "contesto abajo",
            "contesto en rojo",
            "contesto en azul",
            "contesto sobre el mismo",
            "respuestas abajo",
            "respuesta abajo",
            "comentarios abajo",
            "comentario abajo",
            "comentarios en rojo",
            "comentarios en azul",
            "respuestas en rojo",
            "respuestas en azul",
            "en rojo mis",
            "en azul mis",
            "en rojo las respuestas",
            "en azul las respuestas",
            "abajo en rojo",
            "abajo en azul",
            "abajo las respuestas",
            "abajo mis",
            "entre líneas",
            "en el cuerpo del correo",
            "sobre tu correo",
            "sobre su correo",
            "sobre el mismo correo",
            "en el mismo correo",
        ],
    ),
    (
        "English",
        &[
            "see inline",
            "answers below",
            "answer below",
            "comments below",
            "replies below",
            "inline below",
            "responses inline",
            "comments inline",
            "answers inline",
            "in red below",
            "below in red",
            "below in blue",
        ],
    ),
    (
        "Portuguese",
        &[
            "respostas abaixo",
            "comentários abaixo",
            "abaixo em vermelho",
        ],
    ),
    ("French", &["réponses ci-dessous", "dans le texte"]),
    ("German", &["antworten unten", "im text unten"]),
    ("Italian", &["risposte sotto"]),
];
