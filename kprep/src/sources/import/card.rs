//! What the card of an imported dataset says.

use kprep_schemas::{Card, Record};

use super::format::Format;
use crate::datasets::source_card;

pub(crate) fn card<R: Record>(format: Format, command_line: Vec<String>) -> Card {
    let filled = match format {
        Format::Tacred => {
            " The format has words alone: `text` is the words with blanks between them, `subj_id` and \
             `obj_id` are the words of the mentions, not Wikidata's ids; `obj_type` follows TACRED's \
             type, and `aligners` is empty."
        }
        Format::Kadapter => {
            " The format has words alone: `text` is the words with blanks between them, `id` a hash of \
             the record, `obj_type` what `obj_id` looks like, and `aligners` is empty."
        }
        Format::FindHead => {
            " The format has no labels and documents: `deprel` is empty, `doc_id` the file's name."
        }
        Format::Trex => {
            " Words, sentences and entities that are not in the text are left out, and facts of such a sentence or \
             object."
        }
        Format::Jsonl => "",
    };
    let (title, task_categories) = source_card::title(R::NAME);
    Card {
        title: title.into(),
        summary: format!(
            "Rows that came in files of the format {}; `manifest.json` names them with their \
             checksums.{filled}",
            format.name()
        ),
        license: "other",
        source: "The rows are those of the inputs that `manifest.json` names, and stand under their \
                 terms.",
        task_categories,
        command_line,
        ..Card::default()
    }
}
