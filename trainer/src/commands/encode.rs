//! `ktrain encode`: the features of a text's lines, for any program that reads safetensors.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::console::Console;
use crate::data::text_corpus::{Limit, Lines};
use crate::data::tokenizer::Vocabulary;
use crate::files::feature_file::FeatureFile;
use crate::files::identity::BackboneIdentity;
use crate::files::weights;
use crate::model::backbone::Backbone;
use crate::model::features::FeatureExtractor;
use crate::stop::Stop;
use anyhow::{Context, Result, ensure};
use tch::Device;

use crate::commands::computing::Computing;
use crate::commands::flags::{BackboneFlag, Quiet, checksums};

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Text, one input a line; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    input: PathBuf,
    /// Folder of an adapter that was trained on this backbone; may be repeated
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    adapter: Vec<PathBuf>,
    #[command(flatten)]
    backbone: BackboneFlag,
    /// Truncate longer lines to this number of tokens, special ones included
    /// [default: a line that the backbone cannot read is an error]
    #[arg(long, value_name = "TOKENS", help_heading = "Input")]
    max_length: Option<usize>,
    /// Safetensors file to write; an earlier one is replaced when the new one is complete
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    #[command(flatten)]
    quiet: Quiet,
    #[command(flatten)]
    pub(super) computing: Computing,
    /// Lines computed together
    #[arg(
        long,
        value_name = "N",
        default_value_t = 32,
        help_heading = "Hardware"
    )]
    batch_size: usize,
    /// Pad every line to this number of tokens, for adapters that attend to pads (--preset
    /// released): their features depend on it [default: the length of their training, 64 in
    /// the released scripts; their fine-tuning pads to 184 or 256]
    #[arg(long, value_name = "TOKENS", help_heading = "Advanced")]
    pad_to: Option<usize>,
}

/// Encodes.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.batch_size > 0, "--batch-size must be at least 1");
    let console = args.quiet.console();
    let (device, precision) = args.computing.start(console)?;
    let kind = precision.kind();
    let dir = args.backbone.dir();
    let backbone = Backbone::load(&dir, device, kind)?;
    let identity = BackboneIdentity::new(&dir, backbone.config(), &checksums(&dir)?)?;
    let mut encoder = FeatureExtractor::new(backbone, identity, kind);
    if let Some(length) = args.pad_to {
        encoder.pad_to(length).context("--pad-to")?;
    }
    for adapter in &args.adapter {
        encoder.add(adapter)?;
    }
    ensure!(
        args.pad_to.is_none() || encoder.pads_to().is_some(),
        "--pad-to is for adapters that attend to pads (--preset released): others give the same features whatever the pads"
    );
    let lines = read(args, &Vocabulary::load(&dir)?, &encoder)?;
    write(args, &encoder, &lines, console)?;
    console.say(&format!(
        "{} lines, {} tokens, {} lines truncated; {} features a token in {}",
        lines.len(),
        lines.tokens(),
        lines.cut,
        encoder.width(),
        args.out.display()
    ));
    if lines.is_empty() {
        console.say("no line of the input has text: the file holds no features");
    }
    Ok(())
}

fn read(args: &Args, vocabulary: &Vocabulary, encoder: &FeatureExtractor) -> Result<Lines> {
    let longest = encoder.max_length();
    let is_padded = encoder.pads_to().is_some();
    let advice = if is_padded {
        "; --pad-to N pads to N, and then N can be read"
    } else {
        ""
    };
    let limit = match args.max_length {
        None => Limit::Refuse(longest),
        Some(most) => {
            ensure!(
                (2..=longest).contains(&most),
                "--max-length is {most}, but backbone and adapters read 2 to {longest} tokens{advice}"
            );
            Limit::Cut(most)
        }
    };
    let path = &args.input;
    let lines = if path == Path::new("-") {
        Lines::read(io::stdin().lock(), path, vocabulary, limit)
    } else {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        Lines::read(BufReader::new(file), path, vocabulary, limit)
    };
    Ok(lines.map_err(|error| match error {
        Error::Line { path, line, reason } if is_padded => Error::Line {
            path,
            line,
            reason: reason + advice,
        },
        other => other,
    })?)
}

/// Computes and writes one batch after the other; only their tokens are in memory together.
fn write(args: &Args, encoder: &FeatureExtractor, lines: &Lines, console: Console) -> Result<()> {
    let adapters: Vec<_> = encoder.adapters().collect();
    let metadata = [
        ("backbone", serde_json::to_string(encoder.backbone())?),
        ("adapters", serde_json::to_string(&adapters)?),
    ];
    let lengths = (0..lines.len()).map(|i| lines.ids(i).len());
    // From here on there is something to clean up; before, a signal ends the program at once.
    let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let file = FeatureFile::create(&args.out, lengths, encoder.width(), &metadata)?;
    let mut bar = console.bar("encoding", lines.tokens() as u64);
    for batch in lines.batches(args.batch_size) {
        if let Some(signal) = stop.signal() {
            Err(Error::StoppedEncoding { signal })?;
        }
        let (ids_bt, mask_bt) = lines.batch(&batch, encoder.pads_to(), encoder.device());
        let features_btf = encoder.forward(&ids_bt, mask_bt.as_ref());
        let features_btf = features_btf.to_device(Device::Cpu); // once, not for each line
        for (row, &i) in (0..).zip(&batch) {
            let length = lines.ids(i).len() as i64;
            let line_tf = features_btf.get(row).narrow(0, 0, length);
            file.write(i, &weights::bytes(&line_tf)?)?;
            bar.inc(length as u64);
        }
    }
    Ok(file.finish()?)
}
