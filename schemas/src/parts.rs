//! Several tables from one run over a large input, in parts, so that a killed run can go on.
//!
//! The run cuts its input into parts by a rule that depends on the input alone. After each part the
//! shards are synced and `progress.json` says how far the run has come: that file, replaced by a
//! rename, is the commit mark of the part. A run that goes on drops what came after it, so that the
//! bytes are those of a run that was never cut off.
//!
//! What a run notes for itself lies beside the output, not in it, so that nothing is removed before
//! the output is in its place.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use xxhash_rust::xxh3::xxh3_64;

use crate::durable::sync_dir;
use crate::folder_card::{self, CARD};
use crate::ownership::remove_file;
use crate::table::{Table, TablePart};
use crate::{Error, Fingerprint, Manifest, OutputDir, Record, Result};

/// Name of the file in the unfinished output that says how far it has come.
pub const PROGRESS: &str = "progress.json";

/// What makes a run the same one: only the same one can go on where it was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The subcommand.
    pub command: String,
    /// Program and version.
    pub generator: String,
    /// Every argument that shapes the content, defaults included.
    pub arguments: Map<String, Value>,
    /// The inputs, in the order they are read.
    pub inputs: Vec<Fingerprint>,
}

/// Where in the inputs the next part starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Number of the input, from 0.
    pub input: usize,
    /// Byte of the decompressed input, from 0.
    pub byte: u64,
    /// Line in it, from 1; 0 where lines do not matter.
    pub line: u64,
    /// Number of the record in it, from 0.
    pub record: u64,
}

/// `progress.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    #[serde(flatten)]
    job: Job,
    /// Parts that are complete.
    parts: u64,
    next: Place,
    tables: Vec<TablePart>,
    /// XXH3 of what the run put aside, in hex; none where it put nothing aside.
    memory: Option<String>,
    /// Whatever else the run needs to know to go on, such as its counts.
    state: Value,
}

/// The output of a run that writes several tables in parts: a folder with a dataset folder a table.
///
/// It grows in `.NAME.partial` and takes its place in one step when it is complete (see
/// [`OutputDir`]). Dropped before, it leaves its finished parts there, if any, for
/// [`Parts::resume`].
pub struct Parts {
    out: OutputDir,
    progress: Progress,
}

impl Job {
    /// The run of `command` of this program.
    pub fn new(command: &str, arguments: Map<String, Value>, inputs: Vec<Fingerprint>) -> Self {
        Self {
            command: command.to_owned(),
            generator: concat!("kprep ", env!("CARGO_PKG_VERSION")).to_owned(),
            arguments,
            inputs,
        }
    }

    /// What differs from an earlier run, a phrase each.
    fn differences(&self, earlier: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, was: &str, now: &str| {
            if was != now {
                found.push(format!("{what} was {was}, now {now}"));
            }
        };
        compare("the command", &earlier.command, &self.command);
        compare("the program", &earlier.generator, &self.generator);
        let (now, before) = (self.arguments.keys(), earlier.arguments.keys());
        let names: BTreeSet<&String> = now.chain(before).collect();
        let show = |value: Option<&Value>| value.map_or("not known".to_owned(), Value::to_string);
        for name in names {
            let [was, now] = [earlier, self].map(|job| show(job.arguments.get(name)));
            compare(&format!("--{name}"), &was, &now);
        }
        let inputs = |job: &Self| job.inputs.len().to_string();
        compare("the number of inputs", &inputs(earlier), &inputs(self));
        for (was, now) in earlier.inputs.iter().zip(&self.inputs) {
            compare("an input's name", &was.name, &now.name);
            let content = |input: &Fingerprint| {
                let ends = input.ends.get(..8).unwrap_or(&input.ends);
                format!("{} bytes (checksum of its ends {ends})", input.bytes)
            };
            compare(&now.name, &content(was), &content(now));
        }
        found
    }
}

impl Parts {
    /// Starts an output that will appear at `out`. What a run left that was cut off is removed.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be made.
    pub fn create(mut out: OutputDir, job: Job) -> Result<Self> {
        out.start()?;
        Ok(Self {
            out,
            progress: Progress {
                job,
                parts: 0,
                next: Place::default(),
                tables: Vec::new(),
                memory: None,
                state: Value::Null,
            },
        })
    }

    /// Goes on with what a run left at `out` that was cut off; where there is nothing, starts.
    ///
    /// Of the finished parts, the sizes and the rows are compared, and what the run put aside with
    /// its checksum; the pages of the shards are not read again.
    ///
    /// # Errors
    /// [`Error::OtherRun`] if that run was another one, [`Error::Json`] if its progress cannot be
    /// read, and as [`Parts::create`].
    pub fn resume(mut out: OutputDir, job: Job) -> Result<Self> {
        let Some(progress) = progress(&out)? else {
            return Self::create(out, job);
        };
        // Before anything can fail: what is there is not ours to remove.
        out.keep();
        let differences = job.differences(&progress.job);
        if !differences.is_empty() {
            return Err(Error::OtherRun {
                path: out.work(),
                differences,
            });
        }
        Ok(Self { out, progress })
    }

    /// How many parts a run finished at `out` before it was cut off: what [`Parts::create`] removes
    /// and [`Parts::resume`] goes on from.
    pub fn left_over(out: &OutputDir) -> u64 {
        let progress = progress(out).ok().flatten();
        progress.map_or(0, |progress| progress.parts)
    }

    /// How many parts are complete.
    pub fn finished(&self) -> u64 {
        self.progress.parts
    }

    /// Where in the inputs the next part starts.
    pub fn next(&self) -> Place {
        self.progress.next
    }

    /// What the run noted for itself with the last part; `Null` at the start.
    pub fn state(&self) -> &Value {
        &self.progress.state
    }

    /// What the run put aside with the last part, if it did.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Damaged`] when it is not what was put aside.
    pub fn memory(&self) -> Result<Vec<u8>> {
        let Some(expected) = &self.progress.memory else {
            return Ok(Vec::new());
        };
        let path = self.memory_path(self.progress.parts);
        let file = File::open(&path).and_then(zstd::decode_all);
        let memory = file.map_err(Error::io(&path))?;
        let found = checksum(&memory);
        if found == *expected {
            return Ok(memory);
        }
        Err(Error::Damaged {
            path,
            found: format!("its XXH3 is {found}, {PROGRESS} says {expected}"),
        })
    }

    /// The table of this name, behind its finished parts.
    ///
    /// # Errors
    /// [`Error::Io`] when its folder cannot be made or read.
    pub fn table<R: Record>(&self, name: &str) -> Result<Table<R>> {
        let part = self.progress.tables.iter().find(|part| part.name == name);
        Table::open(&self.out.new_path().join(name), name, part)
    }

    /// Ends a part: states how far each table has come, where the next part starts, and what the
    /// run must know then: `state`, and `memory` for what is too large for it. From here on a run
    /// that is cut off can go on.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn end_part(
        &mut self,
        tables: impl Into<Vec<TablePart>>,
        next: Place,
        state: Value,
        memory: &[u8],
    ) -> Result<()> {
        let tables = tables.into();
        let new = self.out.new_path();
        for table in &tables {
            sync_dir(&new.join(&table.name).join("data"))?;
            sync_dir(&new.join(&table.name))?;
        }
        sync_dir(&new)?;
        let parts = self.progress.parts + 1;
        if !memory.is_empty() {
            let path = self.memory_path(parts);
            let packed = zstd::encode_all(memory, 1).map_err(Error::io(&path))?;
            write_synced(&path, &packed)?;
        }
        let before = self.memory_path(self.progress.parts);
        self.progress = Progress {
            job: self.progress.job.clone(),
            parts,
            next,
            tables,
            memory: (!memory.is_empty()).then(|| checksum(memory)),
            state,
        };
        self.commit()?;
        self.out.keep();
        remove_file(&before)
    }

    fn commit(&self) -> Result<()> {
        let path = self.out.work().join(PROGRESS);
        let new = path.with_extension("new");
        let json = serde_json::to_vec_pretty(&self.progress).map_err(Error::json(&path))?;
        write_synced(&new, &json)?;
        fs::rename(&new, &path).map_err(Error::io(&path))?;
        sync_dir(&self.out.work())
    }

    /// Puts the folder in its place, with a card of all tables, when each of them is finished.
    ///
    /// # Errors
    /// [`Error::Io`] when that fails.
    pub fn publish(self, tables: &[Manifest]) -> Result<()> {
        let card = self.out.new_path().join(CARD);
        fs::write(&card, folder_card::render(tables.iter())).map_err(Error::io(&card))?;
        self.out.publish()
    }

    fn memory_path(&self, parts: u64) -> PathBuf {
        self.out.work().join(format!("memory-{parts:05}.zst"))
    }
}

/// The progress of an unfinished run, if it finished a part.
fn progress(out: &OutputDir) -> Result<Option<Progress>> {
    let path = out.work().join(PROGRESS);
    if !path.is_file() {
        return Ok(None);
    }
    let json = fs::read(&path).map_err(Error::io(&path))?;
    serde_json::from_slice(&json).map_err(Error::json(&path))
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path).map_err(Error::io(path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(Error::io(path))
}
