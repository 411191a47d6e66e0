//! `Lexicon`: the words of a wordnet with their senses, and the way from a form to its lemma.

use kprep_schemas::{Synset, Words};
use rustc_hash::FxHashMap;

/// A wordnet for lookups, made of its [`Synset`] rows. Words are compared in lower case, with blanks.
///
/// Memory: some 60 MB for WordNet 3.1.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// Lemmas by part of speech: nouns, verbs, adjectives, adverbs, others.
    lemmas: [FxHashMap<Box<str>, Vec<Sense>>; 5],
    /// Lemmas of irregular forms.
    forms: [FxHashMap<Box<str>, Words>; 5],
    /// By the first word of lemmas of several words, the most words of such a lemma.
    longest: FxHashMap<Box<str>, usize>,
    ids: Words,
    keys: Words,
}

/// A sense of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sense {
    /// Number of its synset's row, from 0.
    pub synset: u32,
    /// Its lexicographer file; -1 where the source names none.
    pub lexfile: i32,
    /// How often it was tagged.
    pub count: i32,
    /// Which sense of its word it is, from 1.
    pub number: i32,
    key: u32,
}

/// The rules of morphy(7WN): endings and what takes their place, for nouns, verbs and adjectives. `ves`
/// is NLTK's: without the lists of irregular forms (`wolves`) it finds most of them.
const RULES: [&[(&str, &str)]; 3] = [
    &[
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ],
    &[
        ("s", ""),
        ("ies", "y"),
        ("es", "e"),
        ("es", ""),
        ("ed", "e"),
        ("ed", ""),
        ("ing", "e"),
        ("ing", ""),
    ],
    &[("er", ""), ("est", ""), ("er", "e"), ("est", "e")],
];

impl Lexicon {
    /// The senses of a lemma, the first one first. `pos` is a letter of WN-LMF; satellites (`s`) are
    /// adjectives.
    pub fn senses(&self, lemma: &str, pos: char) -> &[Sense] {
        let senses = self.lemmas[slot(pos)].get(&*self::lemma(lemma));
        senses.map_or(&[], Vec::as_slice)
    }

    /// The lemmas that a form may be of, as morphy(7WN) finds them: the form itself if it is one, and those
    /// of which it is an irregular form; where it is no irregular form, those that a rule gives.
    pub fn lemmas(&self, form: &str, pos: char) -> Vec<String> {
        let (form, slot) = (self::lemma(form), slot(pos));
        let mut found = Vec::new();
        let mut add = |lemma: String| {
            if self.lemmas[slot].contains_key(lemma.as_str()) && !found.contains(&lemma) {
                found.push(lemma);
            }
        };
        add(form.clone());
        if let Some(lemmas) = self.forms[slot].get(&*form) {
            lemmas.iter().map(str::to_owned).for_each(&mut add);
            return found;
        }
        let is_noun = slot == 0;
        if is_noun && (form.ends_with("ss") || form.chars().count() <= 2) {
            return found;
        }
        for (end, instead) in RULES.get(slot).copied().into_iter().flatten() {
            if let Some(stem) = form.strip_suffix(end) {
                add(format!("{stem}{instead}"));
            }
        }
        found
    }

    /// The most words of a lemma that starts with this word; 1 where no lemma of several words does.
    pub fn longest(&self, first: &str) -> usize {
        self.longest.get(first).copied().unwrap_or(1)
    }

    /// The lexicographer files (supersenses) of a lemma's senses, ascending, each once.
    pub fn supersenses(&self, lemma: &str, pos: char) -> Vec<i32> {
        let senses = self.senses(lemma, pos).iter().map(|sense| sense.lexfile);
        let mut files: Vec<i32> = senses.filter(|&file| file >= 0).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// The sense key of a sense.
    pub fn key(&self, sense: &Sense) -> &str {
        &self.keys[sense.key as usize]
    }

    /// The id of a sense's synset.
    pub fn synset_id(&self, sense: &Sense) -> &str {
        &self.ids[sense.synset as usize]
    }

    fn add(&mut self, row: &Synset) {
        let slot = slot(row.pos.chars().next().unwrap_or_default());
        let synset = self.ids.len() as u32;
        self.ids.push(&row.id);
        for (number, word) in row.word.iter().enumerate() {
            let sense = Sense {
                synset,
                lexfile: row.lexfile,
                count: row.tag_count[number],
                number: row.sense_number[number],
                key: self.keys.len() as u32,
            };
            self.keys.push(&row.sense_key[number]);
            let lemma = self::lemma(word);
            if let Some((first, rest)) = lemma.split_once(' ') {
                let longest = self.longest.entry(first.into()).or_insert(1);
                *longest = (*longest).max(1 + rest.split(' ').count());
            }
            let senses = self.lemmas[slot].entry(lemma.into());
            senses.or_default().push(sense);
        }
        for (form, &word) in row.form.iter().zip(&row.form_word) {
            let lemma = self::lemma(&row.word[word as usize]);
            let lemmas = self.forms[slot]
                .entry(self::lemma(form).into())
                .or_default();
            if !lemmas.iter().any(|known| known == lemma) {
                lemmas.push(&lemma);
            }
        }
    }
}

impl FromIterator<Synset> for Lexicon {
    fn from_iter<T: IntoIterator<Item = Synset>>(rows: T) -> Self {
        let mut lexicon = Self::default();
        rows.into_iter().for_each(|row| lexicon.add(&row));
        // Stable: senses of the same number keep the order of the rows.
        let senses = lexicon.lemmas.iter_mut().flat_map(FxHashMap::values_mut);
        senses.for_each(|senses| senses.sort_by_key(|sense| sense.number));
        lexicon
    }
}

/// Which table a part of speech has.
fn slot(pos: char) -> usize {
    match pos {
        'n' => 0,
        'v' => 1,
        'a' | 's' => 2,
        'r' => 3,
        _ => 4,
    }
}

/// A lemma as lookups have it: in lower case, with blanks.
pub fn lemma(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A synset of words that are sense `number`, tagged ten times less than the one before.
    fn synset(id: &str, lexfile: i32, words: &[(&str, i32)], forms: &[(&str, i32)]) -> Synset {
        let key = |(word, number): &(&str, i32)| format!("{word}%{lexfile}:{number}");
        Synset {
            id: id.into(),
            pos: id[id.len() - 1..].into(),
            lexfile,
            word: words.iter().map(|(word, _)| word).collect(),
            sense_key: words.iter().map(key).collect(),
            sense_number: words.iter().map(|&(_, number)| number).collect(),
            tag_count: words.iter().map(|&(_, number)| 30 - 10 * number).collect(),
            form: forms.iter().map(|(form, _)| form).collect(),
            form_word: forms.iter().map(|&(_, word)| word).collect(),
            ..Synset::default()
        }
    }

    fn lexicon() -> Lexicon {
        let rows = [
            synset("2-n", 17, &[("bank", 2)], &[]),
            synset("1-n", 14, &[("bank", 1), ("Savings_Bank", 1)], &[]),
            synset("3-n", 17, &[("bank", 3)], &[]),
            synset("4-n", 5, &[("dog", 1), ("wolf", 1), ("fox", 1)], &[]),
            synset(
                "5-n",
                5,
                &[("axis", 1), ("ax", 1)],
                &[("axes", 0), ("axes", 1)],
            ),
            synset(
                "6-n",
                18,
                &[("fireman", 1), ("boss", 1), ("church", 1), ("lady", 1)],
                &[],
            ),
            synset(
                "7-v",
                30,
                &[("deny", 1), ("bake", 1), ("walk", 1), ("run", 1)],
                &[("ran", 3)],
            ),
            synset(
                "8-s",
                0,
                &[("big", 1), ("late", 1), ("tall", 1)],
                &[("bigger", 0)],
            ),
            synset("9-r", -1, &[("fast", 1)], &[]),
        ];
        rows.into_iter().collect()
    }

    #[test]
    fn senses_come_in_their_order_with_counts_and_files() {
        let lexicon = lexicon();
        let senses = lexicon.senses("Bank", 'n');
        let told: Vec<_> = senses
            .iter()
            .map(|sense| (lexicon.synset_id(sense), lexicon.key(sense), sense.count))
            .collect();
        let expected = [
            ("1-n", "bank%14:1", 20),
            ("2-n", "bank%17:2", 10),
            ("3-n", "bank%17:3", 0),
        ];
        assert_eq!(told, expected);
        assert_eq!(lexicon.senses("savings bank", 'n').len(), 1);
        assert_eq!(
            ["savings", "bank"].map(|first| lexicon.longest(first)),
            [2, 1]
        );
        assert_eq!(lexicon.senses("bank", 'v'), []);
        assert_eq!(lexicon.supersenses("bank", 'n'), [14, 17]);
        assert_eq!(lexicon.senses("big", 'a'), lexicon.senses("big", 's'));
        assert_eq!(lexicon.supersenses("fast", 'r'), [0; 0]);
    }

    #[test]
    fn forms_lead_to_their_lemmas() {
        let lexicon = lexicon();
        for (form, pos, lemmas) in [
            ("dogs", 'n', &["dog"][..]),
            ("Foxes", 'n', &["fox"]),
            ("wolves", 'n', &["wolf"]),
            ("churches", 'n', &["church"]),
            ("ladies", 'n', &["lady"]),
            ("firemen", 'n', &["fireman"]),
            ("axes", 'n', &["axis", "ax"]),
            ("boss", 'n', &["boss"]),
            ("denies", 'v', &["deny"]),
            ("baking", 'v', &["bake"]),
            ("walked", 'v', &["walk"]),
            ("ran", 'v', &["run"]),
            ("bigger", 'a', &["big"]),
            ("latest", 'a', &["late"]),
            ("taller", 's', &["tall"]),
            ("fast", 'r', &["fast"]),
            ("cats", 'n', &[]),
            ("dogs", 'v', &[]),
            ("", 'n', &[]),
        ] {
            let found = lexicon.lemmas(form, pos);
            assert_eq!(found, lemmas, "{form}");
        }
    }
}
