//! What is counted of the records of benchmarks and wordnets.

use kprep_schemas::{
    ChoiceExample, ClozeExample, Fact, LEXFILES, QuestionExample, Record, Synset, TypingExample,
};

use super::tally::Tally;

/// A record type of which `kprep stats` has figures without a page. Words are what blanks stand
/// between.
pub(crate) trait Counted: Record {
    /// What a row is called, in the plural.
    const ROWS: &'static str;

    fn count(&self, tally: &mut Tally);

    /// What its class may be guessed by, a hash of each value under its name.
    fn guessed_by(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

impl Counted for TypingExample {
    const ROWS: &'static str = "mentions";

    fn count(&self, tally: &mut Tally) {
        let (start, end) = (self.mention_start as usize, self.mention_end as usize);
        let mention: String = self
            .text
            .chars()
            .skip(start)
            .take(end.saturating_sub(start))
            .collect();
        tally.length("words_a_sentence", words(&self.text));
        tally.length("words_a_mention", words(&mention));
        tally.length("types_a_mention", self.types.len());
        tally.share("mentions_without_a_type", self.types.is_empty());
        for name in self.types.iter() {
            tally.name("types", name);
        }
    }
}

impl Counted for ChoiceExample {
    const ROWS: &'static str = "questions";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_text", words(&self.context));
        tally.length("words_a_question", words(&self.question));
        tally.length("answers_a_question", self.answers.len());
        let lengths: Vec<usize> = self.answers.iter().map(words).collect();
        for &length in &lengths {
            tally.length("words_an_answer", length);
        }
        tally.share("questions_without_a_right_answer", self.label.is_none());
        let Some(right) = self.label.and_then(|label| usize::try_from(label).ok()) else {
            return;
        };
        let others = || (0..lengths.len()).filter(|&other| other != right);
        let longest = others().all(|other| lengths.get(right) > lengths.get(other));
        tally.share("right_answer_has_the_most_words", longest);
        tally.answer("label of the right answer", &right.to_string());
    }
}

impl Counted for QuestionExample {
    const ROWS: &'static str = "questions";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_question", words(&self.question));
        tally.length("answers_a_question", self.answers.len());
        for answer in self.answers.iter() {
            tally.length("words_an_answer", words(answer));
        }
        tally.length("paragraphs_a_question", self.paragraphs.len());
        tally.length("places_of_an_answer", self.answer_paragraph.len());
        // By paragraph, so that the same ones are neighbours.
        let mut with_answer = self.answer_paragraph.clone();
        with_answer.dedup();
        for (number, paragraph) in (0..).zip(self.paragraphs.iter()) {
            tally.length("words_a_paragraph", words(paragraph));
            let answered = with_answer.binary_search(&number).is_ok();
            tally.share("paragraphs_with_an_answer", answered);
        }
        tally.share("questions_with_an_answer", !with_answer.is_empty());
        let first = with_answer.first() == Some(&0);
        tally.share("answer_in_the_first_paragraph", first);
    }
}

impl Counted for ClozeExample {
    const ROWS: &'static str = "cloze queries";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_text", words(&self.text));
        let several = words(&self.obj_label) > 1;
        tally.share("several_words_left_out", several);
        let subject = self.subj_label.to_lowercase();
        let told = subject.contains(&self.obj_label.to_lowercase());
        tally.share("answer_in_the_subject", told);
        tally.name("sources", &self.source);
        tally.name("relations", &self.relation);
        // A fact has one template, and may have many sentences of evidence.
        if self.source == "template" {
            tally.answer(&self.relation, &self.obj_label);
        }
    }
}

impl Counted for Synset {
    const ROWS: &'static str = "synsets";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_synset", self.word.len());
        tally.length("examples_a_synset", self.example.len());
        tally.length("words_a_definition", words(&self.gloss));
        tally.share("synsets_with_an_example", !self.example.is_empty());
        for (&number, &count) in self.sense_number.iter().zip(&self.tag_count) {
            tally.share("senses_with_a_tag_count", count > 0);
            tally.share("first_senses", number == 1);
        }
        tally.name("parts_of_speech", &self.pos);
        let lexfile = usize::try_from(self.lexfile).ok();
        let lexfile = lexfile.and_then(|number| LEXFILES.get(number));
        tally.name("lexfiles", lexfile.unwrap_or(&"none"));
    }
}

impl Counted for Fact {
    const ROWS: &'static str = "facts";

    fn count(&self, tally: &mut Tally) {
        tally.name("relations", &self.relation);
        tally.name("sources", &self.source);
    }
}
