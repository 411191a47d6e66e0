//! `ktrain encode`: the features of a text's lines, for any program that reads safetensors.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use ktrain::Error;
use ktrain::backbone::Backbone;
use ktrain::feature_file::FeatureFile;
use ktrain::features::Encoder;
use ktrain::identity::BackboneIdentity;
use ktrain::lines::{Limit, Lines};
use ktrain::stop::Stop;
use ktrain::talk::Talk;
use ktrain::tokens::Vocabulary;
use ktrain::weights;
use tch::Device;

use crate::computing::Computing;
use crate::flags::{checksums, default_backbone};

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a Hugging Face checkpoint [default: `$KTRAIN_BACKBONE`, else what `make backbone` fetched]
    #[arg(long, value_name = "DIR")]
    backbone: Option<PathBuf>,
    /// Folder of an adapter trained on it; may be repeated
    #[arg(long, value_name = "DIR")]
    adapter: Vec<PathBuf>,
    /// Text, one input a line; - is the standard input
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Safetensors file to write; one that is there is replaced once the new one is complete
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Cut longer lines at so many pieces, special ones included [default: refuse lines that the backbone cannot read]
    #[arg(long, value_name = "PIECES")]
    max_length: Option<usize>,
    /// Lines computed together
    #[arg(long, value_name = "N", default_value_t = 32)]
    batch_size: usize,
    #[command(flatten)]
    computing: Computing,
}

/// Encodes.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.batch_size > 0, "--batch-size must be at least 1");
    let (device, precision) = args.computing.start()?;
    let kind = precision.kind();
    let dir = args.backbone.clone().unwrap_or_else(default_backbone);
    let backbone = Backbone::load(&dir, device, kind)?;
    let identity = BackboneIdentity::new(&dir, backbone.config(), &checksums(&dir)?)?;
    let mut encoder = Encoder::new(backbone, identity, kind);
    for adapter in &args.adapter {
        encoder.add(adapter)?;
    }
    let lines = read(args, &Vocabulary::load(&dir)?, encoder.max_length())?;
    let talk = args.computing.talk();
    write(args, &encoder, &lines, talk)?;
    talk.say(&format!(
        "{} lines, {} pieces, {} lines cut; {} features a piece in {}",
        lines.len(),
        lines.pieces(),
        lines.cut,
        encoder.width(),
        args.out.display()
    ));
    Ok(())
}

fn read(args: &Args, vocabulary: &Vocabulary, longest: usize) -> Result<Lines> {
    let limit = match args.max_length {
        None => Limit::Refuse(longest),
        Some(most) => {
            ensure!(
                (2..=longest).contains(&most),
                "--max-length is {most}, but backbone and adapters read 2 to {longest} pieces"
            );
            Limit::Cut(most)
        }
    };
    let path = &args.input;
    if path == Path::new("-") {
        return Ok(Lines::read(io::stdin().lock(), path, vocabulary, limit)?);
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Lines::read(BufReader::new(file), path, vocabulary, limit)?)
}

/// Computes and writes one batch after the other; only their pieces are in memory together.
fn write(args: &Args, encoder: &Encoder, lines: &Lines, talk: Talk) -> Result<()> {
    let adapters: Vec<_> = encoder.adapters().collect();
    let metadata = [
        ("backbone", serde_json::to_string(encoder.backbone())?),
        ("adapters", serde_json::to_string(&adapters)?),
    ];
    let lengths = (0..lines.len()).map(|i| lines.ids(i).len());
    // From here on there is something to clean up; before, a signal ends the program at once.
    let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let file = FeatureFile::create(&args.out, lengths, encoder.width(), &metadata)?;
    let mut bar = talk.bar("encoding", lines.pieces() as u64);
    for batch in lines.batches(args.batch_size) {
        if let Some(signal) = stop.asked() {
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
