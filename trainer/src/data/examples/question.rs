//! Questions whose answers stand in paragraphs.

use kprep_schemas::QuestionExample;

use super::{Answer, Counts, Example, LengthLimit, Paragraph, Source, Target, place, text};
use crate::data::tokenizer::Words;

/// `<s> question </s> paragraph </s>` for each paragraph. The target is the first place of an answer in it; where there
/// is none, or it was cut off with the paragraph's end, it is the first token. A question whose own words leave no room
/// is too long; rows are paragraphs.
impl Source for QuestionExample {
    /// The first paragraph's.
    fn example(
        &self,
        words: &mut Words,
        limit: LengthLimit,
        counts: &mut Counts,
    ) -> Option<Example> {
        let all = self.examples(words, limit, counts);
        all.into_iter().next()
    }

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example> {
        counts.read += self.paragraphs.len() as u64;
        let (start, end) = (words.vocabulary().start, words.vocabulary().end);
        let mut front = vec![start];
        text::push(&mut front, &self.question, words);
        front.push(end);
        if front.len() + 2 > max_length {
            counts.too_long += self.paragraphs.len() as u64;
            return Vec::new();
        }
        let paragraphs = (0..).zip(self.paragraphs.iter());
        let examples = paragraphs.map(|(number, paragraph)| {
            let mut ids = front.clone();
            let mut places = Vec::new();
            for (from, to) in text::spans(paragraph) {
                places.push(place(ids.len()));
                ids.extend_from_slice(words.tokens(&paragraph[from..to]));
            }
            places.push(place(ids.len())); // behind the last word
            if ids.len() >= max_length {
                counts.truncated += 1;
                ids.truncate(max_length - 1);
            }
            let last = ids.len();
            ids.push(end);
            counts.kept += 1;
            Example {
                target: Target::Span {
                    answer: first_answer(self, number, paragraph, &places, last),
                    first: place(front.len()),
                    paragraph: Box::new(Paragraph {
                        golds: (number == 0)
                            .then(|| self.answers.iter().map(str::to_owned).collect()),
                        text: paragraph.to_owned(),
                        places,
                    }),
                },
                ids,
            }
        });
        examples.collect()
    }
}

/// The tokens of the first answer in a paragraph, before token `last`. It begins and ends with whole words.
fn first_answer(
    row: &QuestionExample,
    number: i32,
    paragraph: &str,
    places: &[u16],
    last: usize,
) -> Option<Answer> {
    let i = row.answer_paragraph.iter().position(|&own| own == number)?;
    let (before, answer, _) = text::cut(paragraph, row.answer_start[i], row.answer_end[i]);
    let (from, to) = (before.len(), before.len() + answer.len());
    let words = (0..).zip(text::spans(paragraph));
    let mut words = words.filter(|&(_, (start, end))| start < to && end > from);
    let (first_word, _) = words.next()?;
    let last_word = words.last().map_or(first_word, |(word, _)| word);
    let (start, end) = (places[first_word], places[last_word + 1].checked_sub(1)?);
    (usize::from(end) < last).then_some(Answer { start, end })
}
