//! The redirects of a wiki.

/// Redirects as a dump states them.
///
/// Memory: the bytes of both titles and 16 bytes a redirect, about 70 bytes. The 11 million of English Wikipedia take 0.8 GB.
#[derive(Debug, Default)]
pub struct RedirectsBuilder {
    texts: String,
    entries: Vec<Entry>,
    to_itself: u64,
    too_long: u64,
}

/// A title and its target one after the other in the texts.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u64,
    title: u16,
    target: u16,
}

/// Redirects by title, each with the title that it names. Which title of a chain or circle is meant
/// depends on which of them have items, and a dump does not say that.
#[derive(Debug, Default)]
pub struct Redirects {
    texts: String,
    /// By title.
    entries: Vec<Entry>,
    /// Titles that redirect to themselves, which says nothing.
    pub to_itself: u64,
    /// Titles that redirect a second time; the first one counts.
    pub repeated: u64,
    /// Titles of more than 65,535 bytes, which no wiki has.
    pub too_long: u64,
}

impl RedirectsBuilder {
    /// Adds one; both are titles as [`Site::target`](super::Site::target) gives them.
    pub fn add(&mut self, title: &str, target: &str) {
        if title == target {
            self.to_itself += 1;
            return;
        }
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

    /// Sorts them by title.
    pub fn finish(self) -> Redirects {
        let Self {
            texts,
            mut entries,
            to_itself,
            too_long,
        } = self;
        let title = |entry: &Entry| entry.title(&texts);
        // Stable: of several redirects of a title the first one in the dump comes first.
        entries.sort_by(|a, b| title(a).cmp(title(b)));
        let all = entries.len();
        entries.dedup_by(|later, first| title(later) == title(first));
        let repeated = (all - entries.len()) as u64;
        Redirects {
            texts,
            entries,
            to_itself,
            repeated,
            too_long,
        }
    }
}

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
    fn redirects_are_kept_as_they_stand_in_order() {
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
        let expected = [
            ("A", "B"),
            ("B", "C"),
            ("C", "Page"),
            ("X", "Y"),
            ("Y", "X"),
            ("Z", "X"),
        ];
        assert_eq!(all, expected);
        let lost = [redirects.to_itself, redirects.repeated, redirects.too_long];
        assert_eq!(lost, [1; 3]);
    }
}
