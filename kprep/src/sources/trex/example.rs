//! A sentence for each relation, to show in the card.

use kprep_schemas::RelationExample;

/// Characters of a sentence that is readable in a table.
const READABLE: usize = 140;

/// Characters left around the mentions of a longer one.
const AROUND: usize = 30;

/// The example of each relation, by its label: the first sentence that is readable in a table, else
/// the shortest. Memory: a sentence a relation.
#[derive(Debug, Default)]
pub(crate) struct Examples(Vec<Option<RelationExample>>);

impl Examples {
    /// Looks at a row.
    pub(crate) fn add(&mut self, row: &RelationExample) {
        let Some(label) = row.label.and_then(|label| usize::try_from(label).ok()) else {
            return;
        };
        if self.0.len() <= label {
            self.0.resize(label + 1, None);
        }
        let is_better = match &self.0[label] {
            None => true,
            Some(best) => best.text.len() > READABLE && row.text.len() < best.text.len(),
        };
        if is_better {
            self.0[label] = Some(row.clone());
        }
    }

    /// The example of a relation as Markdown in a table's cell: the subject bold, the object
    /// italic.
    pub(crate) fn markdown(&self, label: i64) -> String {
        let example = usize::try_from(label)
            .ok()
            .and_then(|label| self.0.get(label)?.as_ref());
        example.map_or_else(String::new, marked)
    }
}

/// The sentence with its mentions marked, cut to what stands around them.
fn marked(row: &RelationExample) -> String {
    let chars: Vec<char> = row.text.chars().collect();
    let place = |at: i32| usize::try_from(at).unwrap_or(0).min(chars.len());
    let subject = (place(row.subj_char_start), place(row.subj_char_end), "b");
    let object = (place(row.obj_char_start), place(row.obj_char_end), "i");
    let (first, second) = if subject < object {
        (subject, object)
    } else {
        (object, subject)
    };
    let end = first.1.max(second.1);
    let is_long = chars.len() > READABLE;
    let from = if is_long {
        start_near(&chars, first.0)
    } else {
        0
    };
    let to = if is_long {
        end_near(&chars, end)
    } else {
        chars.len()
    };
    let plain = |from: usize, to: usize| escaped(&chars[from..to.max(from)]);
    let mention = |(from, to, tag)| format!("<{tag}>{}</{tag}>", plain(from, to));
    let marked = if second.0 < first.1 {
        // One lies in the other: the outer one is shown around it.
        let inner = (second.0, second.1.min(first.1), second.2);
        let tag = first.2;
        let (before, behind) = (plain(first.0, inner.0), plain(inner.1, first.1));
        let rest = plain(first.1, to);
        format!("<{tag}>{before}{}{behind}</{tag}>{rest}", mention(inner))
    } else {
        let between = if second.0 - first.1 > 3 * AROUND {
            let left = plain(first.1, end_near(&chars, first.1));
            let right = plain(start_near(&chars, second.0), second.0);
            format!("{left} … {right}")
        } else {
            plain(first.1, second.0)
        };
        format!(
            "{}{between}{}{}",
            mention(first),
            mention(second),
            plain(second.1, to)
        )
    };
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    let (before, behind) = (cut(from > 0), cut(to < chars.len()));
    format!("{before}{}{marked}{behind}", plain(from, first.0))
}

/// The start of a word at most [`AROUND`] characters before `at`.
fn start_near(chars: &[char], at: usize) -> usize {
    let from = at.saturating_sub(AROUND);
    if from == 0 {
        return 0;
    }
    let blank = chars[from..at].iter().position(|c| c.is_whitespace());
    blank.map_or(at, |blank| from + blank + 1)
}

/// The end of a word at most [`AROUND`] characters after `at`.
fn end_near(chars: &[char], at: usize) -> usize {
    let to = at + AROUND;
    if to >= chars.len() {
        return chars.len();
    }
    let blank = chars[at..to].iter().rposition(|c| c.is_whitespace());
    blank.map_or(at, |blank| at + blank)
}

/// The text as it is, whatever Markdown and HTML would make of its characters.
pub(crate) fn escaped(text: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for &c in text {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '$' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use kprep_schemas::Words;

    use super::*;

    fn row(text: &str, subject: &str, object: &str) -> RelationExample {
        let place = |mention: &str| {
            let start = text[..text.find(mention).unwrap()].chars().count() as i32;
            (start, start + mention.chars().count() as i32)
        };
        let ((s, s_end), (o, o_end)) = (place(subject), place(object));
        RelationExample {
            id: String::new(),
            doc_id: String::new(),
            title: String::new(),
            text: text.into(),
            token: Words::default(),
            subj_start: 0,
            subj_end: 0,
            obj_start: 0,
            obj_end: 0,
            subj_char_start: s,
            subj_char_end: s_end,
            obj_char_start: o,
            obj_char_end: o_end,
            subj_id: String::new(),
            obj_id: String::new(),
            obj_type: String::new(),
            relation: String::new(),
            label: Some(1),
            aligners: Words::default(),
        }
    }

    #[test]
    fn mentions_are_marked_and_all_else_is_plain() {
        let marked = |text, subject, object| super::marked(&row(text, subject, object));
        assert_eq!(
            marked("Bern|é is *in* Switzerland.", "Bern|é", "Switzerland"),
            "<b>Bern\\|é</b> is \\*in\\* <i>Switzerland</i>."
        );
        assert_eq!(
            marked("The <Paris> Opera.", "<Paris> Opera", "Paris"),
            "The <b>&lt;<i>Paris</i>&gt; Opera</b>."
        );
    }

    #[test]
    fn long_sentences_are_cut_around_their_mentions() {
        let filler = "word ".repeat(40);
        let text = format!("{filler}Bern {filler}Aare {filler}end.");
        assert_eq!(
            marked(&row(&text, "Aare", "Bern")),
            "…word word word word word <i>Bern</i> word word word word word … word word word word \
             word <b>Aare</b> word word word word word…"
        );
    }

    #[test]
    fn the_first_readable_sentence_is_the_example() {
        let long = format!("Bern Aare {}", "word ".repeat(40));
        let mut examples = Examples::default();
        for text in [&long, "Bern, first, Aare.", "Bern Aare."] {
            examples.add(&row(text, "Bern", "Aare"));
        }
        assert_eq!(examples.markdown(1), "<b>Bern</b>, first, <i>Aare</i>.");
        assert_eq!(
            (examples.markdown(0), examples.markdown(7)),
            (String::new(), String::new())
        );
    }
}
