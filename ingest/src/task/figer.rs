//! FIGER's own gold file: a word a line with its tag, sentences apart by blank lines.

use super::{Fault, Typing};

/// One sentence: its words, and the mentions in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigerSentence {
    /// The words with blanks between them.
    pub text: String,
    /// The mentions.
    pub mentions: Vec<FigerMention>,
}

/// A typed mention of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigerMention {
    /// First code point.
    pub start: usize,
    /// End, exclusive.
    pub end: usize,
    /// Its types, as the tag has them.
    pub types: Vec<String>,
}

impl FigerSentence {
    /// Parses the lines of one sentence: `word<TAB>O`, `word<TAB>B-/type,/type`, `word<TAB>I-…`.
    ///
    /// # Errors
    /// A [`Fault`] that says what was expected.
    pub fn parse(lines: &[String]) -> Result<Self, Fault> {
        let mut text = String::new();
        let mut mentions: Vec<FigerMention> = Vec::new();
        let (mut point, mut open) = (0, false);
        for line in lines {
            // Empty columns at the end say nothing; FIGER's own file has some.
            let columns = line.trim_end_matches('\t').split_once('\t');
            let Some((word, tag)) = columns.filter(|(_, tag)| !tag.contains('\t')) else {
                return Err(Fault::malformed(format!(
                    "{line:?}: expected a word, a tab and its tag"
                )));
            };
            if !text.is_empty() {
                text.push(' ');
                point += 1;
            }
            text.push_str(word);
            let start = point;
            point += word.chars().count();
            match (tag.split_once('-'), mentions.last_mut()) {
                (None, _) if tag == "O" => open = false,
                (Some(("B", types)), _) => {
                    open = true;
                    mentions.push(FigerMention {
                        start,
                        end: point,
                        types: types.split(',').map(str::to_owned).collect(),
                    });
                }
                (Some(("I", _)), Some(mention)) if open => mention.end = point,
                _ => {
                    return Err(Fault::malformed(format!(
                        "{line:?}: expected the tag O, B-/type or, behind B, I-/type"
                    )));
                }
            }
        }
        Ok(Self { text, mentions })
    }

    /// Each mention with the whole sentence.
    pub fn typings(self) -> impl Iterator<Item = Typing> {
        let Self { text, mentions } = self;
        mentions.into_iter().map(move |mention| Typing {
            doc_id: String::new(),
            text: text.clone(),
            start: mention.start,
            end: mention.end,
            types: mention.types.into_iter().collect(),
            distant: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_opens_a_mention_and_others_widen_it() {
        let parse =
            |text: &str| FigerSentence::parse(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        let text = "Zoë\tB-/person\nNew\tB-/location,/location/city\nYork\tI-/location,/location/city\n.\tO\t";
        let sentence = parse(text).unwrap();
        assert_eq!(sentence.text, "Zoë New York .");
        let spans: Vec<_> = sentence.mentions.iter().map(|m| (m.start, m.end)).collect();
        assert_eq!(spans, [(0, 3), (4, 12)]);
        assert_eq!(sentence.mentions[1].types, ["/location", "/location/city"]);
        let fault = |text: &str| parse(text).unwrap_err().detail;
        assert_eq!(
            fault("a\tO\nb\tI-/person"),
            "\"b\\tI-/person\": expected the tag O, B-/type or, behind B, I-/type"
        );
        assert_eq!(fault("a"), "\"a\": expected a word, a tab and its tag");
        assert_eq!(
            fault("a\tO\tB-/person"),
            "\"a\\tO\\tB-/person\": expected a word, a tab and its tag"
        );
    }
}
