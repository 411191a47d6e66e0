//! Languages as the Hugging Face hub and Croissant name them.

/// Names of Wikimedia's own that do not start with the code of their language.
const WIKIMEDIA: [(&str, &str); 8] = [
    ("als", "gsw"),
    ("bat-smg", "sgs"),
    ("fiu-vro", "vro"),
    ("roa-rup", "rup"),
    ("simple", "en"),
    ("zh-classical", "lzh"),
    ("zh-min-nan", "nan"),
    ("zh-yue", "yue"),
];

/// Codes that stand for no one language: several, not coded, not determined, none.
const NO_LANGUAGE: [&str; 4] = ["mul", "mis", "und", "zxx"];

/// The languages of these tags as ISO 639 codes, each once, in their order: what the hub takes in a
/// card's `language`. Regions and scripts go (`en-gb` is `en`), and so do tags that are no language
/// (`mul`, Wikidata's label for all languages).
pub fn languages<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for code in tags.into_iter().filter_map(code) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn code(tag: &str) -> Option<String> {
    let tag = tag.trim().to_lowercase().replace('_', "-");
    let own = WIKIMEDIA.iter().find(|(name, _)| *name == tag);
    let code = own.map_or_else(
        || tag.split('-').next().unwrap_or_default(),
        |(_, code)| code,
    );
    let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_code && !NO_LANGUAGE.contains(&code)).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_codes_that_the_hub_takes() {
        let chain = [
            "en", "en-gb", "mul", "zh-Hans", "simple", "bat-smg", "no", "x", "",
        ];
        assert_eq!(languages(chain), ["en", "zh", "sgs", "no"]);
        assert_eq!(languages(["mul"]), [""; 0]);
    }
}
