//! The redirects of a wiki.

/// Redirects as a dump states them, to be looked up later.
///
/// Memory: the bytes of both titles and 16 bytes a redirect, about 70 bytes; twice that while it is
/// built. The 11 million of English Wikipedia take 0.8 GB.
#[derive(Debug, Default)]
pub struct RedirectsBuilder {
    texts: String,
    entries: Vec<Entry>,
    too_long: u64,
}

/// A title and its target one after the other in the texts.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u64,
    title: u16,
    target: u16,
}

/// Redirects by title, chains followed to their ends.
#[derive(Debug, Default)]
pub struct Redirects {
    texts: String,
    /// By title.
    entries: Vec<Entry>,
    /// Redirects in a circle, or into one: they lead nowhere.
    pub circles: u64,
    /// Titles that redirect a second time; the first one counts.
    pub repeated: u64,
    /// Titles of more than 65,535 bytes, which no wiki has.
    pub too_long: u64,
}

impl RedirectsBuilder {
    /// Adds one; both are titles as [`Site::target`](super::Site::target) gives them.
    pub fn add(&mut self, title: &str, target: &str) {
        let [Ok(title_bytes), Ok(target_bytes)] =
            [title, target].map(|text| u16::try_from(text.len()))
        else {
            self.too_long += 1;
            return;
        };
        self.entries.push(Entry {
            start: self.texts.len() as u64,
            title: title_bytes,
            target: target_bytes,
        });
        self.texts.push_str(title);
        self.texts.push_str(target);
    }

    /// Follows every chain.
    pub fn finish(self) -> Redirects {
        let Self {
            texts,
            mut entries,
            too_long,
        } = self;
        let title = |entry: &Entry| entry.title(&texts);
        // Stable: of several redirects of a title the first one in the dump comes first.
        entries.sort_by(|a, b| title(a).cmp(title(b)));
        let all = entries.len();
        entries.dedup_by(|later, first| title(later) == title(first));
        let repeated = (all - entries.len()) as u64;
        let find = |name: &str| {
            entries
                .binary_search_by(|entry| entry.title(&texts).cmp(name))
                .ok()
        };
        // Where each chain ends, as the entry whose target that is.
        let mut ends: Vec<Option<usize>> = Vec::with_capacity(entries.len());
        for start in 0..entries.len() {
            let (mut at, mut steps) = (start, 0);
            let end = loop {
                match find(entries[at].target(&texts)) {
                    None => break Some(at),
                    // No chain is longer than this; MediaWiki itself follows one step only.
                    Some(_) if steps == MAX_CHAIN => break None,
                    Some(next) if next == start => break None,
                    Some(next) => at = next,
                }
                steps += 1;
            };
            ends.push(end);
        }
        let mut redirects = Redirects {
            repeated,
            too_long,
            circles: ends.iter().filter(|end| end.is_none()).count() as u64,
            ..Redirects::default()
        };
        for (entry, end) in entries.iter().zip(ends) {
            let Some(end) = end else { continue };
            let (title, target) = (entry.title(&texts), entries[end].target(&texts));
            redirects.entries.push(Entry {
                start: redirects.texts.len() as u64,
                title: entry.title,
                target: entries[end].target,
            });
            redirects.texts.push_str(title);
            redirects.texts.push_str(target);
        }
        redirects
    }
}

/// Redirects one after the other, beyond which a chain counts as a circle.
const MAX_CHAIN: usize = 64;

impl Entry {
    fn title<'a>(&self, texts: &'a str) -> &'a str {
        let start = self.start as usize;
        &texts[start..start + usize::from(self.title)]
    }

    fn target<'a>(&self, texts: &'a str) -> &'a str {
        let start = self.start as usize + usize::from(self.title);
        &texts[start..start + usize::from(self.target)]
    }
}

impl Redirects {
    /// The title behind a title, if that redirects.
    pub fn get(&self, title: &str) -> Option<&str> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.title(&self.texts).cmp(title));
        found.ok().map(|at| self.entries[at].target(&self.texts))
    }

    /// All of them as title and target, by title.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let texts = &self.texts;
        self.entries
            .iter()
            .map(|entry| (entry.title(texts), entry.target(texts)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_followed_and_circles_counted() {
        let mut builder = RedirectsBuilder::default();
        for (title, target) in [
            ("C", "Page"),
            ("A", "B"),
            ("B", "C"),
            ("X", "Y"),
            ("Y", "X"),
            ("Z", "X"),
            ("A", "Else"),
            ("Self", "Self"),
        ] {
            builder.add(title, target);
        }
        builder.add(&"x".repeat(1 << 16), "Page");
        let redirects = builder.finish();
        let all: Vec<_> = redirects.iter().collect();
        assert_eq!(all, [("A", "Page"), ("B", "Page"), ("C", "Page")]);
        assert_eq!((redirects.circles, redirects.repeated), (4, 1));
        assert_eq!(redirects.too_long, 1);
        assert_eq!(redirects.get("B"), Some("Page"));
        assert_eq!(redirects.get("Page"), None);
    }
}
