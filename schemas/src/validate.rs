//! Re-checks a dataset on disk: every checksum, count, schema and invariant.

mod negatives;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use self::negatives::check_negatives;
use crate::entity_table;
use crate::{
    Dataset, Error, Record, RelationCount, RelationExample, Result, Shard, Split, Work, for_record,
    sha256_file,
};

/// Problems that are listed one by one; further ones are only counted.
const LISTED: usize = 20;

/// What a check of a dataset found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Files whose checksum was compared.
    pub files: u64,
    /// Rows whose invariants were checked.
    pub rows: u64,
    /// The first problems, a sentence each.
    pub problems: Vec<String>,
    /// All problems.
    pub problem_count: u64,
}

impl Report {
    fn problem(&mut self, text: String) {
        self.problem_count += 1;
        if self.problems.len() < LISTED {
            self.problems.push(text);
        }
    }
}

/// Checks the dataset in `dir`. What is wrong with it goes into the report.
///
/// Memory: about 20 bytes a row with an id (the ids seen), 20 bytes a group where there are several
/// splits, and 16 bytes an entity of a dataset of links.
///
/// # Errors
/// [`Error::NotADataset`] and what makes checking impossible, such as a record type that this
/// version does not know.
pub fn validate(dir: &Path) -> Result<Report> {
    let dataset = Dataset::open(dir)?;
    let report = for_record(&dataset.manifest.record, Check(&dataset));
    report.unwrap_or_else(|| {
        Err(Error::WrongRecord {
            path: dir.to_owned(),
            expected: "a record type that this version knows".to_owned(),
            found: dataset.manifest.record.clone(),
        })
    })
}

struct Check<'a>(&'a Dataset);

impl Work for Check<'_> {
    type Output = Result<Report>;

    fn run<R: Record>(self) -> Result<Report> {
        let mut report = check_records::<R>(self.0)?;
        if R::RELATION_TABLE {
            check_relation_table(self.0, &mut report);
        }
        if R::ENTITY_TABLE {
            for fault in entity_table::faults::<R>(self.0) {
                report.problem(fault);
            }
        }
        if R::NEGATIVES {
            check_negatives(self.0, &mut report);
        }
        Ok(report)
    }
}

fn check_records<R: Record>(dataset: &Dataset) -> Result<Report> {
    dataset.manifest.expect_record::<R>(&dataset.dir)?;
    let mut report = Report::default();
    for (path, bytes, sha256) in dataset.manifest.listed() {
        check_file(&dataset.dir.join(path), path, bytes, sha256, &mut report);
    }
    let mut seen = Seen::default();
    for shard in &dataset.manifest.shards {
        if let Err(e) = check_shard::<R>(dataset, shard, &mut seen, &mut report) {
            report.problem(format!("{}: {e}", shard.path));
        }
    }
    Ok(report)
}

fn check_file(full: &Path, path: &str, bytes: u64, sha256: &str, report: &mut Report) {
    report.files += 1;
    match (full.metadata(), sha256_file(full)) {
        (Ok(found), _) if found.len() != bytes => {
            report.problem(format!(
                "{path}: {} bytes, the manifest says {bytes}",
                found.len()
            ));
        }
        (Ok(_), Ok(found)) if found != sha256 => {
            report.problem(format!(
                "{path}: its SHA-256 is {found}, the manifest says {sha256}"
            ));
        }
        (Err(e), _) | (_, Err(e)) => report.problem(format!("{path}: {e}")),
        _ => {}
    }
}

/// What has been met in the shards so far.
#[derive(Default)]
struct Seen {
    /// Row ids, hashed.
    ids: HashSet<u64>,
    /// The split of each group, hashed.
    groups: HashMap<u64, Split>,
}

impl Seen {
    /// The split of this group if it is another than `split`.
    fn other_split(&mut self, group: &[u8], split: Split) -> Option<Split> {
        let first = *self.groups.entry(xxh3_64(group)).or_insert(split);
        (first != split).then_some(first)
    }
}

fn check_shard<R: Record>(
    dataset: &Dataset,
    shard: &Shard,
    seen: &mut Seen,
    report: &mut Report,
) -> Result<()> {
    let manifest = &dataset.manifest;
    let reader = dataset.shard::<R>(shard)?;
    if *reader.schema() != R::arrow_schema(&manifest.class_names) {
        report.problem(format!("{}: its schema is not {}'s", shard.path, R::NAME));
    }
    let Some(split) = Split::ALL
        .into_iter()
        .find(|split| split.name() == shard.split)
    else {
        report.problem(format!("{}: unknown split {:?}", shard.path, shard.split));
        return Ok(());
    };
    let several = manifest.shards.iter().any(|s| s.split != shard.split);
    let mut rows = 0;
    for batch in reader {
        let batch = batch?;
        for row in &batch {
            let place = || format!("{} row {rows} ({})", shard.path, row.id());
            if let Err(fault) = row.check(&manifest.rules()) {
                report.problem(format!("{}: {fault}", place()));
            }
            // Statements have no id.
            if !row.id().is_empty() && !seen.ids.insert(xxh3_64(row.id().as_bytes())) {
                report.problem(format!("{}: it occurs twice", place()));
            }
            if several && let Some(other) = seen.other_split(&row.group(manifest.split_by), split) {
                report.problem(format!(
                    "{}: its {:?} is in {} too",
                    place(),
                    manifest.split_by,
                    other.name()
                ));
            }
            rows += 1;
        }
        report.rows += batch.len() as u64;
    }
    if rows != shard.rows {
        report.problem(format!(
            "{}: {rows} rows, the manifest says {}",
            shard.path, shard.rows
        ));
    }
    Ok(())
}

/// `relations.parquet` agrees with the rows.
fn check_relation_table(dataset: &Dataset, report: &mut Report) {
    let name = "relations.parquet";
    let counts = match count_relations(dataset) {
        Ok(counts) => counts,
        Err(e) => {
            // The shard that cannot be read has a line of its own by now.
            report.problem(format!("{name}: not compared with the rows: {e}"));
            return;
        }
    };
    let table = match dataset.table::<RelationCount>(name) {
        Ok(table) => table,
        Err(e) => {
            report.problem(format!("{name}: {e}"));
            return;
        }
    };
    if table.len() != counts.len() {
        report.problem(format!(
            "{name}: {} relations, expected {}",
            table.len(),
            counts.len()
        ));
    }
    for (row, count) in table.iter().zip(&counts) {
        if let Err(fault) = row.check(&dataset.manifest.rules()) {
            report.problem(format!("{name}: {fault}"));
        }
        if [row.train, row.validation, row.test] != *count {
            report.problem(format!(
                "{name}: {} has {}, {}, {} rows a split, the shards have {}, {}, {}",
                row.relation, row.train, row.validation, row.test, count[0], count[1], count[2]
            ));
        }
    }
}

/// The rows of each relation in each split.
fn count_relations(dataset: &Dataset) -> Result<Vec<[i64; 3]>> {
    let mut counts = vec![[0; 3]; dataset.manifest.class_names.len()];
    for split in Split::ALL {
        for row in dataset.rows::<RelationExample>(split)? {
            let label = row?.label.and_then(|label| usize::try_from(label).ok());
            if let Some(count) = label.and_then(|label| counts.get_mut(label)) {
                count[split as usize] += 1;
            }
        }
    }
    Ok(counts)
}
