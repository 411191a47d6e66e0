//! The irregular forms of a wordnet's words.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_align::lemma;
use kprep_ingest::Input;
use kprep_ingest::wordnet::{Part, exceptions};
use kprep_schemas::{Synset, Words};
use rustc_hash::FxHashMap;

use super::read::in_file;

/// Forms of a word, and whether a synset has it.
#[derive(Default)]
struct Forms {
    forms: Words,
    used: bool,
}

/// Adds the forms of `noun.exc` and its like to the synsets of their words. Returns how many are of words
/// that no synset has.
pub(crate) fn add(
    rows: &mut [Synset],
    files: &[(Part, Input)],
    read: &Arc<AtomicU64>,
) -> Result<u64> {
    let mut of_lemma: FxHashMap<(Part, String), Forms> = FxHashMap::default();
    for (part, input) in files {
        input.visit(read, |name, content| -> Result<()> {
            for exception in exceptions(content) {
                let (_, exception) = exception.map_err(in_file(name))?;
                for word in exception.lemmas {
                    let forms = of_lemma.entry((*part, lemma(&word))).or_default();
                    forms.forms.push(&lemma(&exception.form));
                }
            }
            Ok(())
        })?;
    }
    if of_lemma.is_empty() {
        return Ok(0);
    }
    for row in rows {
        let Some(part) = Part::of_letter(&row.pos) else {
            continue;
        };
        for (number, word) in (0..).zip(row.word.iter()) {
            if let Some(forms) = of_lemma.get_mut(&(part, lemma(word))) {
                forms.used = true;
                row.form_word.extend(forms.forms.iter().map(|_| number));
                row.form.extend(forms.forms.iter());
            }
        }
    }
    let unused = of_lemma.values().filter(|forms| !forms.used);
    Ok(unused.map(|forms| forms.forms.len() as u64).sum())
}
