//! Words of languages that are written without blanks between them, or with marks for vowels.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use regex::Regex;

/// Chinese, Japanese, Thai, Lao, Khmer and Burmese with their nearest relatives, as dumps name
/// them.
const WITHOUT_SPACES: [&str; 17] = [
    "gan", "hsn", "ja", "km", "lo", "lzh", "mnw", "my", "nod", "rki", "shn", "sou", "th", "tts",
    "wuu", "yue", "zh",
];

/// A tag that begins as Chinese does: Min Nan is written in Latin letters, with blanks.
const MIN_NAN: &str = "zh-min-nan";

/// Languages whose letters have marks for vowels, with blanks between their words: those of India,
/// Nepal, Sri Lanka, the Maldives and Tibet.
const WITH_MARKS: [&str; 32] = [
    "anp", "as", "awa", "bh", "bho", "bn", "bo", "bpy", "doi", "dty", "dv", "dz", "gom", "gu",
    "hi", "kn", "mag", "mai", "ml", "mr", "ne", "new", "or", "pa", "pi", "sa", "si", "ta", "tcy",
    "te", "mni", "syl",
];

/// Runs of letters and numbers with their marks, and runs of signs. Vowels and tones of Thai,
/// Khmer, Lao and Burmese are marks, too.
static RUN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{M}\p{N}_\u200c\u200d]+|[^\p{L}\p{M}\p{N}_\u200c\u200d\s\x1c-\x1f]+").ok()
});

/// Whether a language is written without blanks between its words.
pub(crate) fn is_without_spaces(language: &str) -> bool {
    let language = language.to_ascii_lowercase();
    let primary = language.split('-').next().unwrap_or_default();
    language != MIN_NAN && WITHOUT_SPACES.contains(&primary)
}

/// Whether words of a language have marks in them that Python's `\w` does not match.
pub(crate) fn has_marks(language: &str) -> bool {
    let primary = language.split('-').next().unwrap_or_default();
    WITH_MARKS.contains(&primary)
}

/// The words of a text with marks as byte ranges, in order: as [`words`](crate::words()), but a
/// mark belongs to the letter before it.
pub(crate) fn marked(text: &str) -> impl Iterator<Item = Range<usize>> {
    let runs = RUN.iter().flat_map(move |run| run.find_iter(text));
    runs.map(|run| run.range())
}

/// The words of a text without blanks as byte ranges, in order: Unicode's words (UAX #29), found by
/// dictionaries where letters follow letters.
///
/// A dictionary does not know every name. Words also end at `cuts`: bytes in order, where sentences
/// and links begin and end.
pub(crate) fn segmented(text: &str, cuts: &[usize]) -> Vec<Range<usize>> {
    // Dictionaries and no neural network: the same words on every machine.
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    let mut words = Vec::new();
    let mut cuts = cuts.iter().copied().peekable();
    for run in RUN.iter().flat_map(|run| run.find_iter(text)) {
        let mut start = run.start();
        for end in segmenter.segment_str(run.as_str()).skip(1) {
            let end = run.start() + end;
            while let Some(cut) = cuts.next_if(|&cut| cut < end) {
                if start < cut {
                    words.push(start..cut);
                    start = cut;
                }
            }
            words.push(start..end);
            start = end;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, cuts: &[usize]) -> String {
        let words = segmented(text, cuts).into_iter();
        words.map(|word| &text[word]).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn dictionaries_find_the_words_of_six_languages() {
        let sentences = [
            (
                "北京市是中华人民共和国的首都。",
                "北京市|是|中华|人民|共和国|的|首都|。",
            ),
            (
                "東京都は日本の首都です。",
                "東京|都|は|日本|の|首都|です|。",
            ),
            (
                "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย",
                "กรุงเทพมหานคร|เป็น|เมือง|หลวง|ของ|ประเทศไทย",
            ),
            ("ភ្នំពេញជារាជធានីនៃប្រទេសកម្ពុជា។", "ភ្នំពេញ|ជា|រាជធានី|នៃ|ប្រទេស|កម្ពុជា|។"),
            (
                "ວຽງຈັນເປັນເມືອງຫຼວງຂອງປະເທດລາວ.",
                "ວຽງຈັນ|ເປັນ|ເມືອງຫຼວງ|ຂອງ|ປະເທດ|ລາວ|.",
            ),
            (
                "နေပြည်တော်သည် မြန်မာနိုင်ငံ၏ မြို့တော်ဖြစ်သည်။",
                "နေပြည်တော်|သည်|မြန်မာနိုင်ငံ|၏|မြို့တော်|ဖြစ်သည်|။",
            ),
        ];
        for (text, words) in sentences {
            assert_eq!(cut(text, &[]), words);
        }
    }

    #[test]
    fn other_letters_numbers_and_signs_are_words_of_their_own() {
        assert_eq!(
            cut("使用Linux 2.6系统，「O'Neil」（1881年）", &[]),
            "使用|Linux|2|.|6|系统|，|「|O|'|Neil|」|（|1881|年|）"
        );
        assert_eq!(cut("ジョン・スミス", &[]), "ジョン|・|スミス");
    }

    #[test]
    fn words_end_where_links_end() {
        let text = "北京市是城市";
        assert_eq!(cut(text, &[]), "北京市|是|城市");
        assert_eq!(cut(text, &[0, 6, 6, 9, 15]), "北京|市|是|城|市");
    }

    #[test]
    fn marks_belong_to_the_letters_before_them() {
        let text = "नई दिल्ली, भारत।";
        let found: Vec<_> = marked(text).map(|word| &text[word]).collect();
        assert_eq!(found, ["नई", "दिल्ली", ",", "भारत", "।"]);
        assert!(has_marks("hi") && has_marks("ta-Latn") && !has_marks("en"));
    }

    #[test]
    fn languages_are_known_by_the_tags_of_dumps() {
        let without = ["zh", "zh-Hant", "ja", "th", "km", "lo", "my", "yue"];
        assert!(without.into_iter().all(is_without_spaces));
        let with = ["en", "ko", "vi", "zh-min-nan", "nan", ""];
        assert!(!with.into_iter().any(is_without_spaces));
    }
}
