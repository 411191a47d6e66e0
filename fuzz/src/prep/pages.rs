//! Wikipedia: the XML dump, wikitext, and DBpedia's abstracts.

use std::str;

use kprep_ingest::{
    DumpPage, LineBlocks, MAX_PAGE_BYTES, PageBlocks, PlainText, RedirectsBuilder, Sections, Site,
    Target as LinkTarget, article, clean_title, decompress, parse_abstract, parse_page, plain_text,
};
use kprep_schemas::{Record, Rules};

use crate::target::{Target, beginning, ending, file};

pub(super) const TARGETS: [Target; 3] = [
    Target {
        name: "wikipedia",
        read: wikipedia,
        seeds: || vec![file("tests/data/wikipedia/dump.xml"), sample_dump()],
    },
    Target {
        name: "wikitext",
        read: wikitext,
        seeds: wikitexts,
    },
    Target {
        name: "abstracts",
        read: abstracts,
        seeds: || vec![file("tests/data/wikipedia/abstracts.tsv")],
    },
];

fn sample_dump() -> Vec<u8> {
    let packed = file("data/sample/dumps/wikipedia.xml.bz2");
    let mut text = Vec::new();
    let mut unpacked = decompress(packed.as_slice()).expect("bzip2");
    std::io::Read::read_to_end(&mut unpacked, &mut text).expect("bzip2");
    beginning(text, 16384, b"</page>")
}

fn wikitexts() -> Vec<Vec<u8>> {
    let text = |xml: &[u8]| {
        parse_page(xml, false)
            .ok()
            .map(|page| page.text.into_bytes())
    };
    let dump = file("tests/data/wikipedia/dump.xml");
    let blocks = PageBlocks::new(dump.as_slice()).flatten();
    blocks
        .flat_map(|block| {
            block
                .pages()
                .filter_map(|(_, xml)| text(xml))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Both passes of `kprep wikipedia`: redirects, then rows.
fn wikipedia(input: &[u8]) {
    let mut redirects = RedirectsBuilder::default();
    for block in ending(PageBlocks::new(input)).flatten() {
        for (_, xml) in block.pages() {
            let Ok(page) = parse_page(xml, true) else {
                continue;
            };
            let target = page
                .redirect
                .as_deref()
                .map(|target| block.site.target(target));
            if let Some(LinkTarget::Page(target, _)) = target {
                redirects.add(&clean_title(&page.title), &target);
            }
        }
    }
    let redirects = redirects.finish();
    for block in ending(PageBlocks::new(input)).flatten() {
        for (_, xml) in block.pages() {
            if let Ok(page) = parse_page(xml, false) {
                check(page, &block.site, |title| {
                    redirects.get(title).map(str::to_owned)
                });
            }
        }
    }
}

fn wikitext(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let page = DumpPage {
        id: "1".into(),
        revision: None,
        title: "T".into(),
        namespace: Some(0),
        redirect: None,
        model: "wikitext".into(),
        text: text.into_owned(),
    };
    check(page, &Site::default(), |_| None);
}

/// The page's row keeps the rules of rows.
fn check(page: DumpPage, site: &Site, behind: impl Fn(&str) -> Option<String>) {
    for only_first in [false, true] {
        let sections = Sections {
            only_first,
            without: vec!["References".into()],
        };
        let text = plain_text(&page.text, site, &sections);
        let title = clean_title(&page.title);
        let head = (page.id.clone(), page.revision, title);
        let row = article(head, text, &site.language, |link| {
            match site.target(&link.target) {
                LinkTarget::Page(title, _) => Some(behind(&title).unwrap_or(title)),
                LinkTarget::SamePage | LinkTarget::Elsewhere | LinkTarget::Invalid => None,
            }
        });
        if !row.text.is_empty() {
            assert_eq!(row.check(&Rules::default()), Ok(()));
        }
    }
}

fn abstracts(input: &[u8]) {
    for block in ending(LineBlocks::of_text(input, MAX_PAGE_BYTES)).flatten() {
        for (_, line) in block.lines() {
            let text = str::from_utf8(line).map_err(|error| error.to_string());
            let Ok(page) = text.and_then(parse_abstract) else {
                continue;
            };
            let text = PlainText {
                text: page.text.split_whitespace().collect::<Vec<_>>().join(" "),
                links: Vec::new(),
            };
            let row = article((page.uri, None, page.title), text, "en", |_| None);
            assert_eq!(row.check(&Rules::default()), Ok(()));
        }
    }
}
