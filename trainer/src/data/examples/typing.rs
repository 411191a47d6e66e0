//! Entities with their types.

use kprep_schemas::TypingExample;

use super::{Counts, Example, LengthLimit, Source, Target, place, text};
use crate::data::tokenizer::Words;

/// `<s> w @ entity @ w </s>`: the markers are words, with a space before them.
impl Source for TypingExample {
    fn example(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Option<Example> {
        counts.read += 1;
        let labels = self.labels.iter().map(|&label| u16::try_from(label));
        let Ok(labels) = labels.collect::<Result<Vec<u16>, _>>() else {
            counts.no_target += 1;
            return None;
        };
        let (before, mention, after) = text::cut(&self.text, self.mention_start, self.mention_end);
        let mut ids = vec![words.vocabulary().start];
        text::push(&mut ids, before, words);
        let open = place(ids.len());
        text::push(&mut ids, "@", words);
        text::push(&mut ids, mention, words);
        text::push(&mut ids, "@", words);
        if ids.len() >= max_length {
            counts.too_long += 1;
            return None;
        }
        text::push(&mut ids, after, words);
        if ids.len() >= max_length {
            counts.truncated += 1;
            ids.truncate(max_length - 1);
        }
        ids.push(words.vocabulary().end);
        counts.kept += 1;
        Some(Example {
            ids,
            target: Target::Typing { open, labels },
        })
    }
}
