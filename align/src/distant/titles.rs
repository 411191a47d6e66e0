//! From titles of pages to the items they are about.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Items by title, for the titles that are asked for.
///
/// Filled in three steps: [`Titles::want`] what the pages at hand mention, [`Titles::redirect`]
/// for every redirect, [`Titles::assign`] for every item; then [`Titles::resolve`].
///
/// Memory: titles are kept as hashes of 8 bytes, so 14 to 28 bytes a wanted title and 16 a wanted
/// redirect: at most some 500 MB for the whole English Wikipedia. The chance that any two of 30
/// million titles share a hash is one in 40,000.
#[derive(Debug, Clone, Default)]
pub struct Titles {
    items: FxHashMap<u64, u32>,
    redirects: Vec<(u64, u64)>,
}

/// No item yet. There is no Q0.
const NONE: u32 = 0;

impl Titles {
    /// Asks for a title.
    pub fn want(&mut self, title: &str) {
        self.items.entry(hash(title)).or_insert(NONE);
    }

    /// Notes where a title leads, if it is asked for.
    pub fn redirect(&mut self, title: &str, target: &str) {
        let (title, target) = (hash(title), hash(target));
        if self.items.contains_key(&title) {
            self.items.entry(target).or_insert(NONE);
            self.redirects.push((title, target));
        }
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

    /// Follows the redirects. A title that has an item of its own keeps it.
    pub fn resolve(&mut self) {
        for (title, target) in std::mem::take(&mut self.redirects) {
            let target = self.items.get(&target).copied().unwrap_or(NONE);
            if let Some(item) = self.items.get_mut(&title).filter(|item| **item == NONE) {
                *item = target;
            }
        }
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
}
