//! What a file seems to be, by its first bytes: for messages, and to refuse what a command cannot
//! read.

use std::fmt;

use memchr::memmem;

/// Bytes that are looked at.
const LOOKED_AT: usize = 4096;

/// What a file seems to be. Only what is sure is told: of anything else a reader says what it
/// finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A page for browsers, often of an error, a redirect or a login.
    WebPage,
    /// An error message of a web server or an API, in JSON or XML.
    ErrorAnswer,
    /// What Git keeps in the place of a large file.
    LfsPointer,
    /// Compressed data, where it was decompressed already or is of a kind that is not read.
    Compressed,
    /// An archive that is not read.
    Archive,
    /// A PDF.
    Pdf,
    /// An SQL dump.
    Sql,
    /// A Parquet file.
    Parquet,
    /// Text in UTF-16.
    Utf16,
    /// Turtle that is no N-Triples.
    Turtle,
    /// A dump of Wikipedia's search index.
    CirrusSearch,
    /// A dump of `MediaWiki`'s pages.
    MediaWiki,
    /// `DBpedia`'s abstracts.
    Dbpedia,
    /// A JSON dump of Wikidata.
    Wikidata,
    /// An answer of Wikidata's API.
    WikidataAnswer,
    /// Wikidata as N-Triples.
    NTriples,
    /// T-REx's documents.
    Trex,
    /// Lines of words with heads.
    Conll,
    /// `CoreNLP`'s JSON.
    CoreNlp,
    /// TACRED's examples.
    Tacred,
    /// LAMA's facts.
    Lama,
    /// A table with commas.
    Table,
}

impl Content {
    /// What content that starts so seems to be.
    pub fn of(start: &[u8]) -> Option<Self> {
        let start = &start[..start.len().min(LOOKED_AT)];
        if let Some(binary) = of_bytes(start) {
            return Some(binary);
        }
        let text = start
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(start)
            .trim_ascii_start();
        match text.first()? {
            b'<' => of_markup(text),
            b'{' | b'[' => of_json(text),
            _ => of_lines(text),
        }
    }

    /// Whether `command` reads such files, or it is not sure enough that it does not.
    pub fn is_read_by(self, command: &str) -> bool {
        match self {
            // Columns between commas are a guess: for messages alone.
            Self::Table => true,
            Self::MediaWiki | Self::Dbpedia | Self::Utf16 => command == "wikipedia",
            Self::Wikidata | Self::NTriples => command == "wikidata",
            Self::Trex => command == "trex",
            Self::Conll | Self::CoreNlp => command == "deps",
            Self::Tacred => ["task tacred", "import", "exclude"].contains(&command),
            Self::Lama => ["task lama", "exclude"].contains(&command),
            _ => false,
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WebPage => "a web page (HTML): download the file itself, with its redirects",
            Self::ErrorAnswer => "an error message of a server: download the file again",
            Self::LfsPointer => "a pointer of Git LFS: get the file itself with `git lfs pull`",
            Self::Compressed => {
                "compressed data: files that are compressed twice, or otherwise than by gzip, bzip2, \
                 Zstandard or xz, have to be decompressed first"
            }
            Self::Archive => "an archive: unpack it first",
            Self::Pdf => "a PDF",
            Self::Sql => "an SQL dump: the text of pages is in pages-articles.xml",
            Self::Parquet => "a Parquet file: name the folder of the dataset that it is of",
            Self::Utf16 => "text in UTF-16: write it as UTF-8",
            Self::Turtle => "Turtle: of RDF, N-Triples are read (.nt)",
            Self::CirrusSearch => {
                "a dump of a search index (CirrusSearch): `kprep wikipedia` reads pages-articles.xml"
            }
            Self::MediaWiki => "a dump of a wiki's pages (XML): `kprep wikipedia` reads it",
            Self::Dbpedia => "DBpedia's abstracts: `kprep wikipedia` reads them",
            Self::Wikidata => "a JSON dump of Wikidata: `kprep wikidata` reads it",
            Self::WikidataAnswer => {
                "an answer of Wikidata's API: a dump has one entity a line, as the objects inside \
                 \"entities\" are"
            }
            Self::NTriples => "N-Triples: `kprep wikidata` reads Wikidata's",
            Self::Trex => "T-REx's JSON: `kprep trex` reads it",
            Self::Conll => "CoNLL, a word a line: `kprep deps` reads it",
            Self::CoreNlp => "CoreNLP's JSON: `kprep deps` reads it",
            Self::Tacred => "TACRED's JSON: `kprep task tacred` and `kprep import` read it",
            Self::Lama => "LAMA's facts: `kprep task lama` reads them",
            Self::Table => "a table (CSV)",
        })
    }
}

/// By the marks that formats put at their start.
fn of_bytes(start: &[u8]) -> Option<Content> {
    let is = |mark: &[u8]| start.starts_with(mark);
    let compressed: [&[u8]; 6] = [
        b"\x1f\x8b\x08",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"\x04\x22\x4d\x18",
        b"\x1f\x9d",
        b"\x89LZO",
    ];
    let archives: [&[u8]; 3] = [b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"];
    // The block size of bzip2 is a digit of its mark.
    let is_bzip2 = is(b"BZh") && start.get(4..10) == Some(b"1AY&SY");
    Some(if is_bzip2 || compressed.iter().any(|mark| is(mark)) {
        Content::Compressed
    } else if archives.iter().any(|mark| is(mark)) || start.get(257..262) == Some(b"ustar") {
        Content::Archive
    } else if is(b"%PDF-") {
        Content::Pdf
    } else if is(b"PAR1") {
        Content::Parquet
    } else if is(b"\xff\xfe") || is(b"\xfe\xff") {
        Content::Utf16
    } else {
        return None;
    })
}

/// HTML, XML, or triples.
fn of_markup(text: &[u8]) -> Option<Content> {
    let lower = text.to_ascii_lowercase();
    let is = |mark: &str| lower.starts_with(mark.as_bytes());
    let has = |mark: &str| memmem::find(&lower, mark.as_bytes()).is_some();
    // Of a triple only the subject counts.
    let subject = &lower[..memchr::memchr(b'>', &lower).unwrap_or(lower.len())];
    if is("<!doctype html") || is("<html") || is("<head") || is("<?xml") && has("<html") {
        Some(Content::WebPage)
    } else if is("<mediawiki") || is("<?xml") && has("<mediawiki") {
        Some(Content::MediaWiki)
    } else if is("<error>") || is("<?xml") && has("?><error>") || is("<?xml") && has("\n<error>") {
        Some(Content::ErrorAnswer)
    } else if is("<http") && memmem::find(subject, b"dbpedia.org/resource/").is_some() {
        Some(Content::Dbpedia)
    } else {
        is("<http").then_some(Content::NTriples)
    }
}

/// By the keys of the first object.
fn of_json(text: &[u8]) -> Option<Content> {
    let has = |mark: &str| memmem::find(text, mark.as_bytes()).is_some();
    let is_array = text.first() == Some(&b'[');
    let object = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    let inside = object.strip_prefix(b"{")?.trim_ascii_start();
    let key = inside.strip_prefix(b"\"")?;
    let key = &key[..memchr::memchr(b'"', key)?];
    let value = inside[key.len() + 2..]
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start();
    Some(match key {
        b"entities" if !is_array && value.starts_with(b"{") => Content::WikidataAnswer,
        b"error" | b"errors" if !is_array => Content::ErrorAnswer,
        b"index" if !is_array && has("\"_type\"") => Content::CirrusSearch,
        b"sentences" | b"docId" if !is_array => Content::CoreNlp,
        _ if has("\"subj_start\"") => Content::Tacred,
        // TACRED has a `docid`, too, and no text.
        _ if has("\"docid\"") && has("\"text\"") => Content::Trex,
        _ if has("\"masked_sentence") || has("\"sub_uri\"") => Content::Lama,
        b"type"
            if ["\"item\"", "\"property\"", "\"lexeme\""]
                .iter()
                .any(|kind| value.starts_with(kind.as_bytes())) =>
        {
            Content::Wikidata
        }
        b"id" if has("\"claims\"") || has("\"labels\"") && has("\"language\"") => Content::Wikidata,
        _ => return None,
    })
}

fn of_lines(text: &[u8]) -> Option<Content> {
    let is = |mark: &str| text.starts_with(mark.as_bytes());
    let mut lines = text
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let first = lines.by_ref().find(|line| line[0] != b'#')?;
    if is("version https://git-lfs.github.com/spec/") {
        Some(Content::LfsPointer)
    } else if is("@prefix") || is("@base") {
        Some(Content::Turtle)
    } else if is("-- MySQL dump") || is("-- MariaDB dump") || is("-- phpMyAdmin") {
        Some(Content::Sql)
    } else if is("http://") && memmem::find(first, b"dbpedia.org/resource/").is_some() {
        Some(Content::Dbpedia)
    } else if text[0] == b'#' && first.starts_with(b"<http") {
        of_markup(first)
    } else if first.starts_with(b"1\t") && memchr::memchr_iter(b'\t', first).count() >= 5 {
        Some(Content::Conll)
    } else {
        let second = lines.next()?;
        let commas = |line: &[u8]| memchr::memchr_iter(b',', line).count();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b",_- \"".contains(byte);
        let is_table = commas(first) > 0
            && first.iter().all(plain)
            && commas(second) >= commas(first)
            && first.len() < 200;
        is_table.then_some(Content::Table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts of files.
    const KNOWN: [(&[u8], Content); 30] = [
        (b"\xef\xbb\xbf <HTML>\n", Content::WebPage),
        (b"<!DOCTYPE html PUBLIC", Content::WebPage),
        (
            b"<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html",
            Content::WebPage,
        ),
        (b"{\"error\":{\"code\":\"x\"}}", Content::ErrorAnswer),
        (
            b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied",
            Content::ErrorAnswer,
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            Content::LfsPointer,
        ),
        (b"\x1f\x8b\x08\x00", Content::Compressed),
        (b"BZh11AY&SY", Content::Compressed),
        (b"7z\xbc\xaf\x27\x1c", Content::Archive),
        (b"%PDF-1.7", Content::Pdf),
        (b"PAR1", Content::Parquet),
        (b"\xff\xfea\0", Content::Utf16),
        (
            b"@prefix dbo: <http://dbpedia.org/ontology/> .",
            Content::Turtle,
        ),
        (b"-- MySQL dump 10.19", Content::Sql),
        (
            b"{\"index\":{\"_type\":\"page\",\"_id\":\"1\"}}",
            Content::CirrusSearch,
        ),
        (b"<mediawiki xmlns=", Content::MediaWiki),
        (b"http://dbpedia.org/resource/A\tB", Content::Dbpedia),
        (
            b"# started\n<http://dbpedia.org/resource/A> <http://x> \"B\" .",
            Content::Dbpedia,
        ),
        (b"[\n{\"type\":\"item\",\"id\":\"Q1\"", Content::Wikidata),
        (
            b"{\"id\":\"Q1\",\"labels\":{},\"claims\":{}}",
            Content::Wikidata,
        ),
        (b"{\"entities\":{\"Q1\":{}}}", Content::WikidataAnswer),
        (b"<http://www.wikidata.org/entity/Q1> <", Content::NTriples),
        (
            b"[{\"docid\": \"http://www.wikidata.org/entity/Q1\", \"text\": \"",
            Content::Trex,
        ),
        (
            b"{\"title\": \"A\", \"docid\": \"Q1\", \"text\": \"A",
            Content::Trex,
        ),
        (
            b"# sent_id = 1\n\n1\tA\ta\tX\t_\t_\t0\troot\t_\t_\n",
            Content::Conll,
        ),
        (b"{ \"sentences\": [ {\"index\": 0", Content::CoreNlp),
        (
            b"[{\"id\": \"e\", \"docid\": \"d\", \"token\": [], \"subj_start\": 1",
            Content::Tacred,
        ),
        (b"{\"uuid\": \"u\", \"masked_sentences\": []", Content::Lama),
        (b"id,label\nQ1,First\n", Content::Table),
        (
            b"\"id\",\"label\"\n\"Q1\",\"First, second\"\n",
            Content::Table,
        ),
    ];

    #[test]
    fn files_are_known_by_their_first_bytes() {
        for (start, content) in KNOWN {
            let text = String::from_utf8_lossy(start);
            assert_eq!(Content::of(start), Some(content), "{text}");
        }
    }

    #[test]
    fn what_is_not_sure_is_not_told() {
        for start in [
            "",
            "Not found\n",
            "{}",
            "[]",
            "[{\"entities\": [], \"text\": \"\"}]",
            "{\"error\"",
            "Yes, he did, he said.\nNo, she did not.\n",
            "P31\nP36\n",
            "<root><document>",
            "1\tone\n2\ttwo\n",
        ] {
            assert_eq!(Content::of(start.as_bytes()), None, "{start}");
        }
    }
}
