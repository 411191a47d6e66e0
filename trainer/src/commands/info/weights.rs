//! The counts of weights by their names.

use serde_json::{Value, json};

use crate::files::header::Shapes;

/// The counts of an adapter's weights.
pub(super) fn tensors(found: &Shapes) -> Value {
    let adapter = count(found, "adapter.");
    json!({
        "what": "weights",
        "tensors": found.len(),
        "parameters": count(found, ""),
        "transformer_layers": count(found, "encoder.layer."),
        "adapter": adapter,
        "other": count(found, "") - adapter,
    })
}

/// The numbers in the tensors with this part in their names.
pub(super) fn count(found: &Shapes, part: &str) -> i64 {
    let parts = found.iter().filter(|(name, _)| name.contains(part));
    parts.map(|(_, shape)| shape.iter().product::<i64>()).sum()
}
