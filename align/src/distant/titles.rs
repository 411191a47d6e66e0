//! From titles of pages to the items they are about.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Items by title, for the titles that are asked for.
///
/// A title means the item that has it as its own, also if it redirects: many items (a song, a
/// character) have a redirect for a page. Where it has none, it means what the title means that it
/// redirects to, and so on. So of a chain the first title with an item of its own decides, and in a
/// circle, too; a circle without any leads nowhere.
///
/// Filled in steps: [`Titles::want`] what the pages at hand mention, [`Titles::redirect`] for every
/// redirect, then [`Titles::follow`]; [`Titles::assign`] for every item, then [`Titles::resolve`].
///
/// Memory: titles are kept as hashes of 8 bytes, so 14 to 28 bytes a wanted title and 16 a
/// redirect: at most some 500 MB for the whole English Wikipedia. The chance that any two of 30
/// million titles share a hash is one in 40,000.
#[derive(Debug, Clone, Default)]
pub struct Titles {
    items: FxHashMap<u64, u32>,
    /// By title, once they were followed.
    redirects: Vec<(u64, u64)>,
}

/// No item yet. There is no Q0.
const NONE: u32 = 0;

/// Redirects one after the other, beyond which a chain counts as a circle.
const MAX_CHAIN: usize = 64;

impl Titles {
    /// Asks for a title.
    pub fn want(&mut self, title: &str) {
        self.items.entry(hash(title)).or_insert(NONE);
    }

    /// Notes where a title leads. Of several redirects of a title the first one counts.
    pub fn redirect(&mut self, title: &str, target: &str) {
        self.redirects.push((hash(title), hash(target)));
    }

    /// Asks for every title that the wanted ones lead to.
    pub fn follow(&mut self) {
        self.redirects.sort_by_key(|redirect| redirect.0); // stable
        self.redirects.dedup_by_key(|redirect| redirect.0);
        let mut titles: Vec<u64> = self.items.keys().copied().collect();
        while let Some(title) = titles.pop() {
            let new = self
                .step(title)
                .filter(|target| !self.items.contains_key(target));
            if let Some(target) = new {
                self.items.insert(target, NONE);
                titles.push(target);
            }
        }
        let wanted = &self.items;
        self.redirects
            .retain(|(title, _)| wanted.contains_key(title));
        self.redirects.shrink_to_fit();
    }

    /// Where a title redirects.
    fn step(&self, title: u64) -> Option<u64> {
        let found = self
            .redirects
            .binary_search_by_key(&title, |redirect| redirect.0);
        found.ok().map(|at| self.redirects[at].1)
    }

    /// Notes the item that a title is about. Tells whether the title is asked for.
    pub fn assign(&mut self, title: &str, item: u32) -> bool {
        let wanted = self.items.get_mut(&hash(title));
        let is_wanted = wanted.is_some();
        if let Some(known) = wanted {
            *known = item;
        }
        is_wanted
    }

    /// Gives titles without an item of their own the item that they lead to.
    pub fn resolve(&mut self) {
        for at in 0..self.redirects.len() {
            let title = self.redirects[at].0;
            let way = std::iter::successors(Some(title), |&title| self.step(title));
            let items = way
                .take(MAX_CHAIN)
                .filter_map(|title| self.items.get(&title));
            let item = items.copied().find(|&item| item != NONE);
            // What was resolved before is what this one would have found behind it.
            self.items.insert(title, item.unwrap_or(NONE));
        }
        self.redirects = Vec::new();
    }

    /// The item that a title is about.
    pub fn get(&self, title: &str) -> Option<u32> {
        let item = self.items.get(&hash(title)).copied();
        item.filter(|&item| item != NONE)
    }
}

/// A hash of the title as `MediaWiki` understands it: blanks for underscores, the first letter in
/// upper case.
fn hash(title: &str) -> u64 {
    let mut rest = title.trim().chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    let title: String = first
        .chain(rest)
        .map(|c| if c == '_' { ' ' } else { c })
        .collect();
    xxh3_64(title.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lead_to_items_directly_and_by_redirect() {
        let mut titles = Titles::default();
        for title in ["Bern", "berne", "Zürich", "Nowhere"] {
            titles.want(title);
        }
        titles.redirect("Berne", "Bern");
        titles.redirect("Lost", "Nowhere");
        titles.redirect("Zürich", "Zurich");
        titles.follow();
        assert!(titles.assign("Bern", 70));
        assert!(titles.assign("Zurich", 72));
        assert!(!titles.assign("Basel", 78));
        titles.resolve();
        let get = |title| titles.get(title);
        assert_eq!([get("Bern"), get("Berne"), get("bern")], [Some(70); 3]);
        assert_eq!(get("Zürich"), Some(72));
        assert_eq!(
            (get("Nowhere"), get("Basel"), get("Lost")),
            (None, None, None)
        );
    }

    #[test]
    fn of_a_chain_or_circle_the_first_title_with_an_item_decides() {
        let mut titles = Titles::default();
        for title in ["A", "B", "C", "X", "Y", "Self", "Own"] {
            titles.want(title);
        }
        for (title, target) in [
            ("C", "D"), // later in the alphabet, earlier in the table
            ("A", "B"),
            ("B", "C"),
            ("B", "Else"),
            ("X", "Y"),
            ("Y", "Z"),
            ("Z", "X"),
            ("Self", "Self"),
            ("Own", "Own"),
        ] {
            titles.redirect(title, target);
        }
        titles.follow();
        for (title, item) in [("D", 4), ("B", 2), ("Z", 9), ("Own", 7)] {
            assert!(titles.assign(title, item));
        }
        titles.resolve();
        let get = |title| titles.get(title);
        assert_eq!([get("A"), get("B"), get("C")], [Some(2), Some(2), Some(4)]);
        assert_eq!([get("X"), get("Y"), get("Z")], [Some(9); 3]);
        assert_eq!([get("Self"), get("Own")], [None, Some(7)]);
    }
}
