//! Sample mails in Spanish, as clients and consultants send them.

use data_encoding::BASE64;

/// The id of the server whose verdict the samples carry, as in the reference configuration.
pub const AUTHSERV_ID: &str = "mx.grupostaff.com";

/// The mailbox the samples are written to.
pub const SERVICE_ADDRESS: &str = "soporte@grupostaff.com";

/// The longest piece of text in one encoded word: 45 bytes make 60 characters of base64, and a word
/// must stay within 75 (RFC 2047 §2).
const ENCODED_WORD_BYTES: usize = 45;

/// Between the parts of a mail with attachments.
const BOUNDARY: &str = "=_frontera_de_prueba";

/// A mail in the making. What is not said has a plain default: from María of ACME, to the service,
/// on Tuesday 24 November 2026 at 10:00 in Mexico City, DMARC passed.
#[derive(Debug, Clone)]
pub struct Mail {
    name: String,
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
    subject: String,
    date: String,
    message_id: Option<String>,
    in_reply_to: Option<String>,
    references: Vec<String>,
    text: String,
    html: Option<String>,
    verdict: Option<String>,
    extra: Vec<(String, String)>,
    attachments: Vec<Attached>,
}

#[derive(Debug, Clone)]
struct Attached {
    name: String,
    media_type: String,
    bytes: Vec<u8>,
}

impl Mail {
    /// From this address. The Message-ID follows from sender and subject until one is given, so two
    /// mails with the same of both are the same mail.
    pub fn from(address: &str) -> Mail {
        let mail = Mail {
            name: String::new(),
            from: address.to_owned(),
            to: vec![SERVICE_ADDRESS.to_owned()],
            cc: Vec::new(),
            subject: "No puedo entrar a nómina".to_owned(),
            date: "Tue, 24 Nov 2026 10:00:00 -0600".to_owned(),
            message_id: None,
            in_reply_to: None,
            references: Vec::new(),
            text: "Buenos días:\n\nNo puedo entrar a nómina desde ayer. ¿Me ayudan?\n\nSaludos.\n"
                .to_owned(),
            html: None,
            verdict: None,
            extra: Vec::new(),
            attachments: Vec::new(),
        };
        mail.authenticated()
    }

    /// The sender's name.
    pub fn name(mut self, name: &str) -> Mail {
        self.name = name.to_owned();
        self
    }

    /// Instead of the service's address.
    pub fn to(mut self, address: &str) -> Mail {
        self.to = vec![address.to_owned()];
        self
    }

    /// One more copy.
    pub fn cc(mut self, address: &str) -> Mail {
        self.cc.push(address.to_owned());
        self
    }

    /// The subject, in any script.
    pub fn subject(mut self, subject: &str) -> Mail {
        self.subject = subject.to_owned();
        self
    }

    /// The text, lines ending in LF.
    pub fn text(mut self, text: &str) -> Mail {
        self.text = text.to_owned();
        self
    }

    /// An HTML alternative beside the text.
    pub fn html(mut self, html: &str) -> Mail {
        self.html = Some(html.to_owned());
        self
    }

    /// The Date header's value (RFC 5322 §3.3).
    pub fn date(mut self, date: &str) -> Mail {
        self.date = date.to_owned();
        self
    }

    /// The Message-ID, without angle brackets.
    pub fn message_id(mut self, id: &str) -> Mail {
        self.message_id = Some(id.to_owned());
        self
    }

    /// An answer to this Message-ID, without angle brackets: In-Reply-To, and last of References.
    pub fn in_reply_to(mut self, id: &str) -> Mail {
        self.in_reply_to = Some(id.to_owned());
        self.references.push(id.to_owned());
        self
    }

    /// The conversation before the mail that is answered, oldest first: what References begins with.
    pub fn after(mut self, ids: &[String]) -> Mail {
        self.references.splice(0..0, ids.iter().cloned());
        self
    }

    /// The border server saw DMARC pass; the default.
    pub fn authenticated(self) -> Mail {
        let domain = self.domain();
        self.verdict(&format!(
            "spf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
        ))
    }

    /// The border server saw DMARC fail: a forgery.
    pub fn forged(self) -> Mail {
        let domain = self.domain();
        self.verdict(&format!(
            "spf=fail smtp.mailfrom={domain}; dkim=none; dmarc=fail header.from={domain}"
        ))
    }

    /// The border server saw an aligned SPF pass and nothing else.
    pub fn spf_only(self) -> Mail {
        let domain = self.domain();
        self.verdict(&format!(
            "spf=pass smtp.mailfrom={domain}; dkim=none; dmarc=none header.from={domain}"
        ))
    }

    /// The border server added no verdict.
    pub fn without_verdict(mut self) -> Mail {
        self.verdict = None;
        self
    }

    /// The border server's results in its own words (RFC 8601 §2.2), after its id.
    pub fn verdict(mut self, results: &str) -> Mail {
        self.verdict = Some(results.to_owned());
        self
    }

    /// One more header, above the mail's own ones.
    pub fn header(mut self, name: &str, value: &str) -> Mail {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    /// An attachment of `size` bytes that no compression and no duplicate check makes smaller.
    pub fn attachment(mut self, name: &str, media_type: &str, size: usize) -> Mail {
        // A multiplicative generator: reproducible, one file for each name.
        let mut state = name.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let bytes = (0..size)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                state.to_be_bytes()[0]
            })
            .collect();
        self.attachments.push(Attached {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes,
        });
        self
    }

    /// The Message-ID as it will be, without angle brackets.
    pub fn id(&self) -> String {
        self.message_id.clone().unwrap_or_else(|| {
            // FNV-1a: the same on every run, which the standard hasher does not promise.
            let hash = self
                .from
                .bytes()
                .chain([0])
                .chain(self.subject.bytes())
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
                });
            format!("{hash:016x}@{}", self.domain())
        })
    }

    /// The mail's bytes, lines ending in CRLF.
    pub fn build(&self) -> Vec<u8> {
        let mut mail = String::new();
        let mut add = |name: &str, value: &str| {
            mail.push_str(&format!("{name}: {value}\r\n"));
        };
        if let Some(results) = &self.verdict {
            add(
                "Authentication-Results",
                &format!("{AUTHSERV_ID};\r\n\t{}", results.replace("; ", ";\r\n\t")),
            );
        }
        add(
            "Received",
            &format!(
                "from correo.{0} (correo.{0} [192.0.2.25])\r\n\tby {AUTHSERV_ID} with ESMTPS id 4F5A6B;\r\n\t{1}",
                self.domain(),
                self.date
            ),
        );
        for (name, value) in &self.extra {
            add(name, value);
        }
        add("Date", &self.date);
        let from = if self.name.is_empty() {
            self.from.clone()
        } else {
            format!("{} <{}>", header_text(&self.name), self.from)
        };
        add("From", &from);
        add("To", &self.to.join(", "));
        if !self.cc.is_empty() {
            add("Cc", &self.cc.join(", "));
        }
        add("Subject", &header_text(&self.subject));
        add("Message-ID", &format!("<{}>", self.id()));
        if let Some(id) = &self.in_reply_to {
            add("In-Reply-To", &format!("<{id}>"));
        }
        if !self.references.is_empty() {
            let ids: Vec<String> = self.references.iter().map(|id| format!("<{id}>")).collect();
            add("References", &ids.join("\r\n "));
        }
        add("MIME-Version", "1.0");
        mail.push_str(&self.body());
        mail.into_bytes()
    }

    /// The Content headers and what follows them.
    fn body(&self) -> String {
        let text = text_part("plain", &self.text);
        let message = match &self.html {
            None => text,
            Some(html) => {
                let inner = format!("{BOUNDARY}_alternativa");
                multipart("alternative", &inner, &[text, text_part("html", html)])
            }
        };
        if self.attachments.is_empty() {
            return message;
        }
        let mut parts = vec![message];
        parts.extend(self.attachments.iter().map(Attached::part));
        multipart("mixed", BOUNDARY, &parts)
    }

    fn domain(&self) -> String {
        self.from
            .rsplit_once('@')
            .map_or("desconocido.example", |(_, domain)| domain)
            .to_owned()
    }
}

impl Attached {
    fn part(&self) -> String {
        let encoded = BASE64.encode(&self.bytes);
        let mut part = format!(
            "Content-Type: {}; name=\"{1}\"\r\nContent-Disposition: attachment; filename=\"{1}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n",
            self.media_type, self.name
        );
        for line in encoded.as_bytes().chunks(76) {
            part.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            part.push_str("\r\n");
        }
        part
    }
}

fn text_part(subtype: &str, text: &str) -> String {
    let mut lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
    if !lines.ends_with("\r\n") {
        lines.push_str("\r\n");
    }
    format!(
        "Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{lines}"
    )
}

fn multipart(subtype: &str, boundary: &str, parts: &[String]) -> String {
    let mut body =
        format!("Content-Type: multipart/{subtype};\r\n\tboundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        body.push_str(&format!("--{boundary}\r\n{part}"));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    body
}

/// Text for a header: as it is when plain ASCII, else as encoded words (RFC 2047 §2), folded.
fn header_text(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        if word.len() + character.len_utf8() > ENCODED_WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes())))
        .collect();
    words.join("\r\n ")
}
