//! By how much a tokenizer's replacements can make a text grow. A `tokenizer.json` of someone else may
//! replace each letter by a thousand, and do so again and again: a word then fills any memory.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::files::file_kind;
use crate::{Error, Result};

/// Characters for one. Real tokenizers write a `▁` for a space, and three characters at most.
const MOST: usize = 1_000;

/// The parts of `tokenizer.json` that change text; the large ones are passed over.
#[derive(Deserialize)]
struct Steps {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
}

/// Refuses a tokenizer that could make more than [`MOST`] characters of one.
///
/// # Errors
/// [`Error::Json`], [`Error::Tokenizer`].
pub(super) fn check(bytes: &[u8], path: &Path) -> Result<()> {
    let failed = |error| file_kind::or(path, "JSON", Error::json(path)(error));
    let steps: Steps = serde_json::from_slice(bytes).map_err(failed)?;
    let growth = [steps.normalizer, steps.pre_tokenizer]
        .iter()
        .fold(1, |all, step| growth(step).saturating_mul(all));
    if growth > MOST {
        return Err(Error::Tokenizer {
            path: path.to_owned(),
            reason: format!(
                "its replacements can make {growth} characters of one, expected at most {MOST}: this is no \
                 tokenizer for text"
            ),
        });
    }
    Ok(())
}

/// The product over all replacements in a step, and in the steps inside it. JSON nests at most as deep as
/// its parser allows.
fn growth(step: &Value) -> usize {
    match step {
        Value::Array(steps) => {
            let each = steps.iter().map(growth);
            each.fold(1, usize::saturating_mul)
        }
        Value::Object(fields) => {
            let inside = fields.values().map(growth);
            let inside = inside.fold(1, usize::saturating_mul);
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let length = |name: &str| text(name).map_or(0, |text| text.chars().count());
            let own = match text("type") {
                Some("Replace") => length("content"),
                Some("Prepend") => length("prepend") + 1,
                _ => 1,
            };
            inside.saturating_mul(own.max(1))
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(normalizer: &Value) -> Option<String> {
        let json = json!({"normalizer": normalizer, "model": {"vocab": {"a": 0}}}).to_string();
        check(json.as_bytes(), Path::new("t"))
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn replacements_that_grow_a_text_beyond_use_are_refused() {
        let replace = |content: &str| json!({"type": "Replace", "pattern": {"String": "a"}, "content": content});
        let thousand = replace(&"a".repeat(1_000));
        let all = |steps: &[Value]| json!({"type": "Sequence", "normalizers": steps});
        assert_eq!(
            message(&all(&[
                thousand.clone(),
                all(&[thousand.clone(), thousand.clone(), thousand.clone()])
            ]))
            .unwrap(),
            "t: its replacements can make 1000000000000 characters of one, expected at most 1000: this is \
             no tokenizer for text"
        );
        assert_eq!(message(&all(&[thousand, replace("▁")])), None);
        assert_eq!(message(&all(&vec![replace("\""); 40])), None);
        assert!(message(&all(&vec![replace("aa"); 40])).is_some());
        assert_eq!(message(&Value::Null), None);
    }
}
