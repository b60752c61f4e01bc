//! How a mail is damaged: bytes, lines, and what gives a mail its structure.

/// Most bytes of an input: what a hostile mail of a megabyte may hold.
pub const INPUT_MAX_BYTES: usize = 1024 * 1024;

/// Most bytes of most inputs; one in [`BIG_EVERY`] may be bigger.
const ORDINARY_MAX_BYTES: usize = 64 * 1024;

/// One input in so many may have [`INPUT_MAX_BYTES`].
const BIG_EVERY: usize = 300;

/// Most changes to one mail.
const CHANGES_MAX: usize = 8;

/// Pieces of mail that readers look for.
const TOKENS: [&str; 44] = [
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "--",
    "--b",
    "--b--",
    "\r\n--b\r\n",
    "=?",
    "?=",
    "=?utf-8?Q?",
    "=?utf-8?B?w7E=?=",
    "=?x?q?",
    "boundary=b",
    "boundary=\"",
    "; charset=utf-16",
    "; charset=utf-7",
    "; charset=x-unknown",
    "; format=flowed; delsp=yes",
    "name*0*=utf-8''%",
    "filename*1*=",
    "Content-Type: multipart/mixed; boundary=b\r\n",
    "Content-Type: multipart/alternative\r\n",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: message/delivery-status\r\n",
    "Content-Type: text/html\r\n",
    "Content-Type: application/ms-tnef\r\n",
    "Content-Type: application/pkcs7-mime\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Authentication-Results: mx.servicio.mx; ",
    "dmarc=pass header.from=",
    "dkim=pass (",
    "Final-Recipient: rfc822;",
    "Action: failed\r\n",
    "Diagnostic-Code: smtp; 550 ",
    "begin 644 x\r\n",
    "<",
    ">",
    "<blockquote ",
    "<!--",
    "&#x",
    "De: ",
    "> ",
];

/// SplitMix64 (Steele, Lea, Flood 2014): small, good enough, the same everywhere.
pub struct Random(u64);

impl Random {
    /// The numbers of one input.
    pub fn of(seed: u64, number: usize) -> Self {
        let mut random = Self(seed);
        let first = random.next();
        Self(first ^ (number as u64).wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 where that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % (limit.max(1) as u64)) as usize
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A stretch of a text of so many bytes, at most `longest` long.
    fn stretch(&mut self, length: usize, longest: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let to = (from + self.below(longest + 1)).min(length);
        from..to
    }
}

/// A damaged mail.
pub fn input(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut raw = random.pick(seeds).clone();
    raw.truncate(ORDINARY_MAX_BYTES);
    for _ in 0..=random.below(CHANGES_MAX) {
        change(&mut raw, seeds, random);
    }
    let limit = match random.below(BIG_EVERY) {
        0 => {
            swell(&mut raw, random);
            INPUT_MAX_BYTES
        }
        _ => ORDINARY_MAX_BYTES,
    };
    raw.truncate(limit);
    raw
}

fn change(raw: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    match random.below(14) {
        0 => raw.truncate(random.below(raw.len() + 1)),
        1 => {
            let at = random.below(raw.len());
            if let Some(byte) = raw.get_mut(at) {
                *byte = random.below(256) as u8;
            }
        }
        2 => {
            let high: Vec<u8> = (0..random.below(8))
                .map(|_| 0x80 + random.below(128) as u8)
                .collect();
            insert(raw, &high, random);
        }
        3 | 4 => {
            let token = random.pick(&TOKENS).as_bytes();
            insert(raw, token, random);
        }
        5 => drop(raw.drain(random.stretch(raw.len(), 200))),
        6 => {
            // A stretch again and again, in its place.
            let stretch = random.stretch(raw.len(), 100);
            let repeated = raw[stretch.clone()].repeat(1 + random.below(200));
            raw.splice(stretch.end..stretch.end, repeated);
        }
        7 => {
            let other = random.pick(seeds);
            let cut = random.below(raw.len() + 1);
            raw.truncate(cut);
            raw.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        8 => {
            let other = random.pick(seeds);
            let stretch = random.stretch(other.len(), 2_000);
            insert(raw, &other[stretch], random);
        }
        9 | 10 => lines(raw, random),
        11 => replace(raw, b"boundary=", b"boundary=x", random),
        12 => replace(raw, b"charset=", b"charset=x", random),
        _ => nest(raw, random),
    }
    raw.truncate(INPUT_MAX_BYTES);
}

fn insert(raw: &mut Vec<u8>, piece: &[u8], random: &mut Random) {
    let at = random.below(raw.len() + 1);
    raw.splice(at..at, piece.iter().copied());
}

/// A line is left out, doubled, or changes places with another.
fn lines(raw: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<&[u8]> = raw.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.is_empty() {
        return;
    }
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(3) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(other, lines[one]),
        _ => lines.swap(one, other),
    }
    *raw = lines.concat();
}

fn replace(raw: &mut Vec<u8>, wanted: &[u8], with: &[u8], random: &mut Random) {
    let places: Vec<usize> = (0..raw.len())
        .filter(|at| raw[*at..].starts_with(wanted))
        .collect();
    if !places.is_empty() {
        let at = *random.pick(&places);
        raw.splice(at..at + wanted.len(), with.iter().copied());
    }
}

/// The mail becomes a part of another, some levels deep.
fn nest(raw: &mut Vec<u8>, random: &mut Random) {
    let kinds = [
        "mixed",
        "alternative",
        "related",
        "report",
        "signed",
        "digest",
    ];
    let mut head = b"From: ana@acme.mx\r\n".to_vec();
    for level in 0..=random.below(12) {
        let kind = random.pick(&kinds);
        // Some levels share a boundary, or one begins as another does.
        let boundary = "b".repeat(1 + level % 5);
        head.extend(
            format!("Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n--{boundary}\r\n")
                .bytes(),
        );
    }
    if random.below(2) == 0 {
        head.extend(b"Content-Type: message/rfc822\r\n\r\n");
    }
    raw.splice(0..0, head);
}

/// A stretch repeated until the mail is as big as one may be.
fn swell(raw: &mut Vec<u8>, random: &mut Random) {
    let stretch = random.stretch(raw.len(), 300);
    if stretch.is_empty() {
        return;
    }
    let room = INPUT_MAX_BYTES.saturating_sub(raw.len());
    let repeated = raw[stretch.clone()].repeat(room / stretch.len());
    raw.splice(stretch.end..stretch.end, repeated);
}
