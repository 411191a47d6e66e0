//! `LabelExample`: spans of a text, each with the classes that are right for it.

use crate::column::{Column, ints, longs, text, words};
use crate::spans::{check_lengths, check_numbers, check_spans, group, hashed_groups};
use crate::{Class, Classes, GroupBy, Record, Rules, Words};

/// One example of a set in which spans of words are classified: supersenses, parts of speech, kept
/// and replaced entities.
///
/// The `span_` lists have an entry for each span; `class_span`, `label` and `class` have one for each
/// class of a span that is allowed. A span with one class has a gold label; of one with several, any
/// may be right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelExample {
    /// Stable hash, unique in the dataset.
    pub id: String,
    /// The source's document id; empty if the source has none.
    pub doc_id: String,
    /// The text.
    pub text: String,
    /// Its words.
    pub token: Words,
    /// First word of each span, from 0.
    pub span_start: Vec<i32>,
    /// Last word of each span, inclusive.
    pub span_end: Vec<i32>,
    /// Lemma of each span; empty where it is not known.
    pub span_lemma: Words,
    /// What stands in each span: a sense key, an item; empty where it is not known.
    pub span_id: Words,
    /// What stood there before it was replaced; empty where nothing was.
    pub span_was: Words,
    /// For each allowed class, its span, from 0.
    pub class_span: Vec<i32>,
    /// The class as an index among the dataset's class names; sorted within a span.
    pub label: Vec<i64>,
    /// The class by its name.
    pub class: Words,
}

impl Classes for LabelExample {
    const CLASS: Option<Class> = Some(Class {
        name: "class",
        numbered: true,
    });

    fn labelled_classes(&self) -> Vec<(&str, Option<i64>)> {
        let labels = self.label.iter().copied().map(Some);
        self.class.iter().zip(labels).collect()
    }

    fn take_classes(&mut self) -> Vec<String> {
        let spans = self.class_span.iter();
        let classes = spans.zip(self.class.iter());
        let mut taken: Vec<String> = classes
            .map(|(span, class)| format!("{span} {class}"))
            .collect();
        taken.sort_unstable();
        (self.label, self.class) = Default::default();
        taken
    }

    /// Classes of a span come in the order of their new labels.
    fn relabel(&mut self, label: impl Fn(&str) -> Option<i64>) -> Result<(), String> {
        let spans = self.class_span.iter();
        let numbered = spans.zip(self.class.iter()).map(|(&span, name)| {
            let label = label(name).ok_or_else(|| name.to_owned())?;
            Ok((span, label, name))
        });
        let mut numbered = numbered.collect::<Result<Vec<_>, String>>()?;
        numbered.sort_unstable();
        let class = numbered.iter().map(|&(.., name)| name).collect();
        self.label = numbered.iter().map(|&(_, label, _)| label).collect();
        self.class = class;
        Ok(())
    }
}

impl Record for LabelExample {
    const NAME: &'static str = "LabelExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("doc_id", "the source's document id, empty if it has none",
            |r| &r.doc_id, |r| &mut r.doc_id),
        text("text", "the text", |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        words("token", "its words; the spans count them",
            |r: &Self| &r.token, |r| &mut r.token).without_statistics(),
        ints("span_start", "first word of each span, from 0", |r| &r.span_start, |r| &mut r.span_start),
        ints("span_end", "last word of each span, inclusive", |r| &r.span_end, |r| &mut r.span_end),
        words("span_lemma", "lemma of each span; empty where not known",
            |r| &r.span_lemma, |r| &mut r.span_lemma),
        words("span_id", "what stands in each span: sense key, item; empty where not known",
            |r| &r.span_id, |r| &mut r.span_id),
        words("span_was", "what stood there before it was replaced; empty where nothing was",
            |r| &r.span_was, |r| &mut r.span_was),
        ints("class_span", "for each allowed class, its span, from 0",
            |r| &r.class_span, |r| &mut r.class_span),
        longs("label", "the allowed classes as indexes among the class names, sorted within a span",
            |r: &Self| &r.label, |r| &mut r.label).class_label(),
        words("class", "the names of these classes", |r| &r.class, |r| &mut r.class),
    ];

    const SHAREABLE: &'static [&'static str] = &["documents", "sentences"];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Document);

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        check_spans(self.token.len(), &self.span_start, &self.span_end)?;
        let spans = self.span_start.len();
        let lists = [
            ("span_lemma", self.span_lemma.len()),
            ("span_id", self.span_id.len()),
            ("span_was", self.span_was.len()),
        ];
        check_lengths(spans, &lists)?;
        check_numbers("class_span", spans, &self.class_span)?;
        let classes = self.class_span.len();
        if (self.label.len(), self.class.len()) != (classes, classes) {
            return Err(format!(
                "class_span, label and class have {classes}, {} and {} entries",
                self.label.len(),
                self.class.len()
            ));
        }
        let without = |span: &usize| !self.class_span.contains(&(*span as i32));
        if let Some(span) = (0..spans).find(without) {
            return Err(format!("span {span} has no class"));
        }
        let of_spans = self.class_span.iter().zip(&self.label);
        if !of_spans.is_sorted_by(|a, b| a < b) {
            return Err("labels of a span are not sorted or repeat".into());
        }
        let names = self.label.iter().map(|&label| {
            let label = usize::try_from(label).ok()?;
            rules.class_names.get(label).map(String::as_str)
        });
        if !names.eq(self.class.iter().map(Some)) {
            return Err(format!(
                "labels {:?} are not the classes {:?}",
                self.label, self.class
            ));
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn long_bytes(&self) -> usize {
        self.text.len()
    }

    fn shareable(&self) -> Vec<u64> {
        hashed_groups(self)
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        group(by, [&self.id, &self.doc_id, &self.text], &self.span_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::label as example;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let names = ["noun.animal".to_owned(), "noun.food".to_owned()];
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut LabelExample)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(fault(|r| r.span_end[0] = 9), "span 0 is words 1..=9 of 6");
        assert_eq!(
            fault(|r| r.span_start[1] = 0),
            "span 1 is not after the one before it"
        );
        assert_eq!(
            fault(|r| r.span_id = ["a"].into()),
            "span_id has 1 entries for 2 spans"
        );
        assert_eq!(
            fault(|r| r.class_span = vec![0, 0, 0]),
            "span 1 has no class"
        );
        assert_eq!(
            fault(|r| r.class_span = vec![0, 1, 2]),
            "class_span is 2 of 2 spans"
        );
        assert_eq!(
            fault(|r| r.label = vec![1, 0, 0]),
            "labels of a span are not sorted or repeat"
        );
        assert_eq!(
            fault(|r| r.label = vec![0, 1, 1]),
            r#"labels [0, 1, 1] are not the classes ["noun.animal", "noun.food", "noun.animal"]"#
        );
        let rows = vec![example(), example()];
        let batch = LabelExample::to_batch(&rows, &LabelExample::arrow_schema(&names)).unwrap();
        assert_eq!(LabelExample::from_batch(&batch).unwrap(), rows);
    }

    #[test]
    fn classes_are_numbered_again_within_their_spans() {
        let mut row = example();
        let labels = |name: &str| Some(i64::from(name == "noun.animal"));
        assert_eq!(row.relabel(labels), Ok(()));
        assert_eq!(row.label, [0, 1, 1]);
        assert_eq!(row.class.join(" "), "noun.food noun.animal noun.animal");
        assert_eq!(row.relabel(|_| None), Err("noun.food".into()));
        assert_eq!(
            row.take_classes(),
            ["0 noun.animal", "0 noun.food", "1 noun.animal"]
        );
    }
}
