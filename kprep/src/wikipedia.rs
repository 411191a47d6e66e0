//! `kprep wikipedia`: a dump of Wikipedia to pages of plain text with their links.

use std::collections::HashSet;
use std::io::{Write, stderr, stdout};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use kprep_ingest::{Input, Redirects, RedirectsBuilder, Sections};
use kprep_schemas::{
    DatasetWriter, GroupBy, Manifest, Page, Provenance, Redirect, Split, check_free, stable_hash,
    thousands,
};
use serde_json::{Map, Value, json};

use self::convert::{Outcome, Wanted};
use self::loss::{Counts, Loss};
use self::read::{Part, Source};
use crate::args::start_threads;
use crate::errors::Errors;
use crate::inputs;
use crate::inputs::Described;
use crate::progress::Progress;

mod card;
mod convert;
mod loss;
mod read;

/// Build pages of plain text with sentences, words and links from a dump of Wikipedia.
///
/// Reads MediaWiki's pages-articles.xml, multistream or not, and DBpedia's abstracts (a URI, a tab and
/// a text a line), told apart by their content, compressed or not. A dump is read twice: for its
/// redirects, then for its pages. Templates, tables, references, files and headings are left out
/// of the text; a link's mention is the title that it leads to, redirects followed.
///
/// Memory: about 10 MB a thread, about 70 bytes a redirect (twice that between the passes), 18 bytes a
/// page, and a row group (32,768 pages) as packed pages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders (all *.xml, *.tsv, *.csv and *.ttl in them), or zip archives
    #[arg(value_name = "DUMP", required = true)]
    inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(long, short, value_name = "DIR", default_value = "data/wikipedia")]
    out: PathBuf,

    /// Only the text before the first heading, as T-REx has it
    #[arg(long)]
    abstracts: bool,

    /// Leave out the sections with this heading, and what is below them; instead of the usual ones
    /// [default: References, External links, See also, … of English Wikipedia]
    #[arg(long, value_name = "HEADING")]
    drop_section: Vec<String>,

    /// Numbers of the namespaces to keep; 0 has the articles
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "0",
        allow_negative_numbers = true
    )]
    namespace: Vec<i32>,

    /// Read only the first N pages, redirects included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,

    /// Worker threads; the output does not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Malformed pages, and files that break off, to put up with. A malformed page is skipped and
    /// counted in any case, and more than N end the command with exit code 3; a file that breaks
    /// off ends it at once, without a dataset, unless N allows for it
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_errors: u64,

    /// Replace the dataset at --out
    #[arg(long)]
    overwrite: bool,

    /// No progress and no summary on stderr
    #[arg(long, short)]
    quiet: bool,

    /// Print the summary on stdout as JSON
    #[arg(long)]
    json: bool,
}

/// What the files of a folder are called, before the suffix of a compression.
const SUFFIXES: [&str; 4] = [".xml", ".tsv", ".csv", ".zip"];

/// Sections of English Wikipedia that hold no prose.
const NO_PROSE: [&str; 16] = [
    "References",
    "External links",
    "See also",
    "Further reading",
    "Notes",
    "Bibliography",
    "Sources",
    "Footnotes",
    "Citations",
    "Notes and references",
    "References and notes",
    "Works cited",
    "Explanatory notes",
    "Gallery",
    "Notes and citations",
    "Sources and further reading",
];

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let start = Instant::now();
    check_free(&args.out, args.overwrite)?;
    let inputs = inputs::find(&args.inputs, &SUFFIXES, args.quiet)?;
    ensure!(
        !inputs.iter().any(Input::is_stream),
        "the input is read twice, which a pipe cannot be: save it as a file, which may be compressed"
    );
    let total = inputs::total_bytes(&inputs).map(|bytes| 2 * bytes);
    let progress = Progress::start("wikipedia", total, args.quiet);
    let source = |only_heads| Source {
        inputs: &inputs,
        threads: start_threads(args.threads),
        read: &progress.read,
        only_heads,
    };

    let described = Described::begin(&inputs);
    let (redirects, nowhere) = args.redirects(&source(true))?;
    let wanted = Wanted {
        namespaces: &args.namespace,
        sections: args.sections(),
        redirects: &redirects,
    };
    let mut build = Build {
        writer: DatasetWriter::create(&args.out, args.overwrite, Vec::new())?,
        errors: Errors::new(args.max_errors, args.quiet),
        counts: Counts::default(),
        titles: HashSet::new(),
        limit: args.limit.unwrap_or(u64::MAX),
    };
    source(false).pages(
        |item| wanted.outcome(item),
        |part| {
            let more = build.add(part)?;
            progress.lost.store(build.counts.lost(), Ordering::Relaxed);
            Ok(more)
        },
    )?;
    let Build {
        mut writer,
        errors,
        counts,
        ..
    } = build;
    let rows: Vec<Redirect> = redirects.iter().map(row).collect();
    writer.write_table("redirects.parquet", &rows)?;
    let nowhere = ("redirects that lead to no page", nowhere);
    let funnel = counts.funnel([("redirects in a circle", redirects.circles), nowhere]);
    if counts.kept == 0 {
        bail!("no page of the inputs is left:\n{funnel}");
    }
    let provenance = Provenance {
        command: "wikipedia",
        arguments: args.describe(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: described.finish(&inputs, args.limit.is_none())?,
        funnel,
    };
    let manifest = writer.finish(provenance, &card::card(&counts, rows.len()))?;
    drop(progress);
    args.tell(&manifest, &counts, rows.len(), &errors, start)
}

fn row((title, target): (&str, &str)) -> Redirect {
    Redirect {
        title: title.to_owned(),
        target: target.to_owned(),
    }
}

/// What the pages flow into.
struct Build {
    writer: DatasetWriter<Page>,
    errors: Errors,
    counts: Counts,
    /// Hashes of the titles so far.
    titles: HashSet<u64>,
    /// Pages to read at most.
    limit: u64,
}

impl Build {
    fn add(&mut self, part: Part<Outcome>) -> Result<ControlFlow<()>> {
        let pages = match part {
            Part::Pages(pages) => pages,
            Part::Broken(message) => {
                self.errors.file(&message)?;
                return Ok(ControlFlow::Continue(()));
            }
        };
        for page in pages {
            self.counts.read += 1;
            self.add_page(page)?;
            if self.counts.read == self.limit {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn add_page(&mut self, page: Outcome) -> Result<()> {
        match page {
            Outcome::Row(row, _) if !self.titles.insert(stable_hash([row.title.as_bytes()])) => {
                self.counts.lose(Loss::Repeated);
                let reject = kprep_schemas::Reject {
                    doc_id: Some(row.id.clone()),
                    reason: Loss::Repeated.reason(),
                    detail: row.title.clone(),
                    ..kprep_schemas::Reject::default()
                };
                self.writer.reject(&reject)?;
            }
            Outcome::Row(row, links) => {
                self.counts.kept += 1;
                self.counts.sentences += row.sentence_start.len() as u64;
                self.counts.words += row.word_start.len() as u64;
                self.counts.mentions += row.mention_start.len() as u64;
                self.counts.lose_links(&links);
                self.writer.push(Split::Train, *row)?;
            }
            Outcome::Lost(loss, reject) => {
                self.counts.lose(loss);
                let Some(reject) = reject else { return Ok(()) };
                if matches!(loss, Loss::Malformed | Loss::TooLarge | Loss::Failed) {
                    let source = reject.source.as_deref().unwrap_or_default();
                    let byte = reject.byte.unwrap_or_default();
                    let told = format!("{source}, page at byte {byte}: {}", reject.detail);
                    self.errors.record(&told);
                }
                self.writer.reject(&reject)?;
            }
        }
        Ok(())
    }
}

impl Args {
    /// First pass: the redirects, and how many lead to no page. What is malformed is told of in the
    /// second pass; here a broken file ends the run before anything is written.
    fn redirects(&self, source: &Source<'_>) -> Result<(Redirects, u64)> {
        let mut builder = RedirectsBuilder::default();
        let mut errors = Errors::new(self.max_errors, true);
        let (mut read, mut nowhere) = (0, 0);
        let limit = self.limit.unwrap_or(u64::MAX);
        source.pages(
            |item| convert::redirect(item, &self.namespace),
            |part| {
                let pages = match part {
                    Part::Pages(pages) => pages,
                    Part::Broken(message) => {
                        errors.file(&message)?;
                        return Ok(ControlFlow::Continue(()));
                    }
                };
                for page in pages {
                    read += 1;
                    match page {
                        Some((title, Some(target))) => builder.add(&title, &target),
                        Some((_, None)) => nowhere += 1,
                        None => {}
                    }
                    if read == limit {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok((builder.finish(), nowhere))
    }

    fn sections(&self) -> Sections {
        Sections {
            only_first: self.abstracts,
            without: self.left_out(),
        }
    }

    fn left_out(&self) -> Vec<String> {
        if self.drop_section.is_empty() {
            NO_PROSE.map(str::to_owned).into()
        } else {
            self.drop_section.clone()
        }
    }

    /// The arguments that shape the dataset.
    fn describe(&self) -> Map<String, Value> {
        let arguments = json!({
            "abstracts": self.abstracts,
            "drop-section": self.left_out(),
            "namespace": self.namespace,
            "limit": self.limit,
            "max-errors": self.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }

    /// Tells what was built and gives the exit code: 3 when more was lost than `--max-errors` allows.
    fn tell(
        &self,
        manifest: &Manifest,
        counts: &Counts,
        redirects: usize,
        errors: &Errors,
        start: Instant,
    ) -> Result<ExitCode> {
        let seconds = start.elapsed().as_secs_f64();
        if !self.quiet {
            let mut err = stderr().lock();
            write!(err, "{}", manifest.funnel)?;
            writeln!(
                err,
                "{}: {} pages with {} sentences, {} words and {} mentions, {} redirects in {seconds:.1} s",
                self.out.display(),
                thousands(counts.kept),
                thousands(counts.sentences),
                thousands(counts.words),
                thousands(counts.mentions),
                thousands(redirects as u64),
            )?;
            if errors.count > 0 {
                let count = thousands(errors.count);
                writeln!(err, "{count} malformed inputs; see rejects.jsonl.zst")?;
            }
        }
        if self.json {
            let summary = json!({
                "out": self.out,
                "pages": counts.kept,
                "sentences": counts.sentences,
                "words": counts.words,
                "mentions": counts.mentions,
                "redirects": redirects,
                "funnel": manifest.funnel,
                "errors": errors.count,
                "seconds": seconds,
            });
            writeln!(stdout(), "{summary:#}")?;
        }
        Ok(if errors.beyond_max() {
            ExitCode::from(3)
        } else {
            ExitCode::SUCCESS
        })
    }
}
