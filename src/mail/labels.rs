//! Labels of the header block that mail programs write above the mail they answer or forward
//! (`De: / Enviado el: / Para: / Asunto:`), by language (mail.md §5).
//!
//! To add a language, add a row to [`LANGUAGES`]. The words are spelled as the programs spell
//! them; case does not count.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest label read, in bytes; longer text before a colon is prose.
pub const LABEL_MAX_BYTES: usize = 48;

/// What a label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// The sender.
    From,
    /// The time of sending.
    Sent,
    /// The recipients.
    To,
    /// The recipients of copies, and other fields that neither begin nor prove a block.
    Copy,
    /// The subject.
    Subject,
}

/// One language's labels: Outlook's first, then those of Gmail, Apple Mail, Thunderbird, Yahoo
/// and the webmail of the country.
#[derive(Debug)]
pub struct Language {
    /// Its name in English, for readers of the table.
    pub name: &'static str,
    /// Labels of [`Label::From`].
    pub from: &'static [&'static str],
    /// Labels of [`Label::Sent`].
    pub sent: &'static [&'static str],
    /// Labels of [`Label::To`].
    pub to: &'static [&'static str],
    /// Labels of [`Label::Copy`].
    pub copy: &'static [&'static str],
    /// Labels of [`Label::Subject`].
    pub subject: &'static [&'static str],
}

/// All languages known.
pub const LANGUAGES: &[Language] = &[
    Language {
        name: "Spanish",
        from: &["De", "Desde", "Remitente"],
        sent: &[
            "Enviado el",
            "Enviado",
            "Enviada el",
            "Fecha",
            "Fecha de envío",
        ],
        to: &["Para", "Destinatario", "Destinatarios"],
        copy: &["CC", "CCO", "Copia", "Responder a", "Importancia"],
        subject: &["Asunto", "Tema"],
    },
    Language {
        name: "English",
        from: &["From"],
        sent: &["Sent", "Date", "Sent on", "Sent at"],
        to: &["To"],
        copy: &[
            "Cc",
            "Bcc",
            "Reply-To",
            "Importance",
            "Attachments",
            "When",
            "Where",
        ],
        subject: &["Subject"],
    },
    Language {
        name: "Portuguese",
        from: &["De"],
        sent: &["Enviada em", "Enviado em", "Enviado", "Data"],
        to: &["Para"],
        copy: &["Cc", "Responder para"],
        subject: &["Assunto"],
    },
    Language {
        name: "Catalan",
        from: &["De", "Des de"],
        sent: &["Enviat el", "Enviat", "Data"],
        to: &["Per a", "Per"],
        copy: &["A/c", "Còpia"],
        subject: &["Assumpte", "Tema"],
    },
    Language {
        name: "French",
        from: &["De", "Expéditeur"],
        // «Message du» is what the webmail of Orange and La Poste writes.
        sent: &["Envoyé", "Envoyé le", "Date", "Message du"],
        to: &["À", "A", "Destinataire", "Pour"],
        copy: &["Cc", "Copie", "Copie à", "Répondre à"],
        subject: &["Objet", "Sujet"],
    },
    Language {
        name: "German",
        from: &["Von", "Absender"],
        sent: &["Gesendet", "Gesendet am", "Datum"],
        to: &["An", "Empfänger"],
        copy: &["Cc", "Kopie", "Antwort an"],
        subject: &["Betreff"],
    },
    Language {
        name: "Italian",
        from: &["Da", "Mittente"],
        sent: &["Inviato", "Inviato il", "Data"],
        to: &["A", "Destinatario"],
        copy: &["Cc", "Rispondi a"],
        subject: &["Oggetto"],
    },
    Language {
        name: "Dutch",
        from: &["Van", "Afzender"],
        sent: &["Verzonden", "Verstuurd", "Datum"],
        to: &["Aan"],
        copy: &["CC", "Kopie", "Antwoord aan"],
        subject: &["Onderwerp"],
    },
    Language {
        name: "Swedish",
        from: &["Från"],
        sent: &["Skickat", "Skickad", "Datum"],
        to: &["Till"],
        copy: &["Kopia", "Svara till"],
        subject: &["Ämne"],
    },
    Language {
        name: "Danish",
        from: &["Fra"],
        sent: &["Sendt", "Dato"],
        to: &["Til"],
        copy: &["Cc", "Kopi", "Svar til"],
        subject: &["Emne"],
    },
    Language {
        name: "Norwegian",
        from: &["Fra"],
        sent: &["Sendt", "Dato"],
        to: &["Til"],
        copy: &["Kopi", "Svar til"],
        subject: &["Emne"],
    },
    Language {
        name: "Finnish",
        from: &["Lähettäjä"],
        sent: &["Lähetetty", "Päivämäärä", "Päiväys", "Pvm"],
        to: &["Vastaanottaja"],
        copy: &["Kopio", "Kopio vastaanottajalle"],
        subject: &["Aihe"],
    },
    Language {
        name: "Estonian",
        from: &["Saatja"],
        sent: &["Saadetud", "Kuupäev"],
        to: &["Adressaat", "Saaja"],
        copy: &["Koopia"],
        subject: &["Teema"],
    },
    Language {
        name: "Polish",
        from: &["Od", "Nadawca"],
        sent: &["Wysłano", "Data", "Data wysłania"],
        to: &["Do", "Adresat"],
        copy: &["DW", "Kopia"],
        subject: &["Temat"],
    },
    Language {
        name: "Czech",
        from: &["Od", "Odesílatel"],
        sent: &["Odesláno", "Datum"],
        to: &["Komu", "Příjemce"],
        copy: &["Kopie"],
        subject: &["Předmět"],
    },
    Language {
        name: "Slovak",
        from: &["Od", "Odosielateľ"],
        sent: &["Odoslané", "Dátum"],
        to: &["Komu", "Pre"],
        copy: &["Kópia"],
        subject: &["Predmet", "Predmet e-mailu"],
    },
    Language {
        name: "Croatian and Slovene",
        from: &["Od", "Šalje"],
        sent: &["Poslano", "Datum"],
        to: &["Za", "Prima"],
        copy: &["Kopija", "Kp"],
        subject: &["Predmet", "Naslov", "Zadeva"],
    },
    Language {
        name: "Hungarian",
        from: &["Feladó"],
        sent: &["Elküldve", "Küldve", "Dátum", "Küldés ideje"],
        to: &["Címzett"],
        copy: &["Másolatot kap", "Másolat"],
        subject: &["Tárgy"],
    },
    Language {
        name: "Romanian",
        from: &["De la", "Expeditor"],
        sent: &["Trimis", "Data", "Dată", "Dată trimitere"],
        to: &["Către", "Catre"],
        copy: &["Cc"],
        subject: &["Subiect"],
    },
    Language {
        name: "Turkish",
        from: &["Kimden", "Gönderen"],
        sent: &["Gönderildi", "Gönderilme", "Gönderme Tarihi", "Tarih"],
        to: &["Kime", "Alıcı"],
        copy: &["Bilgi"],
        subject: &["Konu"],
    },
    Language {
        name: "Russian",
        from: &["От", "От кого"],
        sent: &["Отправлено", "Дата"],
        to: &["Кому"],
        copy: &["Копия"],
        subject: &["Тема"],
    },
    Language {
        name: "Ukrainian",
        from: &["Від", "Від кого"],
        sent: &["Надіслано", "Дата"],
        to: &["Кому"],
        copy: &["Копія"],
        subject: &["Тема"],
    },
    Language {
        name: "Bulgarian",
        from: &["От"],
        sent: &["Изпратено", "Дата"],
        to: &["До"],
        copy: &["Копие"],
        subject: &["Относно", "Тема"],
    },
    Language {
        name: "Greek",
        from: &["Από"],
        sent: &["Στάλθηκε", "Ημερομηνία"],
        to: &["Προς"],
        copy: &["Κοιν."],
        subject: &["Θέμα"],
    },
    Language {
        name: "Chinese",
        from: &["发件人", "寄件者", "寄件人"],
        sent: &["发送时间", "已发送", "日期", "寄件日期", "傳送時間", "时间"],
        to: &["收件人", "收件者"],
        copy: &["抄送", "副本"],
        subject: &["主题", "主旨"],
    },
    Language {
        name: "Japanese",
        from: &["差出人", "送信元", "送信者"],
        sent: &["送信日時", "日時", "日付"],
        to: &["宛先"],
        copy: &["cc"],
        subject: &["件名"],
    },
    Language {
        name: "Korean",
        from: &["보낸 사람", "보낸사람", "발신"],
        sent: &["보낸 날짜", "보낸날짜", "날짜"],
        to: &["받는 사람", "받는사람", "수신"],
        copy: &["참조"],
        subject: &["제목"],
    },
    Language {
        name: "Vietnamese",
        from: &["Từ"],
        sent: &["Đã gửi", "Gửi", "Ngày", "Vào"],
        to: &["Đến", "Tới"],
        copy: &["Đồng gửi"],
        subject: &["Chủ đề", "Tiêu đề"],
    },
    Language {
        name: "Indonesian",
        from: &["Dari"],
        sent: &["Dikirim", "Tanggal"],
        to: &["Kepada", "Ke"],
        copy: &["Tembusan"],
        subject: &["Subjek", "Perihal"],
    },
    Language {
        name: "Arabic",
        from: &["من"],
        sent: &["تاريخ الإرسال", "التاريخ"],
        to: &["إلى"],
        copy: &["نسخة"],
        subject: &["الموضوع"],
    },
    Language {
        name: "Hebrew",
        from: &["מאת"],
        sent: &["נשלח", "תאריך"],
        to: &["אל"],
        copy: &["עותק"],
        subject: &["נושא"],
    },
];

/// Lower-case label to what it stands for; a word that two languages use differently keeps the
/// meaning of the first of them.
static KNOWN: LazyLock<HashMap<String, Label>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for language in LANGUAGES {
        for (kind, words) in [
            (Label::From, language.from),
            (Label::Sent, language.sent),
            (Label::To, language.to),
            (Label::Subject, language.subject),
            (Label::Copy, language.copy),
        ] {
            for word in words {
                known.entry(word.to_lowercase()).or_insert(kind);
            }
        }
    }
    known
});

/// What a label stands for; `label` without its colon and decoration, in any case.
pub fn kind(label: &str) -> Option<Label> {
    if label.is_empty() || label.len() > LABEL_MAX_BYTES {
        return None;
    }
    KNOWN.get(&label.to_lowercase()).copied()
}

/// A line such as `> *Enviado el:* lunes` as what its label stands for and the value; `None`: the
/// line is not so labelled.
pub fn field(line: &str) -> Option<(Label, &str)> {
    let line = line.trim_start_matches(is_decoration);
    // Within the longest label and the blanks around it, or not at all: a line may be a megabyte.
    let head = super::decode::cut(line, LABEL_MAX_BYTES + DECORATION_MAX_BYTES);
    let at = head.find([':', '：'])?;
    let (label, rest) = line.split_at_checked(at)?;
    let kind = kind(label.trim_matches(is_decoration))?;
    let value = rest.trim_start_matches([':', '：']);
    Some((kind, value.trim_matches(is_decoration)))
}

/// Blanks and marks that may stand between a label and its colon, in bytes.
const DECORATION_MAX_BYTES: usize = 16;

/// Marks of bold, of table cells and of quoting, and what is not seen.
fn is_decoration(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '|' | '>' | '_') || super::decode::is_invisible(c)
}
