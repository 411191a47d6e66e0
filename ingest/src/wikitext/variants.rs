//! Language variants: `-{zh-hans:计算机;zh-hant:電腦}-`, as MediaWiki's language converter reads them
//! (<https://www.mediawiki.org/wiki/Writing_systems/Syntax>).

use std::ops::Range;

/// The languages that have variants and the codes of these. Of several texts the one of the code
/// that comes first here is shown, the same in every page of a wiki.
const VARIANTS: [(&str, &[&str]); 14] = [
    ("ban", &["ban", "ban-bali"]),
    ("crh", &["crh-latn", "crh", "crh-cyrl"]),
    ("gan", &["gan-hans", "gan", "gan-hant"]),
    ("iu", &["iu", "ike-cans", "ike-latn"]),
    (
        "kk",
        &[
            "kk-cyrl", "kk-kz", "kk", "kk-latn", "kk-tr", "kk-arab", "kk-cn",
        ],
    ),
    ("ku", &["ku-latn", "ku", "ku-arab"]),
    ("sh", &["sh-latn", "sh", "sh-cyrl"]),
    ("shi", &["shi-tfng", "shi", "shi-latn"]),
    ("sr", &["sr-ec", "sr-cyrl", "sr", "sr-el", "sr-latn"]),
    ("tg", &["tg-cyrl", "tg", "tg-latn"]),
    ("tly", &["tly", "tly-cyrl"]),
    ("uz", &["uz-latn", "uz", "uz-cyrl"]),
    ("wuu", &["wuu-hans", "wuu", "wuu-hant"]),
    (
        "zh",
        &[
            "zh-hans", "zh-cn", "zh-sg", "zh-my", "zh", "zh-hant", "zh-tw", "zh-hk", "zh-mo",
        ],
    ),
];

/// The codes of a language's variants, none if it has no variants.
pub(super) fn codes(language: &str) -> &'static [&'static str] {
    let language = language.to_ascii_lowercase();
    let found = VARIANTS
        .iter()
        .find(|(known, codes)| *known == language || codes.contains(&&*language));
    found.map_or(&[], |(_, codes)| codes)
}

/// What stands between `-{` and `}-`, and where its own bars and semicolons are, those within links
/// and templates left out.
#[derive(Debug, Default)]
pub(super) struct Variant {
    /// The first bar: flags stand before it.
    pub(super) bar: Option<usize>,
    pub(super) semicolons: Vec<usize>,
}

impl Variant {
    /// The part of `source[inside]` that readers see, if there is one: titles, hidden rules and
    /// what is taken back (the flags T, H and -), descriptions (D) and names of variants (N) are no
    /// text.
    pub(super) fn shown(
        &self,
        source: &str,
        inside: Range<usize>,
        codes: &[&str],
    ) -> Option<Range<usize>> {
        let rules = self.bar.map_or(inside.start, |bar| bar + 1)..inside.end;
        let flags = self.bar.map_or("", |bar| &source[inside.start..bar]);
        let has = |flag: &str| flags.split(';').any(|known| known.trim() == flag);
        if has("R") {
            return Some(rules);
        }
        let is_hidden = ["N", "-", "H", "D"].iter().any(|flag| has(flag));
        if is_hidden || has("T") && !has("A") {
            return None;
        }
        // Where one part names no variant, nothing is a rule and all of it is text.
        let texts: Option<Vec<_>> = self.parts(source, &rules, codes).collect();
        let best = texts.and_then(|texts| texts.into_iter().min_by_key(|text| text.0));
        Some(best.map_or(rules, |(_, text)| text))
    }

    /// Each rule's variant, by its number, and text.
    fn parts(
        &self,
        source: &str,
        rules: &Range<usize>,
        codes: &[&str],
    ) -> impl Iterator<Item = Option<(usize, Range<usize>)>> {
        let ends = self
            .semicolons
            .iter()
            .copied()
            .filter(|&at| rules.start <= at);
        let ends = ends.filter(|at| {
            let rest = &source[at + 1..rules.end];
            rest.trim().is_empty() || rule(rest, codes).is_some()
        });
        let mut start = rules.start;
        let parts = ends.chain([rules.end]).map(move |end| {
            let part = start..end;
            start = end + 1;
            part
        });
        let parts = parts.filter(|part| !source[part.clone()].trim().is_empty());
        parts.map(|part| {
            let (code, text) = rule(&source[part.clone()], codes)?;
            let start = part.start + text;
            let text = &source[start..part.end];
            let start = start + text.len() - text.trim_start().len();
            Some((code, start..start + text.trim().len()))
        })
    }
}

/// Bytes in which the code of a rule stands, with the word that it replaces (`大=>zh-cn:小`).
const MAX_CODE: usize = 200;

/// The number of the code that a rule begins with, and where its text starts.
fn rule(text: &str, codes: &[&str]) -> Option<(usize, usize)> {
    let colon = text.bytes().take(MAX_CODE).position(|byte| byte == b':')?;
    let code = text[..colon].rsplit("=>").next()?.trim();
    let number = codes
        .iter()
        .position(|known| known.eq_ignore_ascii_case(code))?;
    Some((number, colon + 1))
}

#[cfg(test)]
mod tests {
    use crate::{Sections, Site, plain_text};

    fn text(language: &str, wikitext: &str) -> String {
        let site = Site::from_head(format!("<mediawiki xml:lang=\"{language}\">").as_bytes());
        let page = plain_text(wikitext, &site, &Sections::default());
        for link in &page.links {
            assert!(page.text.get(link.start..link.end).is_some());
        }
        let links: Vec<_> = page
            .links
            .iter()
            .map(|l| format!("{}>{}", &page.text[l.start..l.end], l.target))
            .collect();
        [page.text.clone(), links.join(", ")]
            .join(" ")
            .trim()
            .to_owned()
    }

    #[test]
    fn of_several_variants_the_same_one_is_shown() {
        let cases = [
            (
                "-{zh-hans:信息;zh-hant:資訊}-技術。-{A}-也是。",
                "信息技術。A也是。",
            ),
            ("-{zh-hant:資訊; zh-hans: 信息;}-技術。", "信息技術。"),
            ("这是-{zh-tw:印表機;zh-cn:打印机}-。", "这是打印机。"),
            ("-{zh-tw:印表機;zh-mo:打印機}-。", "印表機。"),
            ("-{ZH-CN:A&nbsp;B;zh-tw:C}-", "A B"),
            ("-{A|zh-cn:甲;zh-tw:乙}-丙", "甲丙"),
            ("-{A|大=>zh-cn:小;}-", "小"),
            ("-{zh;zh-hans|文本}-", "文本"),
            ("-{R|zh-cn:甲}-", "zh-cn:甲"),
            ("-{比:2;3}-", "比:2;3"),
            ("-{}-甲-{ }-", "甲"),
        ];
        for (wikitext, shown) in cases {
            assert_eq!(text("zh", wikitext), shown, "{wikitext}");
        }
        assert_eq!(
            text("sr", "Он је -{Microsoft Windows}-."),
            "Он је Microsoft Windows."
        );
        assert_eq!(text("sr", "-{sr-el:Beograd;sr-ec:Београд}-"), "Београд");
    }

    #[test]
    fn titles_and_hidden_rules_are_not_shown() {
        let page = "-{T|zh-hans:标题;zh-hant:標題}-正文。-{H|zh-cn:甲;zh-tw:乙}-完-{-|zh-cn:甲}-。-{D|zh-cn:甲}-";
        assert_eq!(text("zh", page), "正文。完。");
    }

    #[test]
    fn links_and_templates_stand_in_variants_and_variants_in_them() {
        let cases = [
            ("看-{[[四|第四]]}-页。", "看第四页。 第四>四"),
            ("[[-{zh-hans:甲;zh-hant:乙}-|丙]]", "丙 丙>甲"),
            ("[[甲|-{zh-hans:丙;zh-hant:乙}-]]", "丙 丙>甲"),
            ("-{zh-hans:[[甲]];zh-hant:[[乙]]}-", "甲 甲>甲"),
            ("{{nowrap|-{zh-hans:甲;zh-hant:乙}-|丙}}", "甲"),
            ("-{{{nowrap|甲}}}-", "甲"),
            ("-{{nowrap|甲}}-", "-甲-"),
            ("-{zh-hans:{{lang|en|A}}{{b|zh-cn:c}};zh-hant:乙}-", "A"),
            ("-{zh-hans:甲-{zh-hans:丙;zh-hant:丁}-;zh-hant:乙}-", "甲丙"),
        ];
        for (wikitext, shown) in cases {
            assert_eq!(text("zh", wikitext), shown, "{wikitext}");
        }
    }

    #[test]
    fn what_is_no_variant_stays() {
        assert_eq!(text("en", "a -{b}- c"), "a -{b}- c");
        assert_eq!(text("zh-min-nan", "a -{b}- c"), "a -{b}- c");
        assert_eq!(
            text("zh", "<nowiki>-{甲}-</nowiki> 乙-{丙 {{a}}"),
            "-{甲}- 乙-{丙"
        );
        assert_eq!(text("zh", "{|\n| -{ 甲\n|}\n乙"), "乙");
    }

    /// Linear, like the rest: see the test of openings in `wikitext`.
    #[test]
    fn pages_of_nothing_but_openings_are_read() {
        for opening in [
            "-{",
            "-{{{",
            "[[-{",
            "-{zh-cn:",
            "-{zh-cn:a;",
            "-{|",
            "{{nowrap|-{",
        ] {
            let open = opening.repeat(100_000);
            text("zh", &open);
            text("zh", &format!("{open}{}", "}-".repeat(100_000)));
        }
    }
}
