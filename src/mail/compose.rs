//! What a mail says, before it becomes bytes.

/// A letter in words, ready to be made a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line, without controls.
    pub subject: String,
    /// Plain text, LF line ends.
    pub text: String,
    /// HTML.
    pub html: String,
}
