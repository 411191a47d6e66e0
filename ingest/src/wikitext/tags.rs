//! HTML's and MediaWiki's tags, as far as they matter for text.

/// Bytes that a tag has at most, its attributes included.
const MAX_TAG: usize = 1_000;

/// A tag found in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    /// Its bytes.
    pub(super) bytes: usize,
    pub(super) is_end: bool,
    /// `<br/>`: start and end in one.
    pub(super) is_empty: bool,
}

/// The tag at the start of `text`, which starts with `<`.
pub(super) fn tag(text: &str) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    let is_end = bytes.get(1) == Some(&b'/');
    let start = 1 + usize::from(is_end);
    let name = bytes[start..]
        .iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    if !bytes.get(start)?.is_ascii_alphabetic() {
        return None;
    }
    let after = start + name;
    let rest = &bytes[after..bytes.len().min(after + MAX_TAG)];
    if !matches!(rest.first()?, b' ' | b'\t' | b'\n' | b'/' | b'>') {
        return None;
    }
    let end = after + rest.iter().position(|&byte| byte == b'>')?;
    Some(Tag {
        name: &text[start..after],
        bytes: end + 1,
        is_end,
        is_empty: bytes[end - 1] == b'/',
    })
}

/// What is between these tags is no prose.
const WITHOUT_TEXT: [&str; 27] = [
    "ce",
    "chem",
    "categorytree",
    "gallery",
    "graph",
    "hiero",
    "imagemap",
    "includeonly",
    "indicator",
    "inputbox",
    "mapframe",
    "maplink",
    "math",
    "pages",
    "pre",
    "ref",
    "references",
    "score",
    "script",
    "section",
    "source",
    "style",
    "syntaxhighlight",
    "templatedata",
    "templatestyles",
    "timeline",
    "phonos",
];

/// These tags break a line.
const BLOCKS: [&str; 22] = [
    "blockquote",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "poem",
    "table",
    "td",
    "tr",
    "ul",
];

/// These do not.
const INLINE: [&str; 41] = [
    "abbr",
    "b",
    "bdi",
    "bdo",
    "big",
    "caption",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "mark",
    "noinclude",
    "nowiki",
    "onlyinclude",
    "q",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "tbody",
    "th",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
];

/// What a tag does to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It breaks the line.
    Break,
    /// It goes, and leaves nothing.
    Nothing,
}

/// None if there is no such tag: then it is text.
pub(super) fn effect(name: &str) -> Option<Effect> {
    let is_in = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    if is_in(&BLOCKS) {
        Some(Effect::Break)
    } else {
        (is_in(&INLINE) || is_in(&WITHOUT_TEXT)).then_some(Effect::Nothing)
    }
}

/// The tag's number among those between which there is no prose.
pub(super) fn without_text(name: &str) -> Option<usize> {
    let mut known = WITHOUT_TEXT.iter();
    known.position(|known| name.eq_ignore_ascii_case(known))
}

/// How many of those there are.
pub(super) const WITHOUT_TEXT_COUNT: usize = WITHOUT_TEXT.len();

/// Where `</name` starts in `text`, in capitals or not.
pub(super) fn find_end(text: &str, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut ends = memchr::memmem::find_iter(bytes, "</");
    ends.find(|at| {
        let written = bytes.get(at + 2..at + 2 + name.len());
        written.is_some_and(|written| written.eq_ignore_ascii_case(name.as_bytes()))
            && !bytes
                .get(at + 2 + name.len())
                .is_some_and(u8::is_ascii_alphanumeric)
    })
}
