//! Where HTML marks the mail answered to (mail.md §5): each mail program has a name for it.
//!
//! Outlook writes a header above the mail answered to and nothing around it: what follows the
//! header is history. Gmail, Yahoo, Thunderbird and others put it into an element, and people
//! write below that element or between the quotes within it; then the mark is taken back and the
//! text itself has to tell what is quoted.

/// What a mail program marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A header, or a place: all that follows is the mail answered to.
    Header,
    /// An element that holds an attribution and quotes; other words within it are answers.
    Quotes,
    /// An element that is the mail answered to.
    Whole,
    /// The attribution above a quote.
    Attribution,
}

/// Ids that are the mark, of any element.
const IDS: [(&str, Mark); 9] = [
    // Outlook on the web, outlook.com, Outlook for Windows since 2016.
    ("divRplyFwdMsg", Mark::Header),
    ("appendonsend", Mark::Header),
    // Hotmail.
    ("stopSpelling", Mark::Header),
    // Outlook for Mac 2011.
    ("OLK_SRC_BODY_SECTION", Mark::Header),
    // Outlook for telephones, and the new Outlook.
    ("mail-editor-reference-message-container", Mark::Header),
    ("ms-outlook-mobile-reference-message", Mark::Header),
    // Zimbra: its line, and what stands below it.
    ("zwchr", Mark::Header),
    ("__QUOTED_TEXT__", Mark::Header),
    // Roundcube.
    ("reply-intro", Mark::Attribution),
];

/// Classes that are the mark.
const CLASSES: [(&str, Mark); 8] = [
    // Outlook 2003, Exchange.
    ("OutlookMessageHeader", Mark::Header),
    ("ms-outlook-mobile-reference-message", Mark::Header),
    ("gmail_quote", Mark::Quotes),
    ("gmail_quote_container", Mark::Quotes),
    ("gmail_attr", Mark::Attribution),
    // Thunderbird.
    ("moz-cite-prefix", Mark::Attribution),
    ("protonmail_quote", Mark::Quotes),
    // Zoho.
    ("zmail_extra", Mark::Quotes),
];

/// Names of elements that are the mark.
const NAMES: [(&str, Mark); 2] = [
    // GMX and web.de.
    ("quote", Mark::Whole),
    // Spark.
    ("messageReplySection", Mark::Quotes),
];

/// Classes and ids of a blockquote that quotes a mail, where it has no `type=cite`: Yahoo for
/// iOS, NetEase; those of Gmail, Proton and Tuta end in `_quote`.
const CITING: [&str; 2] = ["iosymail", "isReplyContent"];

/// Whether a blockquote quotes a mail; others indent.
pub fn cites<'a>(get: impl Fn(&str) -> Option<&'a str>) -> bool {
    let names = |key| get(key).unwrap_or_default().split_ascii_whitespace();
    get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"))
        || names("class")
            .chain(names("id"))
            .any(|name| name.ends_with("_quote") || CITING.contains(&name))
}

/// What an element marks, by its attributes; `get` reads one of them.
///
/// A blockquote is no mark: [`cites`] says whether the text shows it by `>`.
pub fn mark<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Mark> {
    if let Some(id) = get("id").or_else(|| get("data-marker"))
        && let Some((_, mark)) = IDS.iter().find(|(known, _)| *known == id)
    {
        return Some(*mark);
    }
    if let Some(classes) = get("class")
        && let Some(mark) = classes.split_ascii_whitespace().find_map(of_class)
    {
        return Some(mark);
    }
    if let Some(name) = get("name")
        && let Some((_, mark)) = NAMES.iter().find(|(known, _)| *known == name)
    {
        return Some(*mark);
    }
    get("style")
        .is_some_and(is_outlook_line)
        .then_some(Mark::Header)
}

fn of_class(class: &str) -> Option<Mark> {
    // Yahoo puts a number of its own before its names: `ydp1a2b3cyahoo_quoted`.
    if class.ends_with("yahoo_quoted") {
        return Some(Mark::Whole);
    }
    CLASSES
        .iter()
        .find(|(known, _)| *known == class)
        .map(|(_, mark)| *mark)
}

/// Longest style looked at, in bytes.
const STYLE_MAX_BYTES: usize = 600;

/// The thin line that Outlook for Windows draws above its header block, grey since 2013
/// (`border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm`), blue before; and the one of Mail
/// of Windows 8.
fn is_outlook_line(style: &str) -> bool {
    if style.len() > STYLE_MAX_BYTES || !style.contains("order-") {
        return false;
    }
    let style: String = style
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let outlook = ["border-top:solid#e1e1e1", "border-top:solid#b5c4df"]
        .iter()
        .any(|line| style.contains(line))
        && style.contains("padding:3");
    let windows = style.contains("border-top-color:rgb(229,229,229)")
        && style.contains("border-top-style:solid")
        && style.contains("padding-top:5px");
    outlook || windows
}

/// The mark of one mail: set where an element marks the mail answered to, taken back where words
/// follow that are none of it.
#[derive(Debug, Default)]
pub struct QuoteMark {
    /// Place in the text.
    at: Option<usize>,
    state: State,
    /// Name of the marked element.
    name: String,
    /// Elements of that name that are open within it.
    depth: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No mark, or one below which everything is history.
    #[default]
    Settled,
    /// Within the marked element, above the end of its first quote.
    Open(Mark),
    /// Below it.
    Ended,
}

impl QuoteMark {
    /// Where the mail answered to begins, in bytes of the text.
    pub fn place(&self) -> Option<usize> {
        self.at
    }

    /// Whether a mark is still looked for.
    pub fn is_wanted(&self) -> bool {
        self.at.is_none()
    }

    /// An element `name` that marks something begins at a place of the text.
    pub fn set(&mut self, mark: Mark, name: &str, at: usize) {
        let state = match mark {
            Mark::Header => State::Settled,
            mark => State::Open(mark),
        };
        *self = Self {
            at: Some(at),
            state,
            name: name.to_owned(),
            depth: 0,
        };
    }

    /// An element within the marked one begins.
    pub fn opened(&mut self, name: &str) {
        if matches!(self.state, State::Open(_)) && name == self.name {
            self.depth += 1;
        }
    }

    /// An element ends; whether it is the marked one.
    pub fn closed(&mut self, name: &str) -> bool {
        if !matches!(self.state, State::Open(_)) || name != self.name {
            return false;
        }
        let within = self.depth.checked_sub(1);
        self.depth = within.unwrap_or(0);
        if within.is_none() {
            self.state = State::Ended;
        }
        within.is_none()
    }

    /// Whether the text is of an element that is the mail answered to: quoted without a
    /// blockquote.
    pub fn is_within_whole(&self) -> bool {
        self.state == State::Open(Mark::Whole)
    }

    /// A blockquote ends that stands in no other.
    pub fn quote_ended(&mut self) {
        if self.state == State::Open(Mark::Quotes) {
            self.state = State::Ended;
        }
    }

    /// Words are written that stand in no blockquote.
    pub fn said(&mut self) {
        if self.state == State::Ended {
            *self = Self::default();
        }
    }
}
