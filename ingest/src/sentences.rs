//! Sentences of a text.

use std::ops::Range;

/// The sentences of each line as byte ranges, without the blanks around them: by the customs and
/// abbreviations of the language.
pub(crate) fn sentences(text: &str, language: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut base = 0;
    for line in text.split_inclusive('\n') {
        for sentence in of_line(line, language) {
            let part = &line[sentence.clone()];
            let start = base + sentence.start + part.len() - part.trim_start().len();
            let end = start + part.trim().len();
            if start < end {
                found.push(start..end);
            }
        }
        base += line.len();
    }
    found
}

fn of_line(line: &str, language: &str) -> Vec<Range<usize>> {
    let primary = language.split('-').next().unwrap_or_default();
    if let Some(ends) = ends(primary) {
        return by_ends(line, ends);
    }
    let sentences = sentencex::get_sentence_boundaries(language, line)
        .into_iter()
        .map(|sentence| sentence.start_byte..sentence.end_byte);
    if primary == "ja" {
        joined_after_quotes(line, sentences)
    } else {
        sentences.collect()
    }
}

/// The signs that end a sentence in languages where `sentencex` (0.1) breaks sentences apart or
/// leaves them together: it does not know Khmer's sign nor the two word spaces that stand for
/// Ethiopic's, and takes Burmese's comma and possessive, and abbreviations in Thai, for ends.
fn ends(language: &str) -> Option<&'static [&'static str]> {
    match language {
        "am" | "gez" | "ti" | "tig" => Some(&["።", "፧", "፨", "፡፡", "!", "?", "."]),
        // The first one is "and so on".
        "km" => Some(&["។ល។", "។", "៕", "!", "?", "."]),
        "mnw" | "my" | "rki" | "shn" => Some(&["။", "!", "?", "."]),
        // Blanks stand between sentences, and between clauses, names and numbers, too: where no
        // sign stands, only the line tells for certain where a sentence ends.
        "lo" | "nod" | "sou" | "th" | "tts" => Some(&["๚", "๛", "!", "?", "."]),
        _ => None,
    }
}

/// Brackets and quotes, within which no sentence ends.
const PAIRS: [(char, char); 7] = [
    ('(', ')'),
    ('[', ']'),
    ('（', '）'),
    ('«', '»'),
    ('“', '”'),
    ('‘', '’'),
    ('"', '"'),
];

/// Bytes within which a bracket is closed, or it is none.
const MAX_BRACKET: usize = 1_000;

/// A line cut behind signs that end sentences and the brackets that they close.
fn by_ends(line: &str, ends: &[&str]) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(char) = line[at..].chars().next() {
        let rest = &line[at..];
        if let Some(bytes) = bracket(rest, char) {
            at += bytes;
            continue;
        }
        let Some(end) = ends.iter().find(|end| rest.starts_with(**end)) else {
            at += char.len_utf8();
            continue;
        };
        let is_end = *end != "." || is_full_stop(&line[start..at], &rest[1..]);
        at += end.len();
        let behind = line[at..].trim_start_matches(is_closing);
        let more = ends.iter().any(|end| behind.starts_with(*end));
        if is_end && !more {
            at = line.len() - behind.len();
            sentences.push(start..at);
            start = at;
        }
    }
    if start < line.len() {
        sentences.push(start..line.len());
    }
    sentences
}

/// The bytes of what stands in a bracket at the start of `rest`, with the bracket.
fn bracket(rest: &str, open: char) -> Option<usize> {
    let (_, close) = PAIRS.iter().find(|(known, _)| *known == open)?;
    let mut near = rest
        .char_indices()
        .skip(1)
        .take_while(|(at, _)| *at < MAX_BRACKET);
    let (at, close) = near.find(|(_, char)| char == close)?;
    Some(at + close.len_utf8())
}

fn is_closing(char: char) -> bool {
    PAIRS.iter().any(|(_, close)| *close == char)
}

/// Whether a full stop between two parts of a line ends a sentence: it does not in numbers, nor
/// behind abbreviations, which are short where words have no blanks around them (พ.ศ., ዓ.ም.).
fn is_full_stop(before: &str, behind: &str) -> bool {
    let behind = behind.trim_start_matches(is_closing);
    let is_last = behind.is_empty() || behind.starts_with(char::is_whitespace);
    let last = before
        .rsplit(|char: char| char.is_whitespace() || char == '.')
        .next()
        .unwrap_or_default();
    let is_number = last.chars().all(char::is_numeric);
    let shortest = if is_number { 3 } else { 5 };
    is_last && last.chars().count() >= shortest
}

/// Particles, with which no sentence begins in Japanese.
const PARTICLES: [&str; 12] = [
    "と", "は", "が", "の", "を", "に", "で", "も", "や", "など", "から", "まで",
];

/// What goes on behind a quoted sentence (「…。」と言った) belongs to it.
fn joined_after_quotes(
    line: &str,
    sentences: impl Iterator<Item = Range<usize>>,
) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for sentence in sentences {
        let goes_on = PARTICLES
            .iter()
            .any(|word| line[sentence.start..].starts_with(word));
        match joined.last_mut() {
            Some(last) if goes_on && line[..last.end].ends_with(['」', '』', '”', '）']) => {
                last.end = sentence.end;
            }
            _ => joined.push(sentence),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(language: &str, text: &str) -> String {
        let found = sentences(text, language).into_iter();
        found.map(|part| &text[part]).collect::<Vec<_>>().join("|")
    }

    /// A `|` stands where a sentence ends.
    #[test]
    fn sentences_end_as_their_language_ends_them() {
        let languages = [
            (
                "zh",
                "北京是首都。|上海很大！|鲁迅（1881年。浙江人）是作家。",
            ),
            (
                "ja",
                "東京は首都です。|大阪は「食い倒れの街。」と呼ばれる。|本当？",
            ),
            ("th", "พ.ศ. 2325 เป็นปีที่ก่อตั้ง กรุงเทพฯ เป็นเมืองหลวง"),
            ("km", "ភ្នំពេញជារាជធានី។|សៀមរាបជាទីក្រុង។|ផ្លែឈើ។ល។|ចប់៕"),
            ("lo", "ວຽງຈັນເປັນເມືອງຫຼວງ.|ກໍ່ຕັ້ງໃນ ຄ.ສ. 1563.|ດີ"),
            ("my", "မြန်မာနိုင်ငံ၏ မြို့တော်၊ နေပြည်တော်။|ရန်ကုန်။|ပုဂံ။"),
            (
                "hi",
                "नई दिल्ली भारत की राजधानी है।|मुंबई बड़ा शहर है॥|क्या यह सही है?",
            ),
            ("ar", "القاهرة عاصمة مصر.|هل بيروت عاصمة لبنان؟|نعم."),
            ("ur", "اسلام آباد دارالحکومت ہے۔|لاہور ایک شہر ہے۔"),
            (
                "hy",
                "Երևանը մայրաքաղաքն է։|Գյումրին քաղաք է:|Ժամը 10:30 է։",
            ),
            (
                "am",
                "አዲስ አበባ ዋና ከተማ ናት።|አስመራ በ1900 ዓ.ም. ዋና ከተማ ናት፡፡|ጎንደር?|ባሕር ዳር",
            ),
            ("ti", "አስመራ ከተማ እያ።|ከረን ከተማ እያ።"),
        ];
        for (language, expected) in languages {
            let text = expected.replace('|', if language == "zh" { "" } else { " " });
            let found = split(language, &text);
            assert_eq!(found, expected, "{language}");
        }
    }

    #[test]
    fn brackets_hold_sentences_together_if_they_are_closed() {
        let text = "កក (ខខ។ គគ) ឃឃ។ “ងង។” ចច។";
        assert_eq!(split("km", text), "កក (ខខ។ គគ) ឃឃ។|“ងង។” ចច។");
        let open = format!("ក (ខ។ {}", "គ".repeat(1_000));
        assert_eq!(sentences(&open, "km").len(), 2);
        assert_eq!(split("km", "ក?!។» ខ\nគ"), "ក?!។»|ខ|គ");
    }
}
