//! `config.json`: what a finished run says of itself, with the checksums of its files.
//!
//! It is written last, so that its presence says that the run is complete, and it carries its own checksum. Hugging
//! Face's `AutoModel` reads it, too: `auto_map` names the model's code, [`MODELLING`], which is written beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{is_below, sha256_file};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::files::identity::Identity;
use crate::files::sealed;
use crate::files::weights::write_atomically;
use crate::{Error, Result};

/// Its name.
pub const FILE: &str = "config.json";

/// The name that earlier versions gave it, which is that of PEFT's file.
const EARLIER_FILE: &str = "adapter_config.json";

/// The code with which PyTorch loads the folder, beside it.
pub const MODELLING: &str = "modeling_kprep.py";

const MODELLING_SOURCE: &str = include_str!("../../../python/kprep/modeling_kprep.py");

/// The weights of an adapter, beside it.
pub const WEIGHTS: &str = "adapter.safetensors";

/// The value of its field `format`, by which it is known: other programs have a file of this name, too.
const FORMAT: &str = "ktrain adapter";

/// How the file begins: its format is its first field.
const BEGINNING: &str = "{\n  \"format\": \"ktrain adapter\",\n";

/// What a finished run says of itself.
#[derive(Debug, Clone)]
pub struct AdapterConfig {
    /// The run.
    pub run: Identity,
    /// The names of the classes.
    pub class_names: Vec<String>,
    /// Its scores; none of an adapter that lies beside a fine-tuned model.
    pub scores: Option<Splits<Option<Scores>>>,
    /// SHA-256 of the run's files, by their paths in its folder.
    files: BTreeMap<String, String>,
    dir: PathBuf,
}

/// What is read of the file beside the run.
#[derive(Deserialize)]
struct Rest {
    #[serde(default)]
    class_names: Vec<String>,
    scores: Option<Splits<Option<Scores>>>,
    files: BTreeMap<String, String>,
}

impl AdapterConfig {
    /// Reads the file in a run's folder.
    ///
    /// # Errors
    /// [`Error::Adapter`] for a file of another program; [`Error::OtherVersion`]; [`Error::Damaged`];
    /// [`Error::Io`], [`Error::Json`].
    pub fn read(dir: &Path) -> Result<Self> {
        if is_of_earlier_version(dir) {
            return Err(Error::Adapter {
                path: dir.to_owned(),
                reason: format!(
                    "is a run of an earlier version of ktrain ({EARLIER_FILE}): train it again, into another folder"
                ),
            });
        }
        let path = dir.join(FILE);
        let json = fs::read(&path).map_err(Error::io(&path))?;
        let sealed = sealed::check(&path, &json)?;
        let value: Value = serde_json::from_slice(&json).map_err(Error::json(&path))?;
        if !is_ours(&value) {
            return Err(Error::Adapter {
                path: dir.to_owned(),
                reason: format!(
                    "is no adapter of ktrain: another program wrote its {FILE}, or it is damaged"
                ),
            });
        }
        let run = Identity::parse(&path, &json)?;
        if !sealed {
            return Err(Error::OtherVersion {
                path,
                differences: "without a checksum of itself".to_owned(),
            });
        }
        let rest: Rest = serde_json::from_value(value).map_err(Error::json(&path))?;
        if let Some(name) = rest.files.keys().find(|name| !is_below(name)) {
            return Err(Error::Adapter {
                path: dir.to_owned(),
                reason: format!(
                    "is damaged: its {FILE} names the file {name:?}, which is not below the folder"
                ),
            });
        }
        Ok(Self {
            run,
            class_names: rest.class_names,
            scores: rest.scores,
            files: rest.files,
            dir: dir.to_owned(),
        })
    }

    /// Compares a file of the run with its checksum, and gives that.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::Adapter`] for a file that is not listed; [`Error::Io`].
    pub fn check_file(&self, name: &str) -> Result<&str> {
        let expected = self.files.get(name).ok_or_else(|| Error::Adapter {
            path: self.dir.clone(),
            reason: format!("is damaged: its {FILE} has no checksum of {name}"),
        })?;
        let path = self.dir.join(name);
        let found = sha256_file(&path).map_err(Error::io(&path))?;
        if found == *expected {
            return Ok(expected);
        }
        Err(Error::Damaged {
            path,
            found,
            expected: expected.clone(),
        })
    }

    /// Compares every file of the run with its checksum.
    ///
    /// # Errors
    /// As [`AdapterConfig::check_file`].
    pub fn check_files(&self) -> Result<()> {
        self.files
            .keys()
            .try_for_each(|name| self.check_file(name).map(drop))
    }

    /// The stated checksum of the adapter's weights, if the run has any.
    pub fn weights_sha256(&self) -> Option<&str> {
        self.files.get(WEIGHTS).map(String::as_str)
    }
}

/// Writes the file of a run whose other files, at these paths in its folder, are written and synced, and before it the
/// code of [`MODELLING`]. `more` are fields beside those of the run.
///
/// # Errors
/// [`Error::Io`], [`Error::Json`].
pub fn write(dir: &Path, run: &Identity, files: &[String], more: Value) -> Result<()> {
    write_atomically(&dir.join(MODELLING), MODELLING_SOURCE.as_bytes())?;
    let path = dir.join(FILE);
    let mut sums = Map::new();
    for name in files {
        let file = dir.join(name);
        let sha256 = sha256_file(&file).map_err(Error::io(&file))?;
        sums.insert(name.clone(), sha256.into());
    }
    let mut fields = Map::from_iter([
        ("format".to_owned(), json!(FORMAT)),
        ("version".to_owned(), json!(env!("CARGO_PKG_VERSION"))),
    ]);
    let points = run.config.plug_points(run.backbone.layers);
    let run = serde_json::to_value(run).map_err(Error::json(&path))?;
    for part in [
        for_transformers(),
        json!({"plug_points": points}),
        more,
        run,
    ] {
        if let Value::Object(part) = part {
            fields.extend(part);
        }
    }
    fields.insert("files".to_owned(), sums.into());
    write_atomically(&path, &sealed::seal(&path, &fields)?)
}

/// The fields by which Hugging Face's `AutoConfig` and `AutoModel` find the code.
fn for_transformers() -> Value {
    json!({
        "model_type": "k-adapter",
        "architectures": ["KAdapterModel"],
        "auto_map": {
            "AutoConfig": "modeling_kprep.KAdapterConfig",
            "AutoModel": "modeling_kprep.KAdapterModel",
        },
    })
}

/// Whether a folder holds the file of a run, whole or damaged: a backbone's folder has one of its name, too.
pub(crate) fn is_in(dir: &Path) -> bool {
    has_run(&dir.join(FILE))
}

/// Whether a folder holds no run of any version.
pub(crate) fn is_missing(dir: &Path) -> bool {
    !dir.join(FILE).is_file() && !is_of_earlier_version(dir)
}

/// What is wrong with a folder that [holds no run](is_missing), and which folders near it do; `what` is what was
/// expected.
pub(crate) fn why_missing(dir: &Path, what: &str) -> String {
    let runs = |folder: &Path| {
        let folders = fs::read_dir(folder).into_iter().flatten().flatten();
        let runs = folders.filter(|folder| is_in(&folder.path()));
        let names = runs.map(|run| run.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.join(", ")
    };
    // `./runs` has a folder above it that `runs` has not in its name.
    let above = Path::new(".").join(dir);
    let (inside, beside) = (runs(dir), above.parent().map(runs).unwrap_or_default());
    match (dir.exists(), inside.as_str(), beside.as_str()) {
        (false, _, "") => "is not there".to_owned(),
        (false, _, beside) => format!("is not there; beside it are {beside}"),
        (true, "", _) => {
            format!("is no {what}: no {FILE}, which a finished run of ktrain has")
        }
        (true, inside, _) => format!("is no {what}; it holds the runs {inside}: name one of them"),
    }
}

/// Whether a folder holds the run of a version that called the file otherwise.
pub(crate) fn is_of_earlier_version(dir: &Path) -> bool {
    !dir.join(FILE).exists() && has_run(&dir.join(EARLIER_FILE))
}

/// Whether a file is a run's. One that is no JSON any more, for damage, still states our format.
fn has_run(path: &Path) -> bool {
    let Ok(bytes) = fs::read(path) else {
        return false;
    };
    let value = serde_json::from_slice::<Value>(&bytes);
    value.is_ok_and(|value| is_ours(&value)) || bytes.starts_with(BEGINNING.as_bytes())
}

/// Whether it is a file that this program wrote, of whatever version.
fn is_ours(value: &Value) -> bool {
    value["format"] == FORMAT && value["version"].is_string() && is_run(value)
}

/// Whether it says which run it is, as `training/config.json` does, too.
pub(crate) fn is_run(value: &Value) -> bool {
    ["config", "backbone", "dataset"]
        .iter()
        .all(|part| value[*part].is_object())
}
