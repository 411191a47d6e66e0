//! The languages of the inputs, from their first lines.

use std::io::BufRead;

use kprep_ingest::{Input, PageBlocks, dbpedia_language};

use super::read::is_lines;

/// The languages as the inputs state them, for the card: a dump says it at its start, and abstracts
/// by the host of their URIs (`http://de.dbpedia.org/resource/…`). An input that cannot be read
/// says nothing here; the passes over the pages tell what is wrong with it.
pub(crate) fn of(inputs: &[Input]) -> Vec<String> {
    let mut tags = Vec::new();
    for input in inputs {
        let _ = input.look(|_, content| -> Result<(), kprep_ingest::Error> {
            tags.extend(language(content));
            Ok(())
        });
    }
    kprep_schemas::languages(tags.iter().map(String::as_str))
}

fn language(content: &mut dyn BufRead) -> Option<String> {
    let start = content.fill_buf().ok()?;
    if is_lines(start) {
        let mut lines = start.split(|&byte| byte == b'\n');
        let line = lines.find(|line| !line.starts_with(b"#"))?;
        return Some(dbpedia_language(&String::from_utf8_lossy(line)).to_owned());
    }
    Some(PageBlocks::new(content).next()?.ok()?.site.language.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_and_abstracts_say_their_language() {
        let of = |mut text: &[u8]| language(&mut text);
        let dump = b"<mediawiki xml:lang=\"de\">\n<page><title>A</title></page>\n</mediawiki>";
        assert_eq!(of(dump).as_deref(), Some("de"));
        assert_eq!(
            of(b"http://fr.dbpedia.org/resource/A\tb\n").as_deref(),
            Some("fr")
        );
        assert_eq!(
            of(b"\"http://dbpedia.org/resource/A\"\tb\n").as_deref(),
            Some("en")
        );
        assert_eq!(of(b"nothing"), None);
    }
}
