//! Which parts of a mail are its text and which are attached (RFC 8621 §4.1.4, which says what
//! mail programs do).

use super::mime::Node;
use super::part::disposition;

/// The parts by their role, each list in the order of the mail.
#[derive(Debug, Default)]
pub struct Roles {
    /// The text, plain wherever there is a choice.
    pub text: Vec<usize>,
    /// The text, HTML wherever there is a choice.
    pub html: Vec<usize>,
    /// What comes besides.
    pub others: Vec<usize>,
}

/// Gives each part its role. The nodes are a tree of bounded depth, each before its children.
pub fn assign(nodes: &[Node]) -> Roles {
    let mut roles = Roles::default();
    let place = Place {
        parent_type: "",
        is_first: true,
        in_alternative: false,
        form: Form::Both,
    };
    roles.part(nodes, 0, place);
    roles
}

/// Which form of the text a part belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Html,
    /// There is no choice.
    Both,
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent_type: &'a str,
    is_first: bool,
    in_alternative: bool,
    form: Form,
}

impl Roles {
    /// Answers with the form that the parts beside it belong to from now on. Recursion is bounded
    /// by the depth of the nodes, which is `mime::NESTING_MAX`.
    fn part(&mut self, nodes: &[Node], at: usize, place: Place) -> Form {
        let Some(node) = nodes.get(at) else {
            return place.form;
        };
        if !node.children.is_empty() {
            self.multipart(nodes, node, place);
            return place.form;
        }
        if !is_shown(node, place) {
            self.others.push(at);
            return place.form;
        }
        let own = match node.media_type.as_str() {
            "text/plain" => Form::Plain,
            "text/html" => Form::Html,
            // A picture is part of any form, and a file too.
            _ => {
                self.others.push(at);
                return place.form;
            }
        };
        let is_direct = place.parent_type == "multipart/alternative";
        // What is mixed with one form of an alternative belongs to that form.
        let form = match place.form {
            _ if is_direct => own,
            Form::Both if place.in_alternative => own,
            form => form,
        };
        if form != Form::Html {
            self.text.push(at);
        }
        if form != Form::Plain {
            self.html.push(at);
        }
        if is_direct { place.form } else { form }
    }

    fn multipart(&mut self, nodes: &[Node], node: &Node, place: Place) {
        let is_alternative = node.media_type == "multipart/alternative";
        let (text_before, html_before) = (self.text.len(), self.html.len());
        let mut form = place.form;
        for (number, child) in node.children.iter().enumerate() {
            let inner = Place {
                parent_type: &node.media_type,
                is_first: number == 0,
                in_alternative: place.in_alternative || is_alternative,
                form,
            };
            form = self.part(nodes, *child, inner);
        }
        if !is_alternative || place.form != Form::Both {
            return;
        }
        // A text in one form only is its own alternative.
        if self.text.len() == text_before {
            let html = self.html.get(html_before..).unwrap_or_default();
            self.text.extend_from_slice(html);
        } else if self.html.len() == html_before {
            let text = self.text.get(text_before..).unwrap_or_default();
            self.html.extend_from_slice(text);
        }
    }
}

/// Whether a part is shown in the text, and not as a file.
fn is_shown(node: &Node, place: Place) -> bool {
    let kind = node.media_type.split('/').next().unwrap_or_default();
    let is_picture = matches!(kind, "image" | "audio" | "video");
    let is_text = matches!(node.media_type.as_str(), "text/plain" | "text/html");
    if !is_picture && !is_text {
        return false;
    }
    let disposition = disposition(node);
    if disposition.value == "attachment" {
        return false;
    }
    let is_named = node.content_type.parameter("name").is_some()
        || disposition.parameter("filename").is_some();
    let is_related = place.parent_type == "multipart/related";
    place.is_first || !is_related && (is_picture || !is_named)
}
