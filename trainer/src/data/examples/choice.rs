//! Questions on a text with answers to choose from.

use kprep_schemas::ChoiceExample;

use super::{Counts, Example, LengthLimit, Source, Target, text};
use crate::data::tokenizer::Words;

/// For each answer `<s> context </s> question </s> answer </s>`, one behind the other. Of a longer input the context's
/// end is cut off.
impl Source for ChoiceExample {
    fn example(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Option<Example> {
        counts.read += 1;
        let label = self.label.and_then(|label| u16::try_from(label).ok());
        let label = label.filter(|&label| usize::from(label) < self.answers.len());
        let Some(label) = label else {
            counts.no_target += 1;
            return None;
        };
        let (start, end) = (words.vocabulary().start, words.vocabulary().end);
        let context = text::tokens(&self.context, words);
        let question = text::tokens(&self.question, words);
        let (mut ids, mut lengths) = (Vec::new(), Vec::new());
        let mut is_cut = false;
        for answer in self.answers.iter() {
            let answer = text::tokens(answer, words);
            let others = 4 + question.len() + answer.len();
            if others > max_length {
                counts.too_long += 1;
                return None;
            }
            let kept = context.len().min(max_length - others);
            is_cut |= kept < context.len();
            let before = ids.len();
            ids.push(start);
            for part in [&context[..kept], &question, &answer] {
                ids.extend_from_slice(part);
                ids.push(end);
            }
            lengths.push((ids.len() - before) as u16);
        }
        counts.truncated += u64::from(is_cut);
        counts.kept += 1;
        Some(Example {
            ids,
            target: Target::Choice { lengths, label },
        })
    }
}
