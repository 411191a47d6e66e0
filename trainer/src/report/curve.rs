//! A picture of the training: loss above, validation score below, over the steps.

use std::fs;
use std::path::Path;

use kprep_report::{AMBER, Axes, BLUE, GREY, Line, Picture};
use serde_json::Value;

use crate::evaluate::metrics::Names;
use crate::files::weights::write_atomically;
use crate::{Error, Result};

/// What `metrics.jsonl` says over the steps.
pub struct Curves {
    /// The loss.
    pub loss: Vec<Line>,
    /// The score on the validation split in percent, and what the baseline has there.
    pub score: Vec<Line>,
}

/// What the axes of the curves are called.
pub const LOSS: Axes = Axes {
    x: "step",
    y: "training loss",
};

impl Curves {
    /// Reads them.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn read(metrics: &Path, names: &Names) -> Result<Self> {
        let text = fs::read_to_string(metrics).map_err(Error::io(metrics))?;
        let lines: Vec<Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let line = |kind: &str, value: &str, times: f64, name: &str, colour| {
            let of_kind = lines.iter().filter(|line| line["kind"] == kind);
            let points = of_kind
                .filter_map(|line| Some((line["step"].as_f64()?, times * line[value].as_f64()?)));
            Line {
                name: name.to_owned(),
                points: points.collect(),
                colour,
            }
        };
        Ok(Self {
            loss: vec![line("train", "loss", 1.0, "loss", AMBER)],
            score: vec![
                line("validation", "accuracy", 100.0, names.score, BLUE),
                line("validation", "baseline", 100.0, names.baseline, GREY),
            ],
        })
    }
}

/// Draws `metrics.jsonl` as SVG.
///
/// # Errors
/// [`Error::Io`].
pub fn draw(metrics: &Path, picture: &Path, names: &Names) -> Result<()> {
    let Curves { loss, score } = Curves::read(metrics, names)?;
    let percent = format!("{} in %", names.score);
    let axes = Axes {
        x: "step",
        y: &percent,
    };
    let panels = [
        ("Training", LOSS, &loss[..]),
        ("Validation", axes, &score[..]),
    ];
    let drawn = Picture::panels(&panels);
    write_atomically(picture, drawn.svg().as_bytes())
}
