//! Sentences, in order, to the rows of a dependency dataset and its counts.

use std::mem;

use kprep_schemas::{
    DependencyExample, Funnel, GroupBy, Record, Reject, Split, Splitter, stable_hash, stable_id,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{Choice, Error, Loss, NewDocument, Sentence};

/// A row of a dependency dataset.
pub struct HeadRow {
    /// The split that it belongs to.
    pub split: Split,
    /// The row.
    pub row: DependencyExample,
    /// Hash of its words and the seed: a sample has the rows of the lowest ranks.
    pub rank: u64,
}

/// What was made of the sentences so far.
///
/// Sentences must come in the order of their inputs: a row's id depends on its place in its
/// document. Memory: an entry for each document, and unless duplicates are kept at most 21 bytes a
/// row (hashes of the rows' words).
pub struct HeadSet {
    choice: Choice,
    seen: FxHashSet<u64>,
    splitter: Splitter,
    group_by: GroupBy,
    /// The input that is read.
    source: String,
    /// Documents in it so far that have no id of their own.
    unnamed: u64,
    doc_id: String,
    /// A document that starts with the next sentence.
    next_document: Option<NewDocument>,
    /// Sentences of the document so far.
    sentences: u64,
    /// The same for all earlier documents: one that comes again goes on counting, so that no two
    /// rows share an id.
    documents: FxHashMap<String, u64>,
    rows: u64,
    losses: [u64; Loss::ALL.len()],
    /// Of all sentences that were good, wanted or not.
    heads_left_out: u64,
    words_left_out: u64,
}

impl HeadSet {
    /// An empty set.
    pub fn new(choice: Choice, splitter: Splitter, group_by: GroupBy) -> Self {
        Self {
            choice,
            seen: FxHashSet::default(),
            splitter,
            group_by,
            source: String::new(),
            unnamed: 0,
            doc_id: String::new(),
            next_document: None,
            sentences: 0,
            documents: FxHashMap::default(),
            rows: 0,
            losses: Default::default(),
            heads_left_out: 0,
            words_left_out: 0,
        }
    }

    /// The sentences that follow are from another input. `doc_id` is the id of their document
    /// unless they have one of their own.
    pub fn start_input(&mut self, source: String, doc_id: String) {
        self.source = source;
        self.unnamed = 0;
        self.next_document = None;
        self.start(doc_id);
    }

    /// The input that is read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The next sentence starts another document, if it does not say itself that it starts one.
    pub fn expect_document(&mut self, document: NewDocument) {
        self.next_document = Some(document);
    }

    /// A document without an id is named after its input and its number there.
    fn start_document(&mut self, document: NewDocument) {
        let doc_id = document.id.unwrap_or_else(|| {
            self.unnamed += 1;
            format!("{}#{}", self.source, self.unnamed)
        });
        self.start(doc_id);
    }

    fn start(&mut self, doc_id: String) {
        let last = mem::replace(&mut self.doc_id, doc_id);
        self.documents.insert(last, self.sentences);
        self.sentences = self.documents.get(&self.doc_id).copied().unwrap_or(0);
    }

    /// Makes a sentence a row of a split, or counts and says why it is not wanted.
    pub fn add(&mut self, mut sentence: Sentence) -> Result<HeadRow, Box<Reject>> {
        let earlier = self.next_document.take();
        if let Some(document) = sentence.new_document.take().or(earlier) {
            self.start_document(document);
        }
        self.sentences += 1;
        self.heads_left_out += sentence.heads_left_out;
        self.words_left_out += sentence.words_left_out;
        self.choice.rewrite(&mut sentence);
        let words = sentence.token.iter().map(str::as_bytes);
        let hash = stable_hash(words);
        let loss = self.choice.length_loss(sentence.token.len()).or_else(|| {
            // Sentences that miss words may differ in these.
            let is_known = sentence.token.iter().all(|word| word != "_");
            let judged = is_known && !self.choice.keep_duplicates;
            (judged && !self.seen.insert(hash)).then_some(Loss::Duplicate)
        });
        if let Some(loss) = loss {
            return Err(Box::new(self.leave_out_sentence(loss, &sentence)));
        }
        self.rows += 1;
        let number = self.sentences.to_le_bytes();
        let hash = hash.to_le_bytes();
        let seed = self.splitter.seed.to_le_bytes();
        let row = DependencyExample {
            id: stable_id([self.doc_id.as_bytes(), &number, &hash]),
            doc_id: self.doc_id.clone(),
            sent_id: sentence.sent_id,
            text: sentence.text,
            token: sentence.token,
            head: sentence.head,
            deprel: sentence.deprel,
            upos: sentence.upos,
            xpos: sentence.xpos,
        };
        let split = self.splitter.split(&row.group(self.group_by));
        let rank = stable_hash([&seed[..], &hash]);
        Ok(HeadRow { split, row, rank })
    }

    /// Counts a sentence that is as good as any, but not wanted.
    fn leave_out_sentence(&mut self, loss: Loss, sentence: &Sentence) -> Reject {
        self.losses[loss as usize] += 1;
        let detail = match loss {
            Loss::Duplicate => sentence.sent_id.clone().unwrap_or_default(),
            _ => format!("{} words", sentence.token.len()),
        };
        Reject {
            source: Some(self.source.clone()),
            doc_id: Some(self.doc_id.clone()),
            index: Some(self.sentences - 1),
            reason: loss.reason(),
            detail,
            ..Reject::default()
        }
    }

    /// Takes back a row that the sample has no place for.
    pub fn leave_out(&mut self) {
        self.rows -= 1;
        self.losses[Loss::NotSampled as usize] += 1;
    }

    /// Counts a sentence that is lost. `None` if the error is not about a sentence.
    pub fn lose(&mut self, error: &Error) -> Option<Reject> {
        let Error::Sentence { position, fault } = error else {
            return None;
        };
        let loss = fault.loss();
        self.losses[loss as usize] += 1;
        let detail = fault.to_string();
        Some(Reject::at(&self.source, *position, loss.reason(), detail))
    }

    /// Sentences lost in this way so far.
    pub fn lost(&self, loss: Loss) -> u64 {
        self.losses[loss as usize]
    }

    /// Sentences that gave no row so far.
    pub fn lost_count(&self) -> u64 {
        self.losses.iter().sum()
    }

    /// Sentences so far.
    pub fn read_count(&self) -> u64 {
        self.rows + self.lost_count()
    }

    /// The counts of every stage.
    pub fn funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("sentences", self.read_count());
        for losses in Loss::ALL.chunk_by(|a, b| a.stage() == b.stage()) {
            let counted = losses
                .iter()
                .map(|&loss| (loss.reason(), self.losses[loss as usize]));
            // What nobody asked for is not worth a line.
            if !losses[0].is_choice() || counted.clone().any(|(_, count)| count > 0) {
                funnel.stage(losses[0].stage(), counted);
            }
        }
        funnel.within([
            ("further heads of a word", self.heads_left_out),
            ("words without a form", self.words_left_out),
        ]);
        funnel
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::Rules;

    use super::*;
    use crate::{ConllReader, Format};

    const SPLITTER: Splitter = Splitter {
        seed: 42,
        validation: 10,
        test: 10,
    };

    const KEEP_ALL: Choice = Choice {
        min_words: 1,
        max_words: usize::MAX,
        lowercase: false,
        unescape: false,
        keep_duplicates: true,
    };

    /// A sentence of one word, and of two words that are each other's head.
    const GOOD: &str = "1\tGo\t_\tVERB\tVB\t_\t0\troot\t_\t_\n\n";
    const BAD: &str = "1\ta\t_\t_\t_\t_\t2\tx\t_\t_\n2\tb\t_\t_\t_\t_\t1\tx\t_\t_\n\n";

    fn read(set: &mut HeadSet, source: &str, text: &str) -> (Vec<DependencyExample>, Vec<Reject>) {
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        set.start_input(source.into(), source.into());
        let mut reader = ConllReader::new(text.as_bytes(), Format::ConllU);
        for sentence in reader.by_ref() {
            match sentence {
                Ok(sentence) => match set.add(sentence) {
                    Ok(row) => rows.push(row.row),
                    Err(reject) => rejects.push(*reject),
                },
                Err(error) => rejects.extend(set.lose(&error)),
            }
        }
        (rows, rejects)
    }

    #[test]
    fn rows_know_their_document_and_no_two_share_an_id() {
        let mut set = HeadSet::new(KEEP_ALL, SPLITTER, GroupBy::Sentence);
        let named = format!("# newdoc id = d\n{GOOD}{GOOD}");
        let text = format!("{GOOD}{named}# newdoc\n{GOOD}# newdoc\n{GOOD}{named}");
        let mut rows = read(&mut set, "a.conllu", &text).0;
        rows.extend(read(&mut set, "a.conllu", GOOD).0);
        let documents: Vec<_> = rows.iter().map(|row| row.doc_id.as_str()).collect();
        let unnamed = ["a.conllu#1", "a.conllu#2"];
        let expected = [
            &["a.conllu", "d", "d"],
            &unnamed[..],
            &["d", "d", "a.conllu"],
        ]
        .concat();
        assert_eq!(documents, expected);
        let mut ids: Vec<_> = rows.iter().map(|row| &row.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        assert!(
            rows.iter()
                .all(|row| row.check(&Rules::default()) == Ok(()))
        );
    }

    #[test]
    fn ids_depend_on_document_place_and_words_alone() {
        let id = |source: &str, text: &str, i: usize| {
            let mut set = HeadSet::new(KEEP_ALL, SPLITTER, GroupBy::Sentence);
            read(&mut set, source, text).0[i].id.clone()
        };
        let named = format!("# newdoc id = d\n{GOOD}");
        assert_eq!(id("a", &named, 0), id("b", &format!("{GOOD}{named}"), 1));
        assert_ne!(id("a", GOOD, 0), id("b", GOOD, 0));
        assert_ne!(id("a", GOOD, 0), id("a", &GOOD.replace("Go", "Stop"), 0));
    }

    #[test]
    fn what_is_read_is_kept_or_lost_for_a_reason() {
        let mut set = HeadSet::new(KEEP_ALL, SPLITTER, GroupBy::Document);
        let text = format!("{GOOD}{BAD}1\tx\n\n{GOOD}");
        let (rows, rejects) = read(&mut set, "a.conllu", &text);
        assert_eq!(rows.len(), 2);
        let reject = |line, byte, reason, detail: &str| Reject {
            source: Some("a.conllu".into()),
            line: Some(line),
            byte: Some(byte),
            reason,
            detail: detail.into(),
            ..Reject::default()
        };
        let expected = [
            reject(3, 29, "no root", "no word has head 0: the tree has no root"),
            reject(
                6,
                70,
                "malformed sentence",
                "expected 10 columns with tabs between them, found 2",
            ),
        ];
        assert_eq!(rejects, expected);
        assert_eq!(
            set.funnel().to_string(),
            "  sentences read                        4\n    \
             - malformed sentence                1\n  \
             well-formed                           3\n  \
             parsed                                3\n    \
             - no root                           1\n  \
             one tree                              2\n"
        );
    }

    #[test]
    fn what_is_not_wanted_is_counted_and_told() {
        let choice = Choice {
            min_words: 1,
            max_words: 1,
            keep_duplicates: false,
            ..KEEP_ALL
        };
        let mut set = HeadSet::new(choice, SPLITTER, GroupBy::Sentence);
        let two = "1\tGo\t_\t_\t_\t_\t0\troot\t_\t_\n2\t!\t_\t_\t_\t_\t1\tpunct\t_\t_\n\n";
        let text = format!("{GOOD}{two}{GOOD}{}", GOOD.replace("Go", "Stop"));
        let (rows, rejects) = read(&mut set, "a.conllu", &text);
        assert_eq!(rows.len(), 2);
        let left_out = |index, loss: Loss, detail: &str| Reject {
            source: Some("a.conllu".into()),
            doc_id: Some("a.conllu".into()),
            index: Some(index),
            reason: loss.reason(),
            detail: detail.into(),
            ..Reject::default()
        };
        let expected = [
            left_out(1, Loss::TooLong, "2 words"),
            left_out(2, Loss::Duplicate, ""),
        ];
        assert_eq!(rejects, expected);
        let lost = [Loss::TooLong, Loss::Duplicate].map(|loss| set.lost(loss));
        assert_eq!(lost, [1, 1]);
        assert_eq!(set.read_count(), 4);
    }

    #[test]
    fn equal_sentences_and_documents_stay_in_one_split() {
        let splits = |group_by, sentences: &[String]| {
            let mut set = HeadSet::new(KEEP_ALL, SPLITTER, group_by);
            set.start_input("a".into(), "a".into());
            let text = sentences.concat();
            let reader = ConllReader::new(text.as_bytes(), Format::ConllU);
            let mut splits: Vec<_> = reader
                .map(|s| set.add(s.unwrap()).ok().unwrap().split)
                .collect();
            splits.sort_unstable();
            splits.dedup();
            splits.len()
        };
        let numbers = 0..60;
        let documents = numbers
            .clone()
            .map(|i| format!("# newdoc id = {i}\n{GOOD}"));
        let documents: Vec<_> = documents.collect();
        let words: Vec<_> = numbers
            .map(|i| GOOD.replace("Go", &i.to_string()))
            .collect();
        assert_eq!(splits(GroupBy::Sentence, &documents), 1);
        assert_eq!(splits(GroupBy::Document, &documents), 3);
        assert_eq!(splits(GroupBy::Sentence, &words), 3);
        assert_eq!(splits(GroupBy::Document, &words), 1);
    }
}
