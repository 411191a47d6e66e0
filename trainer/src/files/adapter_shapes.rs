//! What the shapes of an adapter's tensors say of its settings: K-Adapter's released files name none.

use std::path::Path;

use crate::config::{Config, Fuse, ParserHead, Preset, RelationHead, Task};
use crate::files::file_kind::refuse;
use crate::files::header::Shapes;
use crate::files::weights::Mismatch;
use crate::{Error, Result};

/// The settings that follow from shapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterShape {
    /// Width of the backbone.
    pub backbone_width: i64,
    /// How the layers join what they read.
    pub fuse: Fuse,
    /// Its head, if there is one.
    pub head: Option<Head>,
    layers: usize,
    transformer_layers: usize,
    hidden_size: i64,
    ffn_size: i64,
}

/// A head in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Of relations.
    Relation {
        /// What it is.
        head: RelationHead,
        /// How many relations it tells apart.
        classes: usize,
    },
    /// Of the heads of words.
    Heads {
        /// What it is.
        head: ParserHead,
        /// Places that a head can have, which is the longest input; none where it scores pairs.
        places: Option<usize>,
    },
}

impl Head {
    /// The task that it is for.
    pub fn task(self) -> Task {
        match self {
            Self::Relation { .. } => Task::Relation,
            Self::Heads { .. } => Task::Dependency,
        }
    }
}

impl AdapterShape {
    /// Of the tensors of a file.
    ///
    /// # Errors
    /// [`Error::Weights`] for a file that is no adapter.
    pub fn new(path: &Path, shapes: &Shapes) -> Result<Self> {
        let matrix = |name: &str| match shapes.get(name).map(Vec::as_slice) {
            Some(&[rows, columns]) => Ok((rows, columns)),
            _ => Err(no_adapter(path, shapes, name)),
        };
        let (hidden_size, inputs) = matrix("adapter.0.down_project.weight")?;
        let (backbone_width, _) = matrix("adapter.0.up_project.weight")?;
        let (ffn_size, _) = matrix("adapter.0.encoder.layer.0.intermediate.dense.weight")?;
        let fuse = fuse(inputs, backbone_width).ok_or_else(|| {
            refuse(path, format!(
                "adapter.0.down_project.weight reads {inputs} numbers: expected the backbone's width of {backbone_width} \
                 (--preset released), or twice that (--preset paper)"
            ))
        })?;
        let count = |name: &dyn Fn(usize) -> String| {
            (0..shapes.len())
                .take_while(|&i| shapes.contains_key(&name(i)))
                .count()
        };
        Ok(Self {
            backbone_width,
            fuse,
            head: head(shapes, backbone_width),
            layers: count(&|i| format!("adapter.{i}.down_project.weight")),
            transformer_layers: count(&|j| {
                format!("adapter.0.encoder.layer.{j}.intermediate.dense.weight")
            }),
            hidden_size,
            ffn_size,
        })
    }

    /// The preset whose layers join what they read so.
    pub fn preset(&self) -> Preset {
        match self.fuse {
            Fuse::Concat => Preset::Paper,
            Fuse::Add => Preset::Released,
        }
    }

    /// Settings with what the shapes say.
    #[must_use]
    pub fn settings(&self, config: Config) -> Config {
        let mut config = Config {
            adapter_layers: self.layers,
            adapter_transformer_layers: self.transformer_layers,
            adapter_hidden_size: self.hidden_size,
            adapter_ffn_size: self.ffn_size,
            ..config
        };
        match self.head {
            Some(Head::Relation { head, .. }) => config.relation_head = head,
            Some(Head::Heads { head, places }) => {
                config.parser = head;
                config.max_length = places.unwrap_or(config.max_length);
            }
            None => {}
        }
        config
    }
}

/// What to do where a file's tensors are those of the other preset.
pub(crate) fn advice(mismatch: &Mismatch) -> Option<String> {
    let mut misshapen = mismatch.misshapen.iter();
    let (_, expected, found) =
        misshapen.find(|(name, ..)| name == "adapter.0.down_project.weight")?;
    let (&[_, expected], &[_, found]) = (expected.as_slice(), found.as_slice()) else {
        return None;
    };
    let advice = if expected == 2 * found {
        "the file's adapter layers add what they read, as the released code's do: give --preset released"
    } else if found == 2 * expected {
        "the file's adapter layers read two states side by side, as the paper's do: give --preset paper"
    } else {
        return None;
    };
    Some(advice.to_owned())
}

fn fuse(inputs: i64, backbone_width: i64) -> Option<Fuse> {
    if inputs == backbone_width {
        return Some(Fuse::Add);
    }
    (inputs == 2 * backbone_width).then_some(Fuse::Concat)
}

fn head(shapes: &Shapes, backbone_width: i64) -> Option<Head> {
    let rows = |name: &str| Some(usize::try_from(*shapes.get(name)?.first()?).unwrap_or(0));
    let starts = |prefix: &str| shapes.keys().any(|name| name.starts_with(prefix));
    if starts("self_attention.") {
        return Some(Head::Heads {
            head: ParserHead::Released,
            places: rows("out_proj.weight"),
        });
    }
    if starts("arc_") {
        return Some(Head::Heads {
            head: ParserHead::Biaffine,
            places: None,
        });
    }
    if let (Some(classes), true) = (rows("out_proj.weight"), starts("com_dense.")) {
        return Some(Head::Relation {
            head: RelationHead::Stacked,
            classes,
        });
    }
    let &[outputs, inputs] = shapes.get("head.weight")?.as_slice() else {
        return None;
    };
    let outputs = usize::try_from(outputs).unwrap_or(0);
    // Of two entities, each the backbone's state and the adapter's output; or of one word.
    Some(if inputs == 4 * backbone_width {
        Head::Relation {
            head: RelationHead::Linear,
            classes: outputs,
        }
    } else {
        Head::Heads {
            head: ParserHead::Linear,
            places: Some(outputs),
        }
    })
}

fn no_adapter(path: &Path, shapes: &Shapes, name: &str) -> Error {
    let first: Vec<&str> = shapes.keys().take(3).map(String::as_str).collect();
    refuse(
        path,
        format!(
            "no adapter of K-Adapter: no tensor {name} of two dimensions among {} ({} ...): expected a \
             pytorch_model.bin of its release, or adapter.safetensors",
            shapes.len(),
            first.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::adapter;

    /// The shapes of an adapter with these settings and its head.
    fn shapes(config: &Config, hidden: i64, classes: i64) -> Shapes {
        let specs = adapter::specs(config, hidden).into_iter();
        let head = (config.task.facts().head_specs)(config, hidden, 2 * hidden, classes);
        let specs = specs.chain(head);
        specs.map(|spec| (spec.name, spec.shape)).collect()
    }

    #[test]
    fn settings_come_back_from_the_shapes_that_they_give() {
        for preset in [Preset::Paper, Preset::Released] {
            for task in [Task::Relation, Task::Dependency] {
                let config = Config {
                    adapter_layers: 4,
                    adapter_transformer_layers: 1,
                    adapter_hidden_size: 24,
                    adapter_ffn_size: 40,
                    max_length: 17,
                    ..Config::preset(preset, task)
                };
                let shapes = shapes(&config, 32, 5);
                let shape = AdapterShape::new(Path::new("f"), &shapes).unwrap();
                assert_eq!((shape.preset(), shape.backbone_width), (preset, 32));
                assert_eq!(shape.head.map(Head::task), Some(task));
                let bare = Config {
                    max_length: 17,
                    ..Config::preset(preset, task)
                };
                assert_eq!(shape.settings(bare), config);
            }
        }
        let config = Config::preset(Preset::Paper, Task::Relation);
        let shape = AdapterShape::new(Path::new("f"), &shapes(&config, 32, 5)).unwrap();
        let linear = RelationHead::Linear;
        assert_eq!(
            shape.head,
            Some(Head::Relation {
                head: linear,
                classes: 5
            })
        );
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let path = Path::new("f");
        let none = Shapes::from([("embeddings.weight".to_owned(), vec![5, 4])]);
        let message = AdapterShape::new(path, &none).unwrap_err().to_string();
        assert_eq!(
            message,
            "f: no adapter of K-Adapter: no tensor adapter.0.down_project.weight of two dimensions among 1 \
             (embeddings.weight ...): expected a pytorch_model.bin of its release, or adapter.safetensors"
        );
        let config = Config::preset(Preset::Paper, Task::Relation);
        let mut odd = shapes(&config, 32, 5);
        odd.insert("adapter.0.down_project.weight".to_owned(), vec![768, 33]);
        let message = AdapterShape::new(path, &odd).unwrap_err().to_string();
        assert!(
            message.starts_with("f: adapter.0.down_project.weight reads 33 numbers: expected"),
            "{message}"
        );
    }
}
