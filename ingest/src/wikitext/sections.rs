//! Lines to paragraphs, and which sections of a page are wanted.

/// Which sections of a page are text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections {
    /// Only what stands before the first heading.
    pub only_first: bool,
    /// Headings of sections that are left out, with what is below them; capitals do not matter.
    pub without: Vec<String>,
}

impl Sections {
    /// The paragraphs and list items of the wanted sections, in their order. Lines of a paragraph
    /// are joined by blanks. A heading is no paragraph.
    pub(super) fn paragraphs(&self, text: &str) -> Vec<String> {
        let mut paragraphs = Vec::new();
        let mut open = String::new();
        // The level of the heading whose section is left out.
        let mut left_out: Option<usize> = None;
        for line in text.lines() {
            let line = line.trim_end();
            if let Some((level, heading)) = heading(line) {
                end(&mut open, &mut paragraphs);
                if self.only_first {
                    break;
                }
                if left_out.is_none_or(|above| level <= above) {
                    left_out = self.is_without(heading).then_some(level);
                }
                continue;
            }
            let marks = line.len() - line.trim_start_matches(['*', '#', ':', ';']).len();
            let text = line[marks..].trim_start();
            // What is left of broken tables, and lines across the page.
            let is_debris = line.starts_with(['|', '!']) || line.starts_with("----");
            if marks > 0 || text.is_empty() || is_debris {
                end(&mut open, &mut paragraphs);
            }
            if text.is_empty() || is_debris || left_out.is_some() {
                continue;
            }
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(text);
            if marks > 0 {
                end(&mut open, &mut paragraphs);
            }
        }
        end(&mut open, &mut paragraphs);
        paragraphs
    }

    fn is_without(&self, heading: &str) -> bool {
        let heading = heading.trim_matches('\'').to_lowercase();
        let mut without = self.without.iter();
        without.any(|left_out| left_out.to_lowercase() == heading.trim())
    }
}

fn end(open: &mut String, paragraphs: &mut Vec<String>) {
    if !open.is_empty() {
        paragraphs.push(std::mem::take(open));
    }
}

/// The level and the text of a heading: `== History ==` has level 2.
fn heading(line: &str) -> Option<(usize, &str)> {
    let before = line.len() - line.trim_start_matches('=').len();
    let after = line.len() - line.trim_end_matches('=').len();
    let level = before.min(after).min(6);
    if level == 0 || line.len() <= 2 * level {
        return None;
    }
    Some((level, line[level..line.len() - level].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "One\nline.\n\nTwo.\n== See also ==\n* a\n=== More ===\nb\n== '''History''' ==\n\
                        Three.\n*Item\n:: deep\n|rest\n----\n=\n==\n";

    #[test]
    fn lines_become_paragraphs() {
        let all = Sections::default().paragraphs(PAGE);
        let expected = [
            "One line.",
            "Two.",
            "a",
            "b",
            "Three.",
            "Item",
            "deep",
            "= ==",
        ];
        assert_eq!(all, expected);
        let crlf = PAGE.replace('\n', "\r\n");
        assert_eq!(Sections::default().paragraphs(&crlf), expected);
    }

    #[test]
    fn sections_are_left_out_with_what_is_below_them() {
        let sections = Sections {
            without: vec!["see ALSO".into(), "history".into()],
            ..Sections::default()
        };
        assert_eq!(sections.paragraphs(PAGE), ["One line.", "Two."]);
        let sections = Sections {
            only_first: true,
            ..Sections::default()
        };
        assert_eq!(sections.paragraphs(PAGE), ["One line.", "Two."]);
    }
}
