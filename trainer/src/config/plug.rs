//! Plug points: which of the backbone's hidden states the adapter layers read.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// Which of the backbone's hidden states the adapter layers read: a rule, or a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Plug {
    /// After the first, a middle and the last layer: 1, 12, 24 of 24 (the paper).
    After,
    /// Before them: 0, 11, 22 of 24 (the released code's scripts).
    Before,
    /// These, one an adapter layer, as the released code's `--adapter_list` names them: 0 = embeddings, L = after
    /// the last of L layers.
    At(Vec<usize>),
}

impl Plug {
    /// Indexes into the hidden states (0 = embeddings) of a backbone with so many layers.
    pub fn points(&self, backbone_layers: usize, adapter_layers: usize) -> Vec<usize> {
        let spread = |i: usize, last: usize| match adapter_layers {
            1 => last,
            k => i * last / (k - 1),
        };
        let point = |i| match self {
            Self::Before => spread(i, backbone_layers.saturating_sub(2)),
            _ => spread(i, backbone_layers - 1) + 1,
        };
        match self {
            Self::At(points) => points.clone(),
            Self::After | Self::Before => (0..adapter_layers).map(point).collect(),
        }
    }
}

impl fmt::Display for Plug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After => f.write_str("after"),
            Self::Before => f.write_str("before"),
            Self::At(points) => {
                let points: Vec<String> = points.iter().map(usize::to_string).collect();
                f.write_str(&points.join(","))
            }
        }
    }
}

impl Serialize for Plug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(points) => points.serialize(serializer),
            rule => serializer.collect_str(rule),
        }
    }
}

/// As `--set` and the released scripts write it (`0,11,23`), or as a file holds it (`[0, 11, 23]`).
impl TryFrom<Value> for Plug {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        let points: Option<Vec<usize>> = match &value {
            Value::String(rule) if rule == "after" => return Ok(Self::After),
            Value::String(rule) if rule == "before" => return Ok(Self::Before),
            Value::String(list) => {
                let points = list.split(',').map(|point| point.trim().parse().ok());
                points.collect()
            }
            Value::Array(list) => list.iter().map(number).collect(),
            other => number(other).map(|point| vec![point]),
        };
        match points {
            Some(points) if !points.is_empty() => Ok(Self::At(points)),
            _ => Err(format!(
                "expected after, before, or hidden states such as 0,11,23 (0 = embeddings), found {value}"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plug_points_follow_the_paper_and_the_released_code() {
        assert_eq!(Plug::After.points(24, 3), [1, 12, 24]);
        assert_eq!(Plug::Before.points(24, 3), [0, 11, 22]);
        assert_eq!(Plug::After.points(6, 3), [1, 3, 6]);
        assert_eq!(Plug::After.points(6, 1), [6]);
        assert_eq!(Plug::Before.points(1, 1), [0]);
        assert_eq!(Plug::At(vec![0, 11, 23]).points(24, 3), [0, 11, 23]);
    }

    #[test]
    fn a_list_is_read_as_people_and_files_write_it() {
        let read = |json: &str| serde_json::from_str::<Plug>(json).map_err(|e| e.to_string());
        let list = Plug::At(vec![0, 11, 23]);
        assert_eq!(read("\"0,11,23\"").unwrap(), list);
        assert_eq!(read("\"0, 11, 23\"").unwrap(), list);
        assert_eq!(read("[0, 11, 23]").unwrap(), list);
        assert_eq!(read("11").unwrap(), Plug::At(vec![11]));
        for plug in [Plug::After, Plug::Before, list] {
            let stored = serde_json::to_string(&plug).unwrap();
            assert_eq!(read(&stored).unwrap(), plug, "{stored}");
        }
        assert_eq!(serde_json::to_string(&Plug::Before).unwrap(), "\"before\"");
        for wrong in [
            "\"\"",
            "\"0,,2\"",
            "\"middle\"",
            "[]",
            "[-1]",
            "[0.5]",
            "true",
            "-1",
        ] {
            let message = read(wrong).unwrap_err();
            let expected =
                "expected after, before, or hidden states such as 0,11,23 (0 = embeddings), found ";
            assert!(message.starts_with(expected), "{wrong}: {message}");
        }
    }
}
