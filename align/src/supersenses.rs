//! Sentences whose words have supersenses: those that a wordnet allows for a word, or the one that
//! the text tells.

use kprep_schemas::{LEXFILES, LabelExample, Words, stable_id};

use crate::closed_class::is_closed_class;
use crate::{Lexicon, lemma};

/// A sentence, with the supersenses that its source tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaggedSentence {
    /// The source's document id.
    pub doc_id: String,
    /// Its number in the document: equal sentences of a document have different ids.
    pub number: u64,
    /// The text.
    pub text: String,
    /// Its words.
    pub token: Words,
    /// Universal tags, one a word, where the source has them.
    pub upos: Option<Words>,
    /// What the source tells, in the order of the words.
    pub gold: Vec<GoldSense>,
}

/// A word or expression whose sense is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldSense {
    /// First word, from 0.
    pub start: usize,
    /// Last word, inclusive.
    pub end: usize,
    /// Its lemma.
    pub lemma: String,
    /// Its sense key; empty where the source tells the supersense alone.
    pub key: String,
    /// Its supersense.
    pub lexfile: i32,
}

/// Why a sentence gives no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupersenseLoss {
    /// None of its words has a supersense.
    NoWord,
    /// The source does not tell any.
    NotTold,
}

impl SupersenseLoss {
    /// The reason in words, for the funnel and the rejects.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoWord => "no word with a supersense",
            Self::NotTold => "no word whose supersense is known",
        }
    }
}

/// What gives words their supersenses.
#[derive(Debug)]
pub struct Supersenses<'a> {
    lexicon: &'a Lexicon,
    /// Letters of the parts of speech that are labelled.
    pos: &'a [char],
    /// The class of each lexicographer file, if it has one.
    class: [Option<i64>; LEXFILES.len()],
    names: Vec<String>,
}

/// A word or expression and the lexicographer files that it may have.
struct Found {
    end: usize,
    lemma: String,
    files: Vec<i32>,
}

impl<'a> Supersenses<'a> {
    /// Those of parts of speech by their letters: `n`, `v`, `a`, `r`.
    pub fn new(lexicon: &'a Lexicon, pos: &'a [char]) -> Self {
        let mut class = [None; LEXFILES.len()];
        let mut names = Vec::new();
        for (file, name) in LEXFILES.iter().enumerate() {
            if pos.contains(&letter(name)) {
                class[file] = Some(names.len() as i64);
                names.push((*name).to_owned());
            }
        }
        Self {
            lexicon,
            pos,
            class,
            names,
        }
    }

    /// The names of the classes.
    pub fn class_names(&self) -> &[String] {
        &self.names
    }

    /// A row of all words that the wordnet knows, each with the supersenses of the lemmas that its
    /// form may be of.
    ///
    /// The longest expression counts. Where words have tags, nouns and verbs are what the tags say
    /// (`PROPN` and `AUX` are neither); elsewhere a word may be any part of speech, and words of
    /// closed classes have no supersense.
    ///
    /// # Errors
    /// [`SupersenseLoss::NoWord`] if there is none.
    pub fn allowed(&self, sentence: &TaggedSentence) -> Result<LabelExample, SupersenseLoss> {
        let mut row = LabelExample::default();
        let lower: Vec<String> = sentence.token.iter().map(lemma).collect();
        let mut next = 0;
        while next < lower.len() {
            match self.longest(&lower, sentence.upos.as_ref(), next) {
                Some(found) => {
                    self.push(&mut row, next, &found, "");
                    next = found.end + 1;
                }
                None => next += 1,
            }
        }
        finish(row, sentence, "allowed").ok_or(SupersenseLoss::NoWord)
    }

    /// A row of the words whose supersenses the source tells.
    ///
    /// # Errors
    /// [`SupersenseLoss::NotTold`] if there is none.
    pub fn gold(&self, sentence: &TaggedSentence) -> Result<LabelExample, SupersenseLoss> {
        let mut row = LabelExample::default();
        for sense in &sentence.gold {
            let found = Found {
                end: sense.end,
                lemma: sense.lemma.clone(),
                files: vec![sense.lexfile],
            };
            self.push(&mut row, sense.start, &found, &sense.key);
        }
        finish(row, sentence, "gold").ok_or(SupersenseLoss::NotTold)
    }

    /// Adds a span, if it has a class.
    fn push(&self, row: &mut LabelExample, start: usize, found: &Found, key: &str) {
        let number = row.span_start.len() as i32;
        let files = found
            .files
            .iter()
            .filter_map(|&file| usize::try_from(file).ok());
        let classes = files.filter_map(|file| Some((self.class[file]?, LEXFILES[file])));
        for (label, name) in classes {
            row.class_span.push(number);
            row.label.push(label);
            row.class.push(name);
        }
        if row.class_span.last() == Some(&number) {
            row.span_start.push(start as i32);
            row.span_end.push(found.end as i32);
            row.span_lemma.push(&found.lemma);
            row.span_id.push(key);
            row.span_was.push("");
        }
    }

    /// The longest expression of the wordnet that starts with a word.
    fn longest(&self, lower: &[String], upos: Option<&Words>, start: usize) -> Option<Found> {
        let longest = (self.pos.iter())
            .flat_map(|&pos| self.lexicon.lemmas(&lower[start], pos))
            .map(|lemma| self.lexicon.longest(&lemma));
        let longest = longest.max().unwrap_or(1);
        let longest = longest.max(self.lexicon.longest(&lower[start]));
        let most = longest.min(lower.len() - start);
        (1..=most).rev().find_map(|words| {
            let end = start + words - 1;
            self.expression(&lower[start..=end], upos, start)
        })
    }

    /// The supersenses of some words in a row, if the wordnet has them.
    fn expression(&self, words: &[String], upos: Option<&Words>, start: usize) -> Option<Found> {
        if words.len() == 1 && upos.is_none() && is_closed_class(&words[0]) {
            return None;
        }
        let mut found = Found {
            end: start + words.len() - 1,
            lemma: String::new(),
            files: Vec::new(),
        };
        for &pos in self.pos {
            // The word that the tag is asked of: where a noun's head is, and a verb's.
            let head = if pos == 'n' { found.end } else { start };
            if upos.is_some_and(|upos| !has_tag(&upos[head], pos)) {
                continue;
            }
            for lemma in self.lemmas(words, pos) {
                found.files.extend(self.lexicon.supersenses(&lemma, pos));
                if found.lemma.is_empty() {
                    found.lemma = lemma;
                }
            }
        }
        found.files.sort_unstable();
        found.files.dedup();
        found
            .files
            .retain(|&file| self.class[file as usize].is_some());
        (!found.files.is_empty()).then_some(found)
    }

    /// The lemmas of a word or expression: of verbs the first word is inflected, of others the last
    /// one.
    fn lemmas(&self, words: &[String], pos: char) -> Vec<String> {
        if words.len() == 1 || pos != 'v' {
            return self.lexicon.lemmas(&words.join(" "), pos);
        }
        let rest = words[1..].join(" ");
        let first = self.lexicon.lemmas(&words[0], pos).into_iter();
        let lemmas = first.map(|first| format!("{first} {rest}"));
        lemmas
            .filter(|lemma| !self.lexicon.senses(lemma, pos).is_empty())
            .collect()
    }
}

/// The letter of a lexicographer file's part of speech.
fn letter(lexfile: &str) -> char {
    match lexfile.split('.').next() {
        Some("noun") => 'n',
        Some("verb") => 'v',
        Some("adj") => 'a',
        _ => 'r',
    }
}

/// Whether a universal tag is of a part of speech.
fn has_tag(upos: &str, pos: char) -> bool {
    let tag = match pos {
        'n' => "NOUN",
        'v' => "VERB",
        'a' => "ADJ",
        _ => "ADV",
    };
    upos == tag
}

/// The row, if it has a span. Gold rows and others of a sentence have different ids.
fn finish(row: LabelExample, sentence: &TaggedSentence, kind: &str) -> Option<LabelExample> {
    if row.span_start.is_empty() {
        return None;
    }
    let (doc, number) = (sentence.doc_id.as_bytes(), sentence.number.to_le_bytes());
    let words = sentence.token.iter().map(str::as_bytes);
    let parts = [kind.as_bytes(), doc, &number].into_iter().chain(words);
    Some(LabelExample {
        id: stable_id(parts),
        doc_id: sentence.doc_id.clone(),
        text: sentence.text.clone(),
        token: sentence.token.clone(),
        ..row
    })
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Record, Rules, Synset};

    use super::*;

    fn lexicon() -> Lexicon {
        let synset = |id: &str, lexfile: i32, words: &[&str]| Synset {
            id: id.into(),
            pos: id[id.len() - 1..].into(),
            lexfile,
            word: words.iter().collect(),
            sense_key: words.iter().map(|word| format!("{word}{id}")).collect(),
            sense_number: vec![1; words.len()],
            tag_count: vec![0; words.len()],
            ..Synset::default()
        };
        let rows = [
            synset("1-n", 14, &["bank", "at"]),
            synset("2-n", 17, &["bank", "river"]),
            synset("3-n", 17, &["river bank"]),
            synset("4-v", 38, &["bank", "walk"]),
            synset("5-v", 38, &["walk out"]),
            synset("6-a", 0, &["wide"]),
        ];
        rows.into_iter().collect()
    }

    fn sentence(text: &str, upos: Option<&str>) -> TaggedSentence {
        TaggedSentence {
            doc_id: "d".into(),
            text: text.into(),
            token: text.split(' ').collect(),
            upos: upos.map(|upos| upos.split(' ').collect()),
            ..TaggedSentence::default()
        }
    }

    /// Spans with their lemmas and classes.
    fn told(row: &LabelExample) -> Vec<String> {
        let spans = 0..row.span_start.len();
        let spans = spans.map(|span| {
            let classes = row.class_span.iter().zip(row.class.iter());
            let of = classes.filter(|(of, _)| **of == span as i32);
            let classes: Vec<&str> = of.map(|(_, class)| class).collect();
            let (start, end) = (row.span_start[span], row.span_end[span]);
            let (lemma, classes) = (&row.span_lemma[span], classes.join(" "));
            format!("{start}-{end} {lemma}: {classes}")
        });
        spans.collect()
    }

    #[test]
    fn words_have_the_supersenses_of_their_lemmas_and_the_longest_expression_counts() {
        let lexicon = lexicon();
        let nouns_and_verbs = Supersenses::new(&lexicon, &['n', 'v']);
        assert_eq!(nouns_and_verbs.class_names().len(), 41);
        let row = |text, upos| {
            let row = nouns_and_verbs.allowed(&sentence(text, upos)).unwrap();
            let rules = Rules {
                class_names: nouns_and_verbs.class_names(),
                ..Rules::default()
            };
            assert_eq!(row.check(&rules), Ok(()));
            told(&row)
        };
        let expected = [
            "0-0 bank: noun.group noun.object verb.motion",
            "2-3 river bank: noun.object",
            "4-5 walk out: verb.motion",
        ];
        assert_eq!(row("Banks at River banks walked out", None), expected);
        // Tags decide, of a noun's last word and of a verb's first; closed classes are no matter.
        let expected = [
            "0-0 bank: verb.motion",
            "1-1 at: noun.group",
            "2-2 river: noun.object",
        ];
        assert_eq!(
            row("Bank at river bank", Some("VERB NOUN NOUN PROPN")),
            expected
        );
        let none = nouns_and_verbs.allowed(&sentence("A wide bank", Some("DET ADJ AUX")));
        assert_eq!(none, Err(SupersenseLoss::NoWord));
        let all = Supersenses::new(&lexicon, &['n', 'v', 'a', 'r']);
        assert_eq!(all.class_names(), LEXFILES);
        assert_eq!(
            told(&all.allowed(&sentence("wide", None)).unwrap()),
            ["0-0 wide: adj.all"]
        );
    }

    #[test]
    fn what_the_source_tells_has_one_class() {
        let lexicon = lexicon();
        let nouns = Supersenses::new(&lexicon, &['n']);
        let mut tagged = sentence("The river walks", None);
        assert_eq!(nouns.gold(&tagged), Err(SupersenseLoss::NotTold));
        let sense = |word, lemma: &str, lexfile| GoldSense {
            start: word,
            end: word,
            lemma: lemma.into(),
            key: format!("{lemma}%"),
            lexfile,
        };
        tagged.gold = vec![sense(1, "river", 17), sense(2, "walk", 38)];
        let row = nouns.gold(&tagged).unwrap();
        assert_eq!(told(&row), ["1-1 river: noun.object"]);
        assert_eq!(row.span_id, ["river%"]);
        assert_ne!(row.id, nouns.allowed(&tagged).unwrap().id);
    }
}
