//! A sentence to its row.

use kprep_align::{GoldSense, OwnWord, SupersenseLoss, Supersenses, TaggedSentence};
use kprep_schemas::{GroupBy, LabelExample, Position, Record, Reject, Split, Splitter};

use super::args::Labels;
use crate::sources::task::build::Outcome;

/// A sentence as its source gives it.
pub(crate) struct Told {
    /// Its file, for rejects.
    pub(crate) source: String,
    pub(crate) position: Position,
    pub(crate) sentence: TaggedSentence,
    /// Of an example, where its own word is.
    pub(crate) own: Option<OwnWord>,
}

/// How rows of the text are made.
pub(crate) struct Rows<'a> {
    pub(crate) supersenses: Supersenses<'a>,
    pub(crate) labels: Labels,
    /// Where the text is split; none where all of it is for training.
    pub(crate) splitter: Option<Splitter>,
    pub(crate) group_by: GroupBy,
}

/// Reasons of examples.
pub(crate) const MISSING: &str = "no word of the synset in its example";
pub(crate) const SEVERAL: &str = "words of the synset in several places";

impl Rows<'_> {
    /// The row of a sentence of the text.
    pub(crate) fn of_text(&self, told: Told) -> Outcome<LabelExample> {
        let split = |row: &LabelExample| match self.splitter {
            Some(splitter) => splitter.split(&row.group(self.group_by)),
            None => Split::Train,
        };
        let tells = told.own.is_some() || !told.sentence.gold.is_empty();
        let wants_gold = match self.labels {
            Labels::Allowed => false,
            Labels::Gold => true,
            Labels::Mixed => tells && split(&group_of(&told.sentence)) != Split::Train,
        };
        if wants_gold {
            return self.gold(told);
        }
        let row = self.supersenses.allowed(&told.sentence);
        outcome(told, row.map_err(SupersenseLoss::reason))
    }

    /// The row of a sentence of gold words.
    pub(crate) fn gold(&self, told: Told) -> Outcome<LabelExample> {
        let row = match told.own {
            Some(OwnWord::Missing) => Err(MISSING),
            Some(OwnWord::Several) => Err(SEVERAL),
            _ => self
                .supersenses
                .gold(&told.sentence)
                .map_err(SupersenseLoss::reason),
        };
        outcome(told, row)
    }
}

/// A row with what groups go by.
fn group_of(sentence: &TaggedSentence) -> LabelExample {
    LabelExample {
        doc_id: sentence.doc_id.clone(),
        text: sentence.text.clone(),
        ..LabelExample::default()
    }
}

fn outcome(told: Told, row: Result<LabelExample, &'static str>) -> Outcome<LabelExample> {
    match row {
        Ok(row) => Outcome::Row(told.position, row),
        Err(reason) => Outcome::Lost(Reject {
            source: Some(told.source),
            doc_id: Some(told.sentence.doc_id),
            index: Some(told.sentence.number),
            reason,
            ..Reject::default()
        }),
    }
}

/// The sense of an example's own word.
pub(crate) fn own_sense(
    own: OwnWord,
    synset: &kprep_schemas::Synset,
    lemma: impl Fn(&str) -> String,
) -> Option<GoldSense> {
    let OwnWord::At { token, word } = own else {
        return None;
    };
    Some(GoldSense {
        start: token,
        end: token,
        lemma: lemma(&synset.word[word]),
        key: synset.sense_key[word].to_owned(),
        lexfile: synset.lexfile,
    })
}
