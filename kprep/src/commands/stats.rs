//! `kprep stats`: what is in a dataset, in figures.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, Concept, Dataset, DependencyExample, Entity, Fact,
    LabelExample, LinkExample, Page, PairExample, Property, QuestionExample, Record, Redirect,
    RelationExample, Synset, Triple, TypingExample,
};

use crate::console::{show, show_json};
use crate::datasets::several;
use crate::flags::ThreadFlags;
use crate::report::Forms;
use crate::sources::lexicon::Wordnet;
use crate::threads::start_threads;

use crate::report::benchmark;
use crate::report::heads;
use crate::report::relations;
use crate::report::spans;

/// Print statistics of a dataset: lengths, labels, shares.
///
/// Example: kprep stats data/deps --html deps.html
///
/// Reads every row of a dataset, all splits together. Of a folder of several datasets, these are listed.
///
/// Relation datasets: how often each relation, kind of object and aligner occurs, lengths of
/// sentences and mentions, words between the two mentions, and pairs that have several relations.
/// "Majority" is the majority-class baseline: the accuracy of the most frequent relation of train.
///
/// Dependency datasets: lengths of sentences and of arcs (from a word to its head), labels, words
/// without a head, the trees' depth, and how many of them are not projective: some word between the
/// ends of an arc does not descend from the arc's head. Rows that are no tree are counted, and left
/// out of the statistics of trees. "Right neighbour guessed right" is the always-right-neighbour
/// baseline: the next word as the head of each word, the root as the head of the last. p90 is the
/// length that 90 percent do not exceed.
///
/// Benchmarks: lengths in words (separated by blanks); of mentions, how often each type occurs; of
/// questions with paragraphs, how many have an answer there. Multiple choice and cloze queries have
/// a majority-class baseline: the label, or for each relation the word, that is right most often in
/// train, or in all rows where train has none. Its mean over the relations compares with the P@1 of
/// `ktrain probe`.
///
/// Tables of Wikidata and Wikipedia: how many have a label, a page, a link; which kinds of values,
/// properties and languages occur; lengths of pages.
///
/// Wordnets: words and examples a synset, how many senses were tagged and how many are the first of
/// their word, and how often each lexicographer file and each relation occurs.
///
/// Labels and links: spans a text, classes or candidates a span, and baselines without a model, a
/// split each: the most frequent answer of train (right where it is among the allowed classes of a
/// span), that of the same words in train, the highest prior where there are several candidates, and
/// with --wordnet the first sense of words whose supersense the text tells.
///
/// --html writes a report with charts, first rows, source, licence and command as one self-contained
/// page for a browser. What the splits share was counted when the dataset was written.
///
/// Memory: a batch of 4,096 rows a thread (fewer of rows with whole texts), and the counts; for
/// relation sets 16 bytes a row; for labels and links 16 for each answer of each distinct form.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR", help_heading = "Input")]
    pub(crate) dir: PathBuf,

    /// What `kprep wordnet` wrote, for first senses of a dataset of supersenses
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    wordnet: Option<PathBuf>,

    #[command(flatten)]
    forms: Forms,

    #[command(flatten)]
    threads: ThreadFlags,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if let Some(datasets) = several::below(&args.dir) {
        return list(args, &datasets);
    }
    let dataset = Dataset::open(&args.dir)?;
    start_threads(args.threads.threads, false);
    match dataset.manifest.record.as_str() {
        DependencyExample::NAME => heads::run(&args.forms, &dataset)?,
        RelationExample::NAME => relations::run(&args.forms, &dataset)?,
        TypingExample::NAME => benchmark::run::<TypingExample>(&args.forms, &dataset)?,
        ChoiceExample::NAME => benchmark::run::<ChoiceExample>(&args.forms, &dataset)?,
        QuestionExample::NAME => benchmark::run::<QuestionExample>(&args.forms, &dataset)?,
        ClozeExample::NAME => benchmark::run::<ClozeExample>(&args.forms, &dataset)?,
        Synset::NAME => benchmark::run::<Synset>(&args.forms, &dataset)?,
        Fact::NAME => benchmark::run::<Fact>(&args.forms, &dataset)?,
        LabelExample::NAME => {
            let wordnet = args.wordnet.as_deref().map(Wordnet::open).transpose()?;
            let lexicon = wordnet.as_ref().map(|wordnet| &wordnet.lexicon);
            spans::run::<LabelExample>(&args.forms, &dataset, lexicon)?;
        }
        LinkExample::NAME => spans::run::<LinkExample>(&args.forms, &dataset, None)?,
        PairExample::NAME => benchmark::run::<PairExample>(&args.forms, &dataset)?,
        Concept::NAME => benchmark::run::<Concept>(&args.forms, &dataset)?,
        Entity::NAME => benchmark::run::<Entity>(&args.forms, &dataset)?,
        Property::NAME => benchmark::run::<Property>(&args.forms, &dataset)?,
        Triple::NAME => benchmark::run::<Triple>(&args.forms, &dataset)?,
        Page::NAME => benchmark::run::<Page>(&args.forms, &dataset)?,
        Redirect::NAME => benchmark::run::<Redirect>(&args.forms, &dataset)?,
        AlignedPage::NAME => benchmark::run::<AlignedPage>(&args.forms, &dataset)?,
        other => bail!(
            "{}: no statistics of {other} records in this version",
            args.dir.display()
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// Of a folder of several datasets: which there are.
fn list(args: &Args, datasets: &[Dataset]) -> Result<ExitCode> {
    ensure!(
        args.forms.html.is_none(),
        "{} holds {} datasets: --html draws one of them, name its folder",
        args.dir.display(),
        datasets.len()
    );
    if args.forms.json {
        show_json(&several::json(datasets))?;
    } else {
        show(&several::list(&args.dir, datasets))?;
    }
    Ok(ExitCode::SUCCESS)
}
