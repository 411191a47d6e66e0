//! What each setting means, which values it takes and what it starts from: the one place that says it. `--set` finds its
//! keys here, and `ktrain settings` and `docs/settings.md` are made of it.

use std::fmt::Write;

use serde_json::Value;

use super::{BackboneShape, Config, Objective, Preset, Task};

#[rustfmt::skip] // it is a table
mod table;

pub use table::PARTS;

/// A setting of [`Config`].
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in `--set NAME=VALUE` and in files.
    pub name: &'static str,
    /// What it is, a sentence or two.
    pub meaning: &'static str,
    /// What it takes.
    pub values: Values,
    /// The tasks that use it; empty where all do.
    pub tasks: &'static [Task],
}

/// What a setting takes.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// A number, a list or a text, in words.
    Of(&'static str),
    /// One of these words, each with what it means, as far as that is not plain.
    Choice(&'static [(&'static str, &'static str)]),
}

/// Settings that are about the same thing.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// What they are about.
    pub title: &'static str,
    /// In the order of [`Config`].
    pub settings: &'static [Setting],
}

/// All settings, in the order of [`Config`].
pub fn all() -> impl Iterator<Item = &'static Setting> {
    PARTS.iter().flat_map(|part| part.settings)
}

impl Setting {
    /// The setting of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        all().find(|setting| setting.name == name)
    }

    /// The same setting, which only these tasks use.
    const fn of(self, tasks: &'static [Task]) -> Self {
        Self { tasks, ..self }
    }

    /// Whether a run of this task reads it.
    pub fn is_used_by(&self, task: Task) -> bool {
        self.tasks.is_empty() || self.tasks.contains(&task)
    }

    /// What it starts from, in words, where the dataset does not say it.
    pub fn default(&self) -> Option<String> {
        let of = |config: &Config| in_words(&config.value(self.name));
        if let "task" | "objective" = self.name {
            return None;
        }
        if self.name == "preset" {
            return Some(of(&Config::preset(Preset::Scaled, Task::Relation)));
        }
        let preset = |preset| {
            let relations = of(&Config::preset(preset, Task::Relation));
            match of(&Config::preset(preset, Task::Dependency)) {
                other if other == relations => relations,
                dependencies => format!("{relations} (dependencies {dependencies})"),
            }
        };
        let (paper, released) = (preset(Preset::Paper), preset(Preset::Released));
        let presets = match self.is_scaled() {
            true if paper == released => format!("follows the backbone; paper, released: {paper}"),
            _ if paper == released => paper,
            _ => format!("paper: {paper}; released: {released}"),
        };
        let objectives = self.objectives().into_iter();
        let objectives =
            objectives.map(|(value, names)| format!("; {}: {value}", names.join(", ")));
        Some(presets + &objectives.collect::<String>())
    }

    /// Whether the preset `scaled` takes it from the backbone.
    fn is_scaled(&self) -> bool {
        let one = BackboneShape {
            hidden_size: 1,
            attention_heads: 1,
            layers: 1,
        };
        let config = Config::preset(Preset::Scaled, Task::Relation);
        config.value(self.name) != config.clone().scaled(one, |_| false).value(self.name)
    }

    /// The values of the objectives that start from another one than their task, each with their names.
    fn objectives(&self) -> Vec<(String, Vec<String>)> {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for (objective, task) in Objective::others() {
            let value = Config::of_objective(Preset::Paper, task, objective).value(self.name);
            if value == Config::preset(Preset::Paper, task).value(self.name) {
                continue;
            }
            let value = in_words(&value);
            match all.iter_mut().find(|(other, _)| *other == value) {
                Some((_, names)) => names.push(objective.to_string()),
                None => all.push((value, vec![objective.to_string()])),
            }
        }
        all
    }
}

impl Values {
    /// The words that it takes, or what.
    pub fn in_words(self) -> String {
        match self {
            Self::Of(what) => what.to_owned(),
            Self::Choice(words) => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                words.join(", ")
            }
        }
    }
}

/// A value as people type it.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(small) if number.is_f64() && small != 0.0 && small < 0.01 => format!("{small:e}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// `docs/settings.md`.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for part in &PARTS {
        let _ = write!(
            page,
            "\n## {}\n\n| setting | meaning | default |\n|---|---|---|\n",
            part.title
        );
        for setting in part.settings {
            let mut meaning = setting.meaning.to_owned();
            match setting.values {
                Values::Of(what) => {
                    let _ = write!(meaning, "<br>Value: {what}"); // writing to a String cannot fail
                }
                Values::Choice(words) => {
                    for (word, what) in words {
                        let _ = match *what {
                            "" => write!(meaning, "<br>`{word}`"),
                            what => write!(meaning, "<br>`{word}`: {what}"),
                        };
                    }
                }
            }
            let default = setting.default().unwrap_or_else(|| "–".to_owned());
            let _ = writeln!(page, "| `{}` | {meaning} | {default} |", setting.name);
        }
    }
    page
}

const INTRODUCTION: &str = "# Settings

Every setting of a run, as `--set NAME=VALUE` changes it, and as the run's configuration holds it. `ktrain settings` prints
the same. The common ones have a flag of their own (`ktrain train --help`); a setting that a command or a task would not use
is refused, with what uses it. Where tasks or presets start from different values, all are listed, those of `paper`
for `scaled`, too; `ktrain finetune --help` has those of benchmarks. [Training](training.md) says what they are for.
";

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::{env, fs};

    use super::*;

    #[test]
    fn the_table_has_every_setting_in_its_order() {
        let config = Config::preset(Preset::Paper, Task::Relation);
        let fields = serde_json::to_value(config).unwrap();
        let fields: Vec<&String> = fields.as_object().unwrap().keys().collect();
        assert_eq!(
            fields,
            all().map(|setting| setting.name).collect::<Vec<_>>()
        );
    }

    /// What is refused names the words that are taken.
    #[test]
    fn a_choice_lists_the_words_that_the_parser_takes() {
        let config = Config::preset(Preset::Paper, Task::Relation);
        for setting in all() {
            let Values::Choice(words) = setting.values else {
                continue;
            };
            for (word, _) in words {
                config.with(&format!("{}={word}", setting.name)).unwrap();
            }
            let message = config.with(&format!("{}=?", setting.name)).unwrap_err();
            let message = message.to_string();
            if message.contains("unknown variant") {
                let quoted = message.matches('`').count() / 2; // the first is what was found
                assert_eq!(quoted - 1, words.len(), "{message}");
            }
        }
    }

    /// `KTRAIN_WRITE_SETTINGS=1 cargo test settings_page` writes the page again.
    #[test]
    fn the_settings_page_is_made_of_this_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
        if env::var_os("KTRAIN_WRITE_SETTINGS").is_some() {
            fs::write(&path, page()).unwrap();
        }
        assert_eq!(fs::read_to_string(path).unwrap(), page());
    }
}
