//! The command line: one file a command, with its flags and what it does.

use std::backtrace::Backtrace;
use std::env;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::panic::{self, PanicHookInfo};
use std::process::{self, ExitCode};

use crate::Error;
use crate::libtorch::reason::reason_of_panic;
use crate::report::console::printable_lines;
use crate::train::stop;
use clap::{Parser, Subcommand};
use kprep_schemas::with_causes;

mod bench;
mod computing;
mod encode;
mod finetune;
mod flags;
mod import_adapter;
mod info;
mod plan;
mod predict;

mod print;
mod probe;
mod score;
mod settings;
mod train;

/// Pre-train one knowledge adapter for every dataset below a folder.
///
/// Ctrl-C and SIGTERM write a checkpoint after the step that runs, and end the program with exit
/// code 130 or 143; --resume goes on. A run that has done its last step is finished first, and the
/// next one is not begun; where it was the last, the program ends as if no signal had come. A second
/// signal ends it at once. Any error is exit code 1.
#[derive(Parser)]
#[command(
    version,
    args_override_self = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    pretrain: train::Args,
}

#[derive(Subcommand)]
enum Command {
    /// Measure the data loader and the training step, each alone
    Bench(Box<bench::Args>),
    /// Fine-tune a backbone, with frozen adapters, on a downstream task, and score it
    ///
    /// The task is that of the dataset. The whole backbone is trained, a copy of its own; the
    /// adapters stay as they are, which checksums prove. Their features stand side by side: [s ; o]
    /// of each, where s is the backbone's last hidden state and o the adapter's output. The settings
    /// are the paper's best ones for the benchmark and the kind of adapters (what it leaves open is
    /// ours); --set and the other flags change them. The weights with the best validation score are
    /// kept, and tested. Rows without a label, and those whose entity lies beyond the longest input,
    /// are left out and counted.
    ///
    /// --rows fine-tunes once for each row of a comparison and writes one table: backbone (alone),
    /// multitask (the backbone of a run with --variant multitask, named with --multitask), none (an
    /// adapter with random values), or adapters by their names, joined by +:
    ///
    ///   ktrain finetune --data data/semeval --adapter F=runs/trex-rc --adapter L=runs/deps
    ///       --rows backbone,none,F,L,F+L --seeds 42,43,44 --out runs/semeval
    #[command(verbatim_doc_comment)]
    Finetune(Box<finetune::Args>),
    /// Predict with a fine-tuned model, or with several side by side
    ///
    /// An adapter that was trained on relations, or imported with their names, predicts them as it is, on its
    /// --backbone.
    ///
    /// What the input holds is what the models were trained on; all of one call must read the same.
    /// Empty lines are skipped.
    ///
    /// Relations and types of entities: a sentence a line, with its entities marked (a model for types
    /// reads <e1> alone). White space and punctuation separate words. Each sentence gets the labels with
    /// the highest scores, with probability and logit:
    ///
    ///   The <e1>rain</e1> came from a <e2>cloud</e2>.
    ///
    /// Answers to choose from (CosmosQA): a JSON object a line. Each question gets its answers, the best
    /// first, with probability and logit:
    ///
    ///   {"context": "It rained.", "question": "Why is he wet?", "answers": ["The rain.", "A bath."]}
    ///
    /// Answers in paragraphs (SearchQA, Quasar-T): a JSON object a line. Each question gets the best span
    /// of each paragraph, the best first. The score is by how much a span is above no answer in its
    /// paragraph, and the first span is the answer that fine-tuning counts; paragraphs count from 0:
    ///
    ///   {"question": "Who sang?", "paragraphs": ["Nobody came.", "Then Ann sang."]}
    ///
    /// An object may have an id, which --json repeats; labels and other fields are ignored. So a dataset
    /// can be asked as it is:
    ///
    ///   kprep export data/cosmos --format jsonl --split test | ktrain predict --model DIR --input -
    ///
    /// What is longer than a model reads is cut where training cut it, and that is told; where nothing
    /// can be cut, the model says nothing, and that is told and counted. The scores that fine-tuning
    /// states come back with the --precision that it had.
    ///
    /// A line has at most 1 MiB (1,048,576 bytes), a JSON object 16 MiB.
    ///
    /// Memory: the models and --batch-size lines; of sentences all.
    #[command(verbatim_doc_comment)]
    #[allow(clippy::doc_link_with_quotes)] // JSON, no link
    Predict(predict::Args),
    /// Tell what an adapter, a backbone or a preset is, and how many parameters it has
    Info(info::Args),
    /// Write the features of a text's lines as safetensors
    ///
    /// Tensor `0` holds the features of the first line, tensor `1` those of the second and so on:
    /// [tokens, width] in fp32. The width is the backbone's last hidden state s once, then the
    /// output o of each adapter, in the order of the flags: [s ; o1 ; o2 ...]. White space
    /// separates words; each is taken with a space before it, as in training. Lines have a start
    /// and an end token; an empty line has these two alone. A line has at most 1 MiB (1,048,576 bytes).
    Encode(encode::Args),
    /// Make a file of K-Adapter's release an adapter that encode, finetune and probe use
    ///
    /// FILE is a `pytorch_model.bin` of the released code, or adapter.safetensors. Its shapes say how
    /// large the adapter is, and whether it is one of the released code (--preset released). No shape
    /// says which hidden states it reads and to what length its inputs are padded: these are the
    /// preset's, unless --set adapter_plug=0,11,23 and --set max_length=64 name others. --backbone is
    /// the one that it was trained on; the released adapters have roberta-large:
    ///
    ///   ktrain import-adapter fac-adapter/pytorch_model.bin --preset released
    ///       --labels utils_glue.py --backbone roberta-large --out adapters/factual
    #[allow(clippy::doc_markdown)] // a terminal shows it as it stands
    #[command(verbatim_doc_comment)]
    ImportAdapter(import_adapter::Args),
    /// Score anyone's predictions by a benchmark's own definition
    ///
    /// Both files are in the form that the benchmark's scorer reads:
    ///
    ///   tacred      a relation a line, in the same order (as TACRED's scorer.py)
    ///   semeval     ID<TAB>RELATION, in any order; predictions may be missing (semeval2010_task8_scorer)
    ///   figer       TOKEN<TAB>TAG with tags O, B-TYPES and I-TYPES (exp.label), or the types of an
    ///               entity a line
    ///   openentity  the types of an entity a line, with commas or spaces between them
    ///   cosmosqa, relation  a label a line: accuracy
    ///
    /// A file that does not fit is an error with the line, exit code 1.
    #[allow(clippy::doc_markdown)] // a terminal shows it as it stands
    #[command(verbatim_doc_comment)]
    Score(score::Args),
    /// Ask for facts with a word left out (LAMA), with and without adapters
    ///
    /// Backbone and adapters are frozen. What is trained, on the text of --text, is a layer that guesses
    /// masked tokens from their features: one for the backbone alone, one for each adapter beside it, and
    /// one for all adapters together, on the same masks. It ends in the backbone's own embeddings. Then
    /// each model ranks the words of the vocabulary in the gap of each fact: P@1, P@10 and MRR, for each
    /// relation and as their mean; which facts an adapter gained and lost; and examples. All in probe.md
    /// and probe.json.
    ///
    /// Memory: 8 bytes a token of the text, and 1 GB for the scores of 8,192 tokens.
    Probe(Box<probe::Args>),
}

/// Runs what the command line asks for.
pub fn run_command_line() -> ExitCode {
    with_environment();
    let _ = stop::survive_file_limits(); // else the program ends at the limit, as others do
    let cli = Cli::parse();
    panic::set_hook(Box::new(say_panic));
    // What unwinds has been said by then, and is a failure like any other.
    panic::catch_unwind(|| run(cli)).unwrap_or(ExitCode::FAILURE)
}

/// Runs the command, and says why it failed.
fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        None => train::run(&cli.pretrain),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Predict(args)) => predict::run(&args),
        Some(Command::Info(args)) => info::run(&args),
        Some(Command::Encode(args)) => encode::run(&args),
        Some(Command::Finetune(args)) => finetune::run(&args),
        Some(Command::Probe(args)) => probe::run(&args),
        Some(Command::ImportAdapter(args)) => import_adapter::run(&args),
        Some(Command::Score(args)) => score::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A library's message may have lines of its own; what files say is escaped in each.
            let text = printable_lines(&with_causes(error.as_ref()));
            let _ = writeln!(io::stderr(), "error: {text}");
            let signal = error.downcast_ref::<Error>().and_then(Error::signal);
            signal.map_or(ExitCode::FAILURE, |signal| stop::exit_code(signal).into())
        }
    }
}

/// Says a panic in a sentence. tch panics where libtorch refuses an operation or memory: libtorch's
/// reason is said as an error's is. Any other panic is a fault of this program, named with its place.
fn say_panic(panic: &PanicHookInfo<'_>) {
    let text = panic.payload_as_str().unwrap_or("a panic without a reason");
    let text = reason_of_panic(text).unwrap_or_else(|| {
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        format!("{text}, at {place}: this is a fault of ktrain, please report it")
    });
    let _ = writeln!(io::stderr(), "error: {text}");
    if env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        let _ = writeln!(io::stderr(), "{}", Backtrace::force_capture());
    }
}

/// What libraries read from the environment before `main`.
///
/// Threads sleep while they wait for each other: by default they spin, and where another program
/// uses the same cores, each wait then lasts until that program is interrupted. Training was ten
/// times slower beside one busy program. And freed memory is kept, in large pages: by default each
/// operation gets its own from the system, which clears every page of it first. That was a fifth of
/// a training step.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("OMP_WAIT_POLICY", "passive"),
    (
        "MALLOC_CONF",
        "thp:always,oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:-1",
    ),
];

/// Starts the program anew with [`ENVIRONMENT`], as far as it is not set otherwise.
fn with_environment() {
    let missing = ENVIRONMENT
        .iter()
        .filter(|(name, _)| env::var_os(name).is_none());
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return;
    }
    if let Ok(program) = env::current_exe() {
        // On failure this process goes on as it is, only slower.
        let _ = process::Command::new(program)
            .args(env::args_os().skip(1))
            .envs(missing.into_iter().copied())
            .exec();
    }
}
