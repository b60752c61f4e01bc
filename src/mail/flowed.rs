//! Plain text whose lines a mail program broke for transport (RFC 3676): joined again.

/// The line above a signature; its blank ends no broken line (RFC 3676 §4.3).
const SIGNATURE: &str = "-- ";

/// Joins the lines that were broken. `deletes_blank`: the blank at a break is not the text's
/// (`DelSp=yes`, §4.1). Quoted lines keep their marks and are joined with those of their depth.
pub fn join(text: &str, deletes_blank: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Depth of the line that goes on, where one does.
    let mut open: Option<usize> = None;
    let mut is_first = true;
    for line in text.lines() {
        let unquoted = line.trim_start_matches('>');
        let depth = line.len() - unquoted.len();
        // §4.4: a blank was added before what looks like a quote, a blank or `From `.
        let content = unquoted.strip_prefix(' ').unwrap_or(unquoted);
        let is_signature = content == SIGNATURE;
        // An empty line parts paragraphs, even after a blank left at the end of one.
        let goes_on = open == Some(depth) && !is_signature && !content.is_empty();
        if !goes_on {
            if open.is_some() {
                out.truncate(out.trim_end_matches(' ').len());
            }
            if !is_first {
                out.push('\n');
            }
            out.push_str(line.get(..depth).unwrap_or_default());
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        let is_broken = content.ends_with(' ') && !is_signature;
        let kept = match content.strip_suffix(' ') {
            Some(kept) if is_broken && deletes_blank => kept,
            _ => content,
        };
        out.push_str(kept);
        open = is_broken.then_some(depth);
        is_first = false;
    }
    if text.ends_with('\n') {
        out.push('\n');
    }
    out
}
