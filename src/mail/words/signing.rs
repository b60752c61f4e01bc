//! What telephones, mail programs and companies write under a mail, by language.

use super::Row;

/// Beginnings of what telephones and mail programs sign with, lower case; a device or a program
/// follows.
pub const SENT_FROM: &[Row] = &[
    (
        "Spanish",
        &[
            "enviado desde",
            "enviado con",
            "enviado de mi",
            "enviado mediante",
            "enviado a través de",
            "enviado por mi",
            "mensaje enviado desde",
        ],
    ),
    (
        "English",
        &[
            "sent from",
            "sent via",
            "sent with",
            "sent by",
            "sent using",
        ],
    ),
    (
        "Portuguese",
        &[
            "enviado do",
            "enviado a partir",
            "enviado pelo",
            "enviada do",
        ],
    ),
    ("Catalan", &["enviat des", "enviat amb"]),
    (
        "French",
        &[
            "envoyé de mon",
            "envoyé depuis",
            "envoyé à partir",
            "envoyé avec",
            "envoyé par mon",
            "envoyé via",
        ],
    ),
    (
        "German",
        &[
            "gesendet von",
            "gesendet mit",
            "von meinem",
            "von unterwegs gesendet",
            "diese nachricht wurde von",
            "diese nachricht wurde mit",
        ],
    ),
    (
        "Italian",
        &[
            "inviato da",
            "inviato dal",
            "inviato con",
            "inviato tramite",
        ],
    ),
    (
        "Dutch",
        &[
            "verstuurd vanaf",
            "verzonden vanaf",
            "verzonden met",
            "verstuurd met",
            "verstuurd via",
        ],
    ),
    (
        "Swedish",
        &["skickat från", "skickades från", "skickat med"],
    ),
    ("Danish", &["sendt fra", "sendt med", "sendt via"]),
    ("Norwegian", &["sendt fra", "sendt med"]),
    ("Finnish", &["lähetetty"]),
    ("Estonian", &["saadetud minu"]),
    ("Polish", &["wysłane z", "wysłano z", "wysłane za pomocą"]),
    ("Czech", &["odesláno z", "odesláno ze", "odeslané z"]),
    ("Slovak", &["odoslané z", "odoslané zo"]),
    (
        "Croatian and Slovene",
        &["poslano s", "poslano iz", "poslano z"],
    ),
    (
        "Hungarian",
        &["küldve", "elküldve", "az iphone-omról", "iphone-omról"],
    ),
    ("Romanian", &["trimis de pe", "trimis din"]),
    (
        "Turkish",
        &[
            "iphone'umdan",
            "iphone’umdan",
            "android uygulamasından",
            "samsung cihazımdan",
        ],
    ),
    (
        "Russian",
        &[
            "отправлено с",
            "отправлено из",
            "отправлено со",
            "послано с",
        ],
    ),
    ("Ukrainian", &["надіслано з", "відправлено з"]),
    ("Bulgarian", &["изпратено от"]),
    ("Greek", &["εστάλη από", "στάλθηκε από"]),
    (
        "Chinese",
        &[
            "发自我的",
            "从我的",
            "发送自",
            "來自我的",
            "從我的",
            "寄自我的",
        ],
    ),
    (
        "Japanese",
        &[
            "iphoneから送信",
            "ipadから送信",
            "私のiphoneから",
            "androidから送信",
        ],
    ),
    (
        "Korean",
        &["나의 iphone", "나의 ipad", "내 iphone", "iphone에서"],
    ),
    ("Vietnamese", &["đã gửi từ", "được gửi từ", "gửi từ"]),
    ("Indonesian", &["dikirim dari"]),
];

/// What follows: brands of telephones, tablets and mail programs, lower case.
pub const BRANDS: &[&str] = &[
    "iphone",
    "ipad",
    "ipod",
    "android",
    "samsung",
    "galaxy",
    "huawei",
    "xiaomi",
    "redmi",
    "poco",
    "motorola",
    "nokia",
    "xperia",
    "oppo",
    "realme",
    "oneplus",
    "pixel",
    "blackberry",
    "windows",
    "lumia",
    "htc",
    "outlook",
    "yahoo",
    "gmail",
    "hotmail",
    "proton",
    "protonmail",
    "k-9",
    "aol",
    "zimbra",
    "thunderbird",
    "typeapp",
    "bluemail",
    "spark",
    "sparrow",
    "mailbird",
    "airmail",
    "mailspring",
    "fairemail",
    "gmx",
    "icloud",
    "почты",
    "яндекс.почты",
];

/// Devices by their common name, lower case; anyone may begin a sentence with them, so the line
/// must be short.
pub const DEVICES: &[&str] = &[
    "móvil",
    "movil",
    "celular",
    "teléfono",
    "telefono",
    "smartphone",
    "tablet",
    "tableta",
    "dispositivo",
    "correo",
    "mail",
    "mobile",
    "phone",
    "device",
    "telemóvel",
    "mobil",
    "mobiltelefon",
    "handy",
    "telefon",
    "mobiele",
    "cellulare",
    "téléphone",
    "appareil",
    "lg",
    "moto",
    "vivo",
    "honor",
    "mac",
];

/// Words that make a sentence of what would be a telephone's signature, lower case.
pub const CLAUSE: &[&str] = &[
    "porque", "pues", "pero", "ya", "que", "no", "está", "es", "y", "donde", "cuando", "si",
    "because", "but", "since", "is", "isn't", "not", "and", "where", "when", "that", "does", "mas",
    "não", "weil", "aber", "ist", "nicht", "und", "car", "mais", "est", "et", "ma", "è",
];

/// Beginnings of the lines that advertise a mail program or a scanner, lower case.
pub const ADVERTISED: &[Row] = &[
    (
        "Spanish",
        &[
            "obtener outlook para",
            "obtén outlook para",
            "obtenga outlook para",
            "descargar outlook para",
            "descarga outlook para",
            "libre de virus.",
            "libre de virus ",
            "este correo electrónico ha sido comprobado en busca de virus",
            "este mensaje ha sido analizado por",
        ],
    ),
    (
        "English",
        &[
            "get outlook for",
            "download outlook for",
            "virus-free.",
            "this email has been checked for viruses",
            "this message has been scanned for viruses",
            "yahoo mail: search, organize",
            "yahoo mail: busca",
        ],
    ),
    (
        "Portuguese",
        &[
            "obter o outlook para",
            "baixar o outlook para",
            "obtenha o outlook para",
            "livre de vírus",
        ],
    ),
    ("Catalan", &["obteniu l'outlook per"]),
    (
        "French",
        &[
            "télécharger outlook pour",
            "obtenir outlook pour",
            "obtenez outlook pour",
            "garanti sans virus",
        ],
    ),
    (
        "German",
        &[
            "holen sie sich outlook für",
            "laden sie outlook für",
            "outlook für ios",
            "outlook für android",
            "virenfrei.",
        ],
    ),
    (
        "Italian",
        &[
            "scarica outlook per",
            "ottieni outlook per",
            "privo di virus",
        ],
    ),
    (
        "Dutch",
        &[
            "download outlook voor",
            "outlook voor ios",
            "outlook voor android",
            "virusvrij.",
        ],
    ),
    ("Swedish", &["hämta outlook för", "skaffa outlook för"]),
    ("Danish", &["hent outlook til", "få outlook til"]),
    ("Norwegian", &["hent outlook for", "få outlook for"]),
    ("Finnish", &["hanki outlook for"]),
    (
        "Polish",
        &[
            "pobierz program outlook dla",
            "pobierz aplikację outlook dla",
        ],
    ),
    ("Czech", &["získejte outlook pro", "získat outlook pro"]),
    ("Russian", &["скачать outlook для", "получить outlook для"]),
    ("Chinese", &["获取 outlook", "取得 outlook", "下载 outlook"]),
    (
        "Japanese",
        &["outlook for ios を入手", "outlook for android を入手"],
    ),
    ("Korean", &["outlook for ios 받기", "ios용 outlook"]),
];

/// Headings of legal notices, lower case.
pub const NOTICE_HEADINGS: &[Row] = &[
    (
        "Spanish",
        &[
            "aviso de confidencialidad",
            "nota de confidencialidad",
            "cláusula de confidencialidad",
            "advertencia de confidencialidad",
            "confidencialidad",
            "aviso de privacidad",
            "aviso legal",
            "advertencia legal",
            "nota legal",
        ],
    ),
    (
        "English",
        &[
            "confidentiality notice",
            "confidentiality note",
            "notice of confidentiality",
            "legal disclaimer",
            "legal notice",
            "email disclaimer",
            "disclaimer",
        ],
    ),
    ("Portuguese", &["aviso de confidencialidade", "aviso legal"]),
    ("French", &["avis de confidentialité", "avertissement"]),
    ("German", &["vertraulichkeitshinweis", "haftungsausschluss"]),
    ("Italian", &["avviso di riservatezza", "avvertenza"]),
];

/// Beginnings of the first sentence of legal notices, lower case.
pub const NOTICE_BEGINS: &[Row] = &[
    (
        "Spanish",
        &[
            "este correo",
            "este mensaje",
            "este e-mail",
            "este email",
            "esta comunicación",
            "esta transmisión",
            "el presente correo",
            "el presente mensaje",
            "el contenido de este",
            "la información contenida en",
            "la información de este",
            "la información transmitida",
            "la información incluida en",
            "toda la información",
            "los datos contenidos en este",
            "si usted no es el destinatario",
            "si ha recibido este",
            "si recibió este",
            "antes de imprimir",
            "piense en el medio ambiente",
            "por favor considere el medio ambiente",
            "por favor, considere el medio ambiente",
            "cuida el medio ambiente",
            "no imprima este",
        ],
    ),
    (
        "English",
        &[
            "this email",
            "this e-mail",
            "this message",
            "this communication",
            "this transmission",
            "the information contained in",
            "the information in this",
            "the information transmitted",
            "the contents of this",
            "the content of this",
            "any opinions expressed",
            "any views expressed",
            "internet email is not",
            "if you are not the intended recipient",
            "if you have received this",
            "please consider the environment",
            "consider the environment",
            "think before you print",
        ],
    ),
    (
        "Portuguese",
        &[
            "esta mensagem",
            "este e-mail",
            "as informações contidas",
            "antes de imprimir",
        ],
    ),
    (
        "French",
        &[
            "ce message",
            "ce courriel",
            "cet e-mail",
            "pensez à l'environnement",
        ],
    ),
    ("German", &["diese e-mail", "diese nachricht"]),
    (
        "Italian",
        &[
            "questo messaggio",
            "questa e-mail",
            "le informazioni contenute",
        ],
    ),
];

/// Words of which a legal notice holds several, lower case; any form that contains them.
pub const LEGAL: &[Row] = &[
    (
        "Spanish",
        &[
            "confidencial",
            "destinatario",
            "privilegiad",
            "prohibid",
            "divulga",
            "por error",
            "uso exclusivo",
            "medio ambiente",
            "datos personales",
            "secreto profesional",
            "no autorizad",
            "elimin",
            "antes de imprimir",
            "libre de virus",
        ],
    ),
    (
        "English",
        &[
            "confidential",
            "intended",
            "addressee",
            "recipient",
            "privileged",
            "prohibited",
            "disclos",
            "in error",
            "unauthori",
            "monitor",
            "viruses",
            "opinions",
            "environment",
            "delete",
            "data protection",
        ],
    ),
    ("Portuguese", &["destinatário", "proibid", "por engano"]),
    (
        "French",
        &[
            "confidentiel",
            "destinataire",
            "par erreur",
            "interdit",
            "environnement",
        ],
    ),
    (
        "German",
        &["vertraulich", "empfänger", "irrtümlich", "unbefugt"],
    ),
    ("Italian", &["riservat", "per errore", "vietat"]),
];

/// Those of them that hardly stand in a request for help.
pub const LEGAL_STRONG: &[&str] = &[
    "confidencial",
    "privilegiad",
    "divulga",
    "medio ambiente",
    "uso exclusivo",
    "secreto profesional",
    "confidential",
    "intended",
    "addressee",
    "privileged",
    "opinions",
    "environment",
    "data protection",
    "confidentiel",
    "environnement",
    "vertraulich",
    "riservat",
];
