//! What removed templates and tags leave behind: runs of blanks, empty brackets, lone commas.

use super::{Link, PlainText};

/// A paragraph with one blank between words, without empty brackets and signs that nobody sees; its
/// links move along. Blanks of every kind become plain ones.
pub(super) fn tidy(piece: &PlainText) -> PlainText {
    let mut text = String::with_capacity(piece.text.len());
    // Where each byte of the piece is in the text.
    let mut places = Vec::with_capacity(piece.text.len() + 1);
    let mut chars = piece.text.chars().peekable();
    while let Some(char) = chars.next() {
        let mut place = text.len();
        match char {
            char if char.is_whitespace() => {
                if !text.is_empty() && !text.ends_with([' ', '(']) {
                    text.push(' ');
                }
            }
            char if is_invisible(char) => {}
            ',' | ';' | '.' | ')' => {
                let ends_word = chars
                    .peek()
                    .is_none_or(|next| next.is_whitespace() || *next == ')');
                place = sign(&mut text, char, ends_word);
            }
            char => text.push(char),
        }
        places.extend(std::iter::repeat_n(place, char.len_utf8()));
    }
    text.truncate(text.trim_end().len());
    places.push(text.len());
    // Signs that were taken back leave places behind the end.
    let mut least = text.len();
    for place in places.iter_mut().rev() {
        least = least.min(*place);
        *place = least;
    }
    let moved = piece.links.iter().filter_map(|link| {
        let (mut start, mut end) = (places[link.start], places[link.end]);
        let inside = &text[start..end];
        start += inside.len() - inside.trim_start().len();
        end -= inside.len() - inside.trim_end().len();
        (start < end).then(|| Link {
            start,
            end,
            target: link.target.clone(),
        })
    });
    let links = moved.collect();
    PlainText { text, links }
}

fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}

/// Adds a sign that belongs to the word before it; gives its place.
fn sign(text: &mut String, char: char, ends_word: bool) -> usize {
    let mut kept = text.len();
    if ends_word || char == ')' {
        kept = text.trim_end().len();
    }
    if char == ')' {
        kept = text[..kept].trim_end_matches([' ', ',', ';']).len();
        let opens = text[..kept].strip_suffix('(');
        // Empty brackets go, but for those of a function().
        if let Some(before) = opens.filter(|before| before.is_empty() || before.ends_with(' ')) {
            text.truncate(before.trim_end().len());
            return text.len();
        }
    }
    if matches!(char, ',' | ';') && (text[..kept].ends_with([',', ';', '(']) || kept == 0) {
        text.truncate(kept);
        return kept;
    }
    text.truncate(kept);
    text.push(char);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_templates_leave_is_mended_and_links_move_along() {
        let tidied = |text: &str| {
            let links = text.find("link").map(|start| Link {
                start: start.saturating_sub(1),
                end: start + 5,
                target: "T".into(),
            });
            let piece = PlainText {
                text: text.to_owned(),
                links: links.into_iter().collect(),
            };
            let tidied = tidy(&piece);
            let links: Vec<_> = tidied
                .links
                .iter()
                .map(|l| tidied.text[l.start..l.end].to_owned())
                .collect();
            (tidied.text, links)
        };
        let plain = |text: &str| tidied(text).0;
        assert_eq!(plain(" a\u{a0} b  c "), "a b c");
        assert_eq!(plain("Alabama (; ) is"), "Alabama is");
        assert_eq!(plain("Alabama (, ; listen , ) is"), "Alabama (listen) is");
        assert_eq!(plain("born in , and , , died ."), "born in, and, died.");
        assert_eq!(plain("main() in .NET (c )"), "main() in .NET (c)");
        assert_eq!(
            tidied("see ( link ; ) now"),
            ("see (link) now".into(), vec!["link".into()])
        );
        assert_eq!(
            tidied("a ((( ) link , b"),
            ("a ((() link, b".into(), vec!["link".into()])
        );
    }
}
