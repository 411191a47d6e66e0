//! The redirects of a wiki.

/// Redirects as a dump states them.
///
/// Memory: the bytes of both titles and 16 bytes a redirect, about 70 bytes; of those that are
/// lost, the title. The 11 million of English Wikipedia take 0.8 GB.
#[derive(Debug, Default)]
pub struct RedirectsBuilder {
    texts: String,
    entries: Vec<Entry>,
    lost: Vec<(RedirectLoss, String)>,
}

/// Why a redirect is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectLoss {
    /// It leads to another namespace or wiki, or nowhere.
    NoPage,
    /// It says nothing.
    ToItself,
    /// The first one of a title counts.
    Repeated,
    /// A title of more than 65,535 bytes, which no wiki has.
    TooLong,
}

impl RedirectLoss {
    /// All of them in the order of the funnel.
    pub const ALL: [Self; 4] = [Self::NoPage, Self::ToItself, Self::Repeated, Self::TooLong];

    /// The reason in words, for the funnel and the rejects.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoPage => "leads to no page",
            Self::ToItself => "leads to itself",
            Self::Repeated => "title of an earlier redirect",
            Self::TooLong => "title too long",
        }
    }
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
    /// The titles of those that are lost: in the order of the dump, those that repeat at the end.
    pub lost: Vec<(RedirectLoss, String)>,
}

impl RedirectsBuilder {
    /// Adds one; both are titles as [`Site::target`](super::Site::target) gives them.
    pub fn add(&mut self, title: &str, target: &str) {
        if title == target {
            return self.lose(RedirectLoss::ToItself, title);
        }
        let [Ok(title_bytes), Ok(target_bytes)] =
            [title, target].map(|text| u16::try_from(text.len()))
        else {
            return self.lose(RedirectLoss::TooLong, title);
        };
        self.entries.push(Entry {
            start: self.texts.len() as u64,
            title: title_bytes,
            target: target_bytes,
        });
        self.texts.push_str(title);
        self.texts.push_str(target);
    }

    /// Notes one that is lost.
    pub fn lose(&mut self, loss: RedirectLoss, title: &str) {
        self.lost.push((loss, title.to_owned()));
    }

    /// Sorts them by title.
    pub fn finish(self) -> Redirects {
        let Self {
            texts,
            mut entries,
            mut lost,
        } = self;
        let title = |entry: &Entry| entry.title(&texts);
        // Stable: of several redirects of a title the first one in the dump comes first.
        entries.sort_by(|a, b| title(a).cmp(title(b)));
        entries.dedup_by(|later, first| {
            let is_repeated = title(later) == title(first);
            if is_repeated {
                lost.push((RedirectLoss::Repeated, title(later).to_owned()));
            }
            is_repeated
        });
        Redirects {
            texts,
            entries,
            lost,
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
        let lost = [
            (RedirectLoss::ToItself, "Self".to_owned()),
            (RedirectLoss::TooLong, "x".repeat(1 << 16)),
            (RedirectLoss::Repeated, "A".to_owned()),
        ];
        assert_eq!(redirects.lost, lost);
    }
}
