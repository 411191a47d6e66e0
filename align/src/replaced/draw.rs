//! Which entities of a chunk are replaced, and by what.

use kprep_schemas::{LabelExample, Words, stable_hash, stable_id};

use super::{Chunk, Pools, Slot};
use crate::distant::{EntityNames, Error};

/// Draws for one mention, beyond which it stays.
const DRAWS: u64 = 16;

/// How much is replaced.
#[derive(Debug, Clone, Copy)]
pub struct ReplacedOptions {
    /// What every draw depends on.
    pub seed: u64,
    /// The share of the mentions that can be replaced that is.
    pub share: f64,
    /// Others of its kind that an item must have.
    pub min_pool: usize,
    /// Whether mentions that stay get a drawn name of their item, too.
    pub rename_kept: bool,
}

/// Whether an item is connected with one of others by some statement.
pub type Related<'a> = dyn FnMut(u32, &[u32]) -> Result<bool, Error> + 'a;

/// What is known of items.
pub struct Replacer<'a> {
    /// Their names.
    pub names: &'a EntityNames,
    /// Their kinds.
    pub pools: &'a Pools,
    /// How names are cut into words.
    pub words: &'a (dyn Fn(&str) -> Words + Sync),
    /// How much is replaced.
    pub options: ReplacedOptions,
}

/// A copy of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The row.
    pub row: LabelExample,
    /// Items drawn and refused, for a statement connects them with the page's item or one of the
    /// sentence.
    pub could_be_true: u64,
    /// Mentions that were to be replaced, for which no draw was right.
    pub not_drawn: u64,
}

/// What takes the place of a mention.
struct Filled {
    slot: Slot,
    /// The item that is there now.
    item: u32,
    name: Option<String>,
}

impl Replacer<'_> {
    /// A copy of a chunk of the page `id` about `item`; nothing if no mention can be replaced.
    ///
    /// No two mentions in a row are replaced. No name is one that the true item has, no item is
    /// mentioned in the chunk, and none is `related` with the page's item or one of the sentence.
    ///
    /// # Errors
    /// What `related` fails with.
    pub fn replace(
        &self,
        (id, item): (&str, u32),
        chunk: &Chunk<'_>,
        copy: u64,
        related: &mut Related<'_>,
    ) -> Result<Option<Replaced>, Error> {
        let slots: Vec<Slot> = chunk
            .slots
            .iter()
            .copied()
            .filter(|slot| self.is_open(slot))
            .collect();
        if slots.is_empty() {
            return Ok(None);
        }
        let draw = Draw {
            seed: self.options.seed,
            page: id,
            copy,
        };
        let chosen = self.choose(&slots, &draw, chunk.number);
        let mut present: Vec<u32> = chunk.slots.iter().map(|slot| slot.item).collect();
        present.push(item);
        let (mut could_be_true, mut not_drawn) = (0, 0);
        let mut filled = Vec::with_capacity(slots.len());
        for (slot, is_chosen) in slots.into_iter().zip(chosen) {
            let mut new = None;
            if is_chosen {
                let of_sentence = chunk.slots.iter().filter(|s| s.sentence == slot.sentence);
                let mut others: Vec<u32> = of_sentence.map(|s| s.item).collect();
                others.push(item);
                let mut is_true = |candidate| {
                    let is_true = related(candidate, &others)?;
                    could_be_true += u64::from(is_true);
                    Ok(is_true)
                };
                new = self.other(&slot, chunk, &present, &draw, &mut is_true)?;
                not_drawn += u64::from(new.is_none());
            }
            filled.push(match new {
                Some((item, name)) => {
                    present.push(item);
                    Filled {
                        slot,
                        item,
                        name: Some(name),
                    }
                }
                None => self.kept(slot, &draw),
            });
        }
        let row = self.row(id, chunk, copy, &filled);
        Ok(Some(Replaced {
            row,
            could_be_true,
            not_drawn,
        }))
    }

    /// A mention that keeps its item, with a drawn name of it if these are asked for.
    fn kept(&self, slot: Slot, draw: &Draw<'_>) -> Filled {
        let renamed = self.options.rename_kept;
        let name = renamed.then(|| self.name(slot.item, draw, &slot, 0));
        Filled {
            slot,
            item: slot.item,
            name: name.flatten(),
        }
    }

    /// Whether a mention can be replaced.
    fn is_open(&self, slot: &Slot) -> bool {
        let has_pool = self.pools.of(slot.item, self.options.min_pool).is_some();
        has_pool && self.names.label(slot.item).is_some()
    }

    /// Which mentions are to be replaced: in the order of a hash, until their share is reached.
    fn choose(&self, slots: &[Slot], draw: &Draw<'_>, chunk: u64) -> Vec<bool> {
        let round = draw.hash("round", chunk, 0) as f64 / u64::MAX as f64;
        let wanted = (self.options.share * slots.len() as f64 + round).floor() as usize;
        let mut order: Vec<usize> = (0..slots.len()).collect();
        order.sort_by_key(|&slot| (draw.hash("choose", slots[slot].mention as u64, 0), slot));
        let mut chosen = vec![false; slots.len()];
        let mut count = 0;
        for slot in order {
            let beside = [slot.checked_sub(1), Some(slot + 1)].into_iter().flatten();
            let has_neighbour = beside
                .filter_map(|other| chosen.get(other))
                .any(|&chosen| chosen);
            if count < wanted && !has_neighbour {
                chosen[slot] = true;
                count += 1;
            }
        }
        chosen
    }

    /// Another item of the kind, and a name of it.
    fn other(
        &self,
        slot: &Slot,
        chunk: &Chunk<'_>,
        present: &[u32],
        draw: &Draw<'_>,
        is_true: &mut dyn FnMut(u32) -> Result<bool, Error>,
    ) -> Result<Option<(u32, String)>, Error> {
        let Some(pool) = self.pools.of(slot.item, self.options.min_pool) else {
            return Ok(None);
        };
        let surface: Vec<&str> = chunk.words[slot.start..=slot.end]
            .iter()
            .map(|w| w.1)
            .collect();
        let surface = surface.join(" ").to_lowercase();
        for attempt in 0..DRAWS {
            let number = draw.hash("item", slot.mention as u64, attempt) % pool.len() as u64;
            let item = pool[number as usize];
            if present.contains(&item) {
                continue;
            }
            let Some(name) = self.name(item, draw, slot, attempt) else {
                continue;
            };
            let joined = (self.words)(&name).join(" ").to_lowercase();
            let lower = name.to_lowercase();
            let is_own = self
                .all_names(slot.item)
                .any(|own| own.to_lowercase() == lower);
            if is_own || joined == surface || is_true(item)? {
                continue;
            }
            return Ok(Some((item, name)));
        }
        Ok(None)
    }

    /// A name of an item that has words.
    fn name(&self, item: u32, draw: &Draw<'_>, slot: &Slot, attempt: u64) -> Option<String> {
        let names: Vec<&str> = self.all_names(item).collect();
        let count = names.len() as u64;
        let number = draw
            .hash("name", slot.mention as u64, attempt)
            .checked_rem(count)?;
        let name = names[number as usize];
        (!(self.words)(name).is_empty()).then(|| name.to_owned())
    }

    fn all_names(&self, item: u32) -> impl Iterator<Item = &str> {
        self.names
            .label(item)
            .into_iter()
            .chain(self.names.aliases(item))
    }

    /// The words with what takes the places of mentions.
    fn row(&self, id: &str, chunk: &Chunk<'_>, copy: u64, filled: &[Filled]) -> LabelExample {
        let (number, copy) = (chunk.number.to_le_bytes(), copy.to_le_bytes());
        let mut row = LabelExample {
            id: stable_id([&b"replaced"[..], id.as_bytes(), &number, &copy]),
            doc_id: id.to_owned(),
            ..LabelExample::default()
        };
        let mut next = 0;
        for (span, new) in (0..).zip(filled) {
            copy_words(&mut row, &chunk.words[next..new.slot.start]);
            let words = &chunk.words[new.slot.start..=new.slot.end];
            let start = row.token.len();
            match &new.name {
                Some(name) => {
                    row.text.push_str(words[0].0);
                    row.text.push_str(name);
                    row.token.extend((self.words)(name).iter());
                }
                None => copy_words(&mut row, words),
            }
            next = new.slot.end + 1;
            row.span_start.push(start as i32);
            row.span_end.push(row.token.len() as i32 - 1);
            row.span_lemma.push("");
            row.span_id.push(&format!("Q{}", new.item));
            let is_replaced = new.item != new.slot.item;
            let was = if is_replaced {
                format!("Q{}", new.slot.item)
            } else {
                String::new()
            };
            row.span_was.push(&was);
            row.class_span.push(span);
            row.label.push(i64::from(is_replaced));
            row.class
                .push(if is_replaced { "replaced" } else { "kept" });
        }
        copy_words(&mut row, &chunk.words[next..]);
        row.text.push_str(chunk.tail);
        row
    }
}

fn copy_words(row: &mut LabelExample, words: &[(&str, &str)]) {
    for (gap, word) in words {
        row.text.push_str(gap);
        row.text.push_str(word);
        row.token.push(word);
    }
}

/// What draws of a copy of a page depend on.
struct Draw<'a> {
    seed: u64,
    page: &'a str,
    copy: u64,
}

impl Draw<'_> {
    fn hash(&self, what: &str, number: u64, attempt: u64) -> u64 {
        let numbers = [self.seed, self.copy, number, attempt].map(u64::to_le_bytes);
        let numbers = numbers.iter().map(<[u8; 8]>::as_slice);
        stable_hash(
            [what.as_bytes(), self.page.as_bytes()]
                .into_iter()
                .chain(numbers),
        )
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{EntityId, Names, Record, Rules};

    use super::*;
    use crate::distant::TypeFilter;

    /// Ten cities, of which the first two are mentioned four times each.
    fn world() -> (EntityNames, Pools) {
        let (mut names, mut pools) = (EntityNames::default(), Pools::default());
        for item in 1..=10 {
            let known = Names {
                id: EntityId::item(item.into()),
                label: Some(format!("City {item}")),
                aliases: [format!("Town {item}"), "Old-Place".to_owned()].into(),
                instance_of: ["Q515"].into(),
                title: None,
                sitelinks: 0,
            };
            names.add(item, &known, &TypeFilter::default());
            pools.add(item, [515]);
        }
        (names, pools)
    }

    fn words(text: &str) -> Words {
        text.split([' ', '-']).collect()
    }

    fn chunk() -> Chunk<'static> {
        let slot = |number: usize| Slot {
            start: 2 * number,
            end: 2 * number,
            item: 1 + number as u32 % 2,
            sentence: 0,
            mention: number,
        };
        let word = |number: usize| if number.is_multiple_of(2) { "X" } else { "and" };
        Chunk {
            number: 0,
            words: (0..16)
                .map(|n| (if n == 0 { "" } else { " " }, word(n)))
                .collect(),
            tail: ".",
            slots: (0..8).map(slot).collect(),
        }
    }

    #[test]
    fn half_is_replaced_never_two_in_a_row_and_never_by_what_could_be_true() {
        let (names, pools) = world();
        let options = ReplacedOptions {
            seed: 42,
            share: 0.5,
            min_pool: 5,
            rename_kept: true,
        };
        let replacer = Replacer {
            names: &names,
            pools: &pools,
            words: &words,
            options,
        };
        let class_names = ["kept".to_owned(), "replaced".to_owned()];
        let rules = Rules {
            class_names: &class_names,
            ..Rules::default()
        };
        let (mut count, mut refused) = (0, 0);
        for copy in 0..50 {
            let mut related = |candidate: u32, others: &[u32]| {
                assert_eq!(others.last(), Some(&3));
                Ok(candidate == 4)
            };
            let made = replacer
                .replace(("p", 3), &chunk(), copy, &mut related)
                .unwrap();
            let made = made.unwrap();
            let row = made.row;
            assert_eq!(row.check(&rules), Ok(()));
            assert!(row.label.windows(2).all(|two| two != [1, 1]));
            for (span, &label) in row.label.iter().enumerate() {
                let (is, was) = (&row.span_id[span], &row.span_was[span]);
                assert_eq!(label == 1, !was.is_empty());
                assert!(label == 0 || !["Q1", "Q2", "Q3", "Q4"].contains(&is));
                let place = row.span_start[span] as usize..=row.span_end[span] as usize;
                let name: Vec<&str> = place.map(|word| &row.token[word]).collect();
                assert_ne!(name, ["X"]);
                // All have this name: it is one of the true item.
                assert!(label == 0 || name != ["Old", "Place"]);
            }
            assert!(row.text.ends_with('.'));
            count += row.label.iter().sum::<i64>();
            refused += made.could_be_true;
        }
        assert!((120..=200).contains(&count), "{count}");
        assert!(refused > 0);
    }

    #[test]
    fn the_same_draws_every_time_and_kept_names_may_stay() {
        let (names, pools) = world();
        let replacer = |rename_kept, min_pool| Replacer {
            names: &names,
            pools: &pools,
            words: &words,
            options: ReplacedOptions {
                seed: 1,
                share: 0.3,
                min_pool,
                rename_kept,
            },
        };
        let row = |copy| {
            let replacer = replacer(false, 5);
            let made = replacer.replace(("p", 3), &chunk(), copy, &mut |_, _| Ok(false));
            made.unwrap().unwrap().row
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
        let kept = row(7);
        let span = kept.label.iter().position(|&label| label == 0).unwrap();
        assert_eq!(&kept.token[kept.span_start[span] as usize], "X");
        let none = replacer(true, 10).replace(("p", 3), &chunk(), 0, &mut |_, _| Ok(false));
        assert_eq!(none.unwrap(), None);
    }
}
