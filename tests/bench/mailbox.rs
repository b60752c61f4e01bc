//! A mailbox to measure with: many senders, mixed sizes, the same on every run.

use crate::world::daemon::Config;
use crate::world::dovecot::Dovecot;
use crate::world::mails::Mail;

/// Clients in the directory.
const CLIENTS: usize = 50;

/// Authorizers of each client: enough that none of them meets the brake on opening tickets.
const AUTHORIZERS: usize = 10;

/// Half of the mails are smaller than this.
const MEDIAN_BYTES: f64 = 8_000.0;

/// Spread of the logarithm of the sizes: one mail in a hundred is over 80 kB.
const SPREAD: f64 = 1.0;

/// One mail in so many has an attachment of 1 to 5 MiB.
const BIG_EVERY: usize = 250;

/// Text beyond this is an attachment: people attach more than they type.
const TEXT_MAX_BYTES: usize = 12_000;

/// Bytes of a mail's headers, about.
const HEADER_BYTES: usize = 900;

/// Bytes of encoded attachment per byte of it: base64 in lines of 76.
const ENCODED: f64 = 78.0 / 57.0;

/// Mails written at once: bounds the memory of the benchmark itself.
const CHUNK: usize = 100;

/// What was put into a mailbox.
#[derive(Debug, Clone, Copy)]
pub struct Contents {
    /// Mails.
    pub mails: usize,
    /// Bytes of all of them.
    pub bytes: usize,
    /// Half of the mails are smaller.
    pub median: usize,
    /// The biggest of them.
    pub biggest: usize,
}

/// The installation's directory: everybody who writes may open tickets.
pub fn directory(config: Config) -> Config {
    (0..CLIENTS).fold(config, |config, client| {
        let people: Vec<(String, String)> = (0..AUTHORIZERS)
            .map(|person| (format!("Persona {person}"), address(client, person)))
            .collect();
        let people: Vec<(&str, &str)> = people
            .iter()
            .map(|(name, email)| (name.as_str(), email.as_str()))
            .collect();
        config.client(&format!("Cliente {client}"), &[&domain(client)], &people)
    })
}

/// Fills the server's mailbox.
pub fn fill(server: &mut Dovecot, count: usize) -> Contents {
    let mut sizes = Vec::with_capacity(count);
    for first in (0..count).step_by(CHUNK) {
        let mails: Vec<Vec<u8>> = (first..count.min(first + CHUNK)).map(mail).collect();
        sizes.extend(mails.iter().map(Vec::len));
        server.drop_into_maildir(&mails);
    }
    let bytes = sizes.iter().sum();
    sizes.sort_unstable();
    Contents {
        mails: count,
        bytes,
        median: sizes[count / 2],
        biggest: sizes[count - 1],
    }
}

/// Mail number `n`, a new request of one of the authorizers.
pub fn mail(n: usize) -> Vec<u8> {
    let mut random = Random(n as u64);
    let size = match n % BIG_EVERY {
        0 => 1_048_576.0 * (1.0 + 4.0 * random.fraction()),
        _ => MEDIAN_BYTES * (SPREAD * random.normal()).exp(),
    };
    request(n, size as usize, &mut random)
}

fn request(n: usize, size: usize, random: &mut Random) -> Vec<u8> {
    let person = n % (CLIENTS * AUTHORIZERS);
    let mail = Mail::from(&address(person % CLIENTS, person / CLIENTS))
        .name("Persona de Prueba")
        .subject(&format!("Falla número {n} en la póliza contable"));
    let body = size.saturating_sub(HEADER_BYTES);
    // Mail programs send what was typed twice, once as HTML.
    let typed = body.min(TEXT_MAX_BYTES) / 2;
    let text = words(typed, random);
    let html = format!(
        "<html><body><p>{}</p></body></html>",
        text.replace("\n\n", "</p>\n<p>")
    );
    let mail = mail.text(&text).html(&html);
    if body <= TEXT_MAX_BYTES {
        return mail.build();
    }
    let attached = (body - TEXT_MAX_BYTES) as f64 / ENCODED;
    mail.attachment("poliza.pdf", "application/pdf", attached as usize)
        .build()
}

fn address(client: usize, person: usize) -> String {
    format!("persona{person}@{}", domain(client))
}

fn domain(client: usize) -> String {
    format!("cliente{client}.example")
}

/// Spanish-looking text of about so many bytes, in paragraphs.
fn words(bytes: usize, random: &mut Random) -> String {
    const WORDS: [&str; 16] = [
        "póliza",
        "factura",
        "no",
        "timbra",
        "desde",
        "ayer",
        "el",
        "servidor",
        "marca",
        "un",
        "error",
        "en",
        "nómina",
        "gracias",
        "la",
        "contraseña",
    ];
    let mut text = String::with_capacity(bytes + 16);
    text.push_str("Buenos días:");
    let mut column = 0;
    while text.len() < bytes {
        if column > 400 {
            text.push_str("\n\n");
            column = 0;
        }
        let word = WORDS[(random.next() % WORDS.len() as u64) as usize];
        text.push(' ');
        text.push_str(word);
        column += word.len() + 1;
    }
    text.push('\n');
    text
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, good enough, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Mean 0, variance 1: the sum of twelve fractions is close enough to normal.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.fraction()).sum::<f64>() - 6.0
    }
}
