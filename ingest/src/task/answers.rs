//! Where answers stand in paragraphs, for training without anybody having marked them.

/// A word of normalised text, and where it stands in the text: code points without the punctuation
/// at its ends.
struct Word {
    text: String,
    start: i32,
    end: i32,
}

/// Places of answers, one entry of each list a place, by paragraph, start and end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The paragraph, from 0.
    pub paragraph: Vec<i32>,
    /// First code point.
    pub start: Vec<i32>,
    /// End, exclusive.
    pub end: Vec<i32>,
}

/// Every place where one of the answers stands in a paragraph, in `SQuAD`'s normalised sense: lower
/// case, without ASCII punctuation and without the articles `a`, `an` and `the`.
///
/// Texts are compared word by word between blanks, so that a place begins and ends with a word and
/// normalises to the answer: punctuation within a word is taken out (`don't` is `dont`), and
/// articles and lone punctuation between words are passed over. An answer that normalises to
/// nothing stands nowhere.
pub fn find_answers<'a>(
    answers: impl IntoIterator<Item = &'a str>,
    paragraphs: impl IntoIterator<Item = &'a str>,
) -> Places {
    let mut golds: Vec<Vec<String>> = answers
        .into_iter()
        .map(|answer| normalised(answer).map(|word| word.text).collect())
        .filter(|gold: &Vec<String>| !gold.is_empty())
        .collect();
    golds.sort();
    golds.dedup();
    let mut places = Places::default();
    for (number, paragraph) in (0..).zip(paragraphs) {
        let words: Vec<Word> = normalised(paragraph).collect();
        let mut found: Vec<(i32, i32)> = Vec::new();
        for gold in &golds {
            let windows = words.windows(gold.len());
            let hits = windows.filter(|window| window.iter().map(|word| &word.text).eq(gold));
            found.extend(hits.map(|hit| (hit[0].start, hit[hit.len() - 1].end)));
        }
        found.sort_unstable();
        found.dedup();
        for (start, end) in found {
            places.paragraph.push(number);
            places.start.push(start);
            places.end.push(end);
        }
    }
    places
}

fn normalised(text: &str) -> impl Iterator<Item = Word> {
    let mut chars = text.chars().zip(0..).peekable();
    std::iter::from_fn(move || {
        loop {
            while chars.next_if(|(c, _)| c.is_whitespace()).is_some() {}
            chars.peek()?;
            let mut word = Word {
                text: String::new(),
                start: 0,
                end: 0,
            };
            while let Some((c, at)) = chars.next_if(|(c, _)| !c.is_whitespace()) {
                if c.is_ascii_punctuation() {
                    continue;
                }
                if word.text.is_empty() {
                    word.start = at;
                }
                word.end = at + 1;
                word.text.extend(c.to_lowercase());
            }
            if !matches!(word.text.as_str(), "" | "a" | "an" | "the") {
                return Some(word);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_code_points_of_the_text_as_it_is() {
        let paragraphs = [
            "Élan: \"The Beatles\"\n, a beatles' song.",
            "none",
            "BEATLES!",
        ];
        let places = find_answers(["the Beatles", "Beatles"], paragraphs);
        assert_eq!(places.paragraph, [0, 0, 2]);
        let mention = |place: usize| -> String {
            let (start, end) = (places.start[place], places.end[place]);
            let chars = paragraphs[places.paragraph[place] as usize].chars();
            chars
                .skip(start as usize)
                .take((end - start) as usize)
                .collect()
        };
        assert_eq!(
            [mention(0), mention(1), mention(2)],
            ["Beatles", "beatles", "BEATLES"]
        );
    }

    #[test]
    fn articles_and_punctuation_between_words_do_not_part_them() {
        let found = |answer, text| {
            let places = find_answers([answer], [text]);
            places.start.into_iter().zip(places.end).collect::<Vec<_>>()
        };
        assert_eq!(found("House of Cards", "(house of - the Cards)"), [(1, 21)]);
        assert_eq!(found("dont", "Don't."), [(0, 5)]);
        assert_eq!(found("rocky mountain", "rocky-mountain"), []);
        assert_eq!(found("the", "the"), []);
        assert_eq!(found("a a", ""), []);
    }
}
