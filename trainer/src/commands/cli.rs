//! The commands with their help.

use clap::{Parser, Subcommand};

use crate::commands::computing::Computing;
use crate::commands::{
    bench, completions, defaults, embed, encode, finetune, import_adapter, info, predict, probe,
    report, score, settings, train,
};

/// Train knowledge adapters (K-Adapter) on a frozen backbone, and use them downstream
///
/// ktrain reads the datasets that kprep writes, and Hugging Face checkpoints as backbones.
///
///   ktrain train --shards data/trex-rc      # writes the adapter runs/trex-rc
///
/// `ktrain --shards DIR ...` is short for `ktrain train --shards DIR ...`. Of the Python package,
/// `ktrain setup` gets libtorch and the small default backbone (`ktrain setup --help`); in a source
/// tree, `make libtorch backbone` does.
///
/// Exit codes: 0 done; 1 failed; 2 wrong usage; 130 after Ctrl-C and 143 after SIGTERM. A signal
/// writes a checkpoint after the current step, and --resume continues from it; a second signal
/// ends the program at once.
#[derive(Parser)]
#[command(
    name = "ktrain",
    version,
    args_override_self = true,
    arg_required_else_help = true,
    subcommand_required = true,
    verbatim_doc_comment,
    max_term_width = 100
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
#[allow(clippy::doc_markdown)] // a terminal shows it as it is
pub(super) enum Command {
    /// Train one adapter for each dataset below a folder
    ///
    ///   ktrain train --shards data/trex-rc     # writes the adapter runs/trex-rc
    ///
    /// The backbone is frozen; the adapter and a prediction head are trained. A folder in --out
    /// holds the adapter, its card (README.md), its settings, and in training/ the log and the
    /// learning curve. `ktrain --shards DIR` is short for `ktrain train --shards DIR`.
    ///
    /// A sweep trains one run for each value of a setting. Runs that read the same batches share
    /// one pass through the backbone (seeds: with --set order_seed=N); the others are trained one
    /// after the other. Each run has the same bytes as if it were trained alone. The folder above
    /// them holds a table of their scores:
    ///
    ///   ktrain train --shards data/trex-rc --seeds 42,43,44      # runs/trex-rc-seeds/README.md
    ///   ktrain train --shards data/trex-rc --sweep learning_rate=1e-5,2e-5
    #[command(verbatim_doc_comment, after_help = defaults::training())]
    Train(Box<train::Args>),
    /// Fine-tune a backbone, with frozen adapters, on a benchmark, and score it
    ///
    ///   ktrain finetune --data data/semeval --adapter F=runs/trex-rc --out runs/semeval-f
    ///
    /// The folder in --out holds the model, its card (README.md) and its scores. The whole backbone
    /// is trained, a copy of its own; the adapters are frozen, which checksums prove. The features
    /// of the adapters are concatenated: [s ; o] of each, where s is the backbone's last hidden
    /// state and o the adapter's output. The defaults are the paper's best settings for the
    /// benchmark. The weights with the best validation score are kept and tested. Rows without a
    /// label, and those whose entity is beyond the longest input, are left out and counted.
    ///
    /// --rows compares models in one table: backbone (alone), multitask (the backbone of a run with
    /// --variant multitask, named with --multitask), random (a randomly initialised adapter), or
    /// adapters by their names, joined by +:
    ///
    ///   ktrain finetune --data data/semeval --adapter F=runs/trex-rc --adapter L=runs/deps \
    ///       --rows backbone,random,F,L,F+L --seeds 42,43,44 --out runs/semeval
    ///
    /// --sweep searches settings. The paper's search is
    ///
    ///   --sweep learning_rate=2e-5,1e-5,5e-6,1e-6 --sweep warmup_steps=0,200,500,1000,1200
    #[command(verbatim_doc_comment, after_help = defaults::finetuning())]
    Finetune(Box<finetune::Args>),
    /// Predict with fine-tuned models, or with adapters trained on relations or pairs
    ///
    ///   ktrain predict --model runs/semeval-f --input sentences.txt     # prints the predictions
    ///
    /// Several models predict side by side. The models define what the input is; all of one call
    /// must read the same. Empty lines are skipped. Adapters run on --backbone, which must be the
    /// one that they were trained on.
    ///
    /// Relations and types of entities: a sentence a line with entity markers (for types <e1>
    /// alone). White space and punctuation separate words. Output: the labels with the highest
    /// scores, with probability and logit:
    ///
    ///   The <e1>rain</e1> came from a <e2>cloud</e2>.
    ///
    /// Multiple choice (CosmosQA): a JSON object a line. Output: the answers, the best first, with
    /// probability and logit:
    ///
    ///   {"context": "It rained.", "question": "Why is he wet?", "answers": ["The rain.", "A bath."]}
    ///
    /// Answers in paragraphs (SearchQA, Quasar-T): a JSON object a line. Output: the best span of
    /// each paragraph, the best first. A span's score is its margin over "no answer" in its
    /// paragraph; the first span is the answer that fine-tuning scores. Paragraphs count from 0:
    ///
    ///   {"question": "Who sang?", "paragraphs": ["Nobody came.", "Then Ann sang."]}
    ///
    /// An object may have an id, which --json repeats; labels and other fields are ignored:
    ///
    ///   kprep export data/cosmos --format jsonl --split test | ktrain predict --model DIR --input -
    ///
    /// Longer inputs are truncated as in training, and marked; inputs that cannot be truncated have
    /// no prediction, and are counted. With the --precision of fine-tuning, the scores are those
    /// that it printed.
    ///
    /// A line has at most 1 MiB (1,048,576 bytes), a JSON object 16 MiB. Memory: the models and
    /// --batch-size lines; all lines of sentences.
    #[command(verbatim_doc_comment)]
    #[allow(clippy::doc_link_with_quotes)] // JSON, no link
    Predict(predict::Args),
    /// Write the features of a text's lines as safetensors
    ///
    ///   ktrain encode --adapter runs/trex-rc --input text.txt --out features.safetensors
    ///
    /// Tensor `0` holds the features of the first line, tensor `1` those of the second and so on:
    /// [tokens, width] in fp32. The width is the backbone's last hidden state s once, then the
    /// output o of each adapter, in the order of the flags: [s ; o1 ; o2 ...]. White space
    /// separates words; each has a space before it, as in training. Lines have a start and an end
    /// token; an empty line has these two alone. A line has at most 1 MiB (1,048,576 bytes).
    #[command(verbatim_doc_comment)]
    Encode(encode::Args),
    /// Learn vectors of the entities of a knowledge graph (TransE)
    ///
    ///   ktrain embed --graph data/umls --out umls.safetensors     # prints hits@1, hits@10 and MRR
    ///
    /// TransE (Bordes et al., 2013) learns a vector for each entity and relation, so that head +
    /// relation is near the tail of a fact. The test asks for the head and the tail of each fact of
    /// the test split; other right answers do not count (filtered ranks). The row "frequency" ranks
    /// entities by how often they were that end of the relation. The file has the tensors `vectors`
    /// and `relations`, and `ids` and `relation_ids`, texts with a line for each row. No backbone is
    /// needed. ktrain train reads the file where entities are linked (--set vectors=FILE).
    ///
    /// Memory: the vectors, and about 80 bytes a fact.
    #[command(verbatim_doc_comment)]
    Embed(embed::Args),
    /// Rank words for cloze queries (LAMA probe), with and without adapters
    ///
    ///   ktrain probe --data data/lama --adapter F=runs/trex-rc --text data/trex-rc --out runs/probe
    ///
    /// The folder in --out holds the tables (probe.md, probe.json), the trained MLM heads and, in
    /// probe-training, their metrics. Backbone and adapters are frozen. On the text of --text an
    /// MLM head (masked language model) is trained for the backbone alone, one for each adapter
    /// beside it, and one for all adapters together, on the same masks; its output layer is the
    /// backbone's own embeddings. Then each model ranks the words of the vocabulary for each cloze
    /// query: P@1, P@10 and MRR, for each relation and as their mean; the queries that an adapter
    /// gained and lost; and examples.
    ///
    /// Memory: 8 bytes a token of the text, and 1 GB for the scores of 8,192 tokens.
    #[command(verbatim_doc_comment)]
    Probe(Box<probe::Args>),
    /// Score anyone's predictions by a benchmark's own definition
    ///
    ///   ktrain score tacred --gold gold.txt --predictions mine.txt     # prints the scores
    ///
    /// Both files are in the format that the benchmark's scorer reads:
    ///
    ///   tacred      a relation a line, in the same order (as TACRED's scorer.py)
    ///   semeval     ID<TAB>RELATION, in any order; predictions may be missing
    ///               (semeval2010_task8_scorer)
    ///   figer       TOKEN<TAB>TAG with tags O, B-TYPES and I-TYPES (exp.label), or the types of
    ///               an entity a line
    ///   openentity  the types of an entity a line, with commas or spaces between them
    ///   cosmosqa, relation  a label a line: accuracy
    ///
    /// A file in another format is an error with the line, exit code 1.
    #[command(verbatim_doc_comment)]
    Score(score::Args),
    /// Describe an adapter, backbone, dataset, table of runs, preset or device, with its counts
    ///
    ///   ktrain info runs/trex-rc               # prints what the folder holds
    ///   ktrain info --preset released          # the adapter of a preset on RoBERTa-large
    ///   ktrain info --device cuda              # what the device supports
    #[command(verbatim_doc_comment)]
    Info(info::Args),
    /// Explain the settings of --set: meaning, values, defaults
    ///
    ///   ktrain settings                        # all of them
    ///   ktrain settings adapter pads           # those with one of these words in their names
    #[command(verbatim_doc_comment)]
    Settings(settings::Args),
    /// Write a page about a run for a browser: curves, table of runs, what is right and wrong
    ///
    ///   ktrain report runs/trex-rc --data data/trex-rc --html trex-rc.html
    ///
    /// The page needs nothing from elsewhere. It has the learning curves, the scores of the runs on the
    /// same dataset beside this one (or of those of a sweep, of which the folder is named) and, with
    /// --data, of relations and pairs what the model takes for what, and examples that it gets right
    /// and wrong.
    #[command(verbatim_doc_comment)]
    Report(report::Args),
    /// Convert an adapter of K-Adapter's release for the other commands
    ///
    ///   ktrain import-adapter fac-adapter/pytorch_model.bin --preset released \
    ///       --labels utils_glue.py --backbone roberta-large --out adapters/factual
    ///
    /// The folder in --out is an adapter that encode, finetune, predict and probe read. FILE is a
    /// `pytorch_model.bin` of the released code, or adapter.safetensors. Its shapes define the
    /// sizes of the adapter and the preset. They do not define which hidden states it reads and
    /// the length of padded inputs: these are the preset's, unless --set adapter_plug=0,11,23 and
    /// --set max_length=64 change them. --backbone is the one of its training: roberta-large for
    /// the released adapters.
    #[command(verbatim_doc_comment)]
    ImportAdapter(import_adapter::Args),
    /// Measure the speed of the data loader and of the training step
    ///
    ///   ktrain bench --shards data/trex-rc     # prints examples and tokens a second
    #[command(verbatim_doc_comment, after_help = defaults::training())]
    Bench(Box<bench::Args>),
    /// Print shell completions
    ///
    ///   ktrain completions bash > ~/.local/share/bash-completion/completions/ktrain
    #[command(verbatim_doc_comment)]
    Completions(completions::CompletionsArgs),
    /// Write man pages
    ///
    ///   ktrain man man1                        # writes man1/ktrain.1, man1/ktrain-train.1, ...
    #[command(verbatim_doc_comment)]
    Man(completions::ManArgs),
}

impl Command {
    /// The flags for the hardware, of a command that computes.
    pub(crate) fn computing(&self) -> Option<&Computing> {
        match self {
            Self::Train(args) => Some(&args.computing),
            Self::Finetune(args) => Some(&args.computing),
            Self::Predict(args) => Some(&args.computing),
            Self::Encode(args) => Some(&args.computing),
            Self::Embed(args) => Some(&args.computing),
            Self::Probe(args) => Some(&args.computing),
            Self::Bench(args) => Some(&args.computing),
            Self::Report(args) => Some(&args.computing),
            Self::Score(_)
            | Self::Info(_)
            | Self::Settings(_)
            | Self::ImportAdapter(_)
            | Self::Completions(_)
            | Self::Man(_) => None,
        }
    }
}
