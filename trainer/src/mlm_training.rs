//! Trains the layers that guess masked pieces, on features that stay as they are: those of the
//! frozen backbone alone, and those of adapters beside it.
//!
//! Shapes: b = sentence, t = position, m = masked place, f = width of the features.

use tch::{Kind, Tensor};

use crate::batch::side_by_side;
use crate::config::Config;
use crate::features::Encoder;
use crate::lines::Lines;
use crate::masks::{Masked, Masking};
use crate::mlm::{self, Mlm};
use crate::optim::{self, AdamW};
use crate::order::Random;
use crate::params::Params;
use crate::talk::Talk;
use crate::{Error, Result};

/// Positions computed together, pads included: the scores of all pieces at their masked places take
/// 300 MB for each of the two passes.
const POSITIONS: usize = 8192;

/// One line in so many is held out.
const HELD_OUT: u64 = 50;

/// One of the layers that are trained on the same text, by the same masks.
pub struct Row {
    /// Its name.
    pub name: String,
    /// The adapters that it reads beside the backbone, by their number in the encoder.
    pub adapters: Vec<usize>,
    /// Its trained parameters.
    pub params: Params,
    mlm: Mlm,
    adam: AdamW,
}

/// How well held-out pieces are guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct HeldOut {
    /// Masked pieces.
    pub pieces: u64,
    /// Share of them that the layer guesses right.
    pub accuracy: f64,
    /// Mean cross-entropy, in nats.
    pub loss: f64,
}

impl Row {
    /// A layer that knows nothing yet.
    ///
    /// # Errors
    /// None but of a fault in this program.
    pub fn new(name: String, adapters: Vec<usize>, encoder: &Encoder, seed: u64) -> Result<Self> {
        let hidden = encoder.backbone().hidden_size;
        let pieces = encoder.backbone_model().config().vocab_size;
        let features = hidden * (1 + adapters.len() as i64);
        let specs = mlm::specs(features, hidden, pieces);
        let params = Params::new(specs, seed, encoder.device());
        Ok(Self {
            mlm: Mlm::new(&params, encoder.backbone_model())?,
            adam: AdamW::new(&params),
            name,
            adapters,
            params,
        })
    }

    /// The layer.
    pub fn mlm(&self) -> &Mlm {
        &self.mlm
    }
}

/// The features of these adapters among those of all that the encoder has: columns of m × f.
pub fn columns(features_mf: &Tensor, adapters: &[usize], hidden: i64) -> Tensor {
    let parts = std::iter::once(0).chain(adapters.iter().map(|i| i + 1));
    let parts: Vec<_> = parts
        .map(|i| features_mf.narrow(1, i as i64 * hidden, hidden))
        .collect();
    Tensor::cat(&parts, 1)
}

/// Text to learn from.
pub struct Text<'a> {
    /// The lines.
    pub lines: &'a Lines,
    /// How they are masked.
    pub masking: Masking,
}

impl Text<'_> {
    /// Whether a line is held out: a function of the seed and its number.
    fn is_held_out(&self, i: usize) -> bool {
        Random::new(self.masking.seed ^ 0x4E1D_0007, i as u64)
            .next()
            .is_multiple_of(HELD_OUT)
    }

    /// The masked lines of an epoch, of these numbers, in parts of similar lengths.
    fn parts(&self, mut chosen: Vec<usize>, epoch: u64, width: Option<usize>) -> Vec<Vec<Masked>> {
        let length = |i: usize| width.unwrap_or_else(|| self.lines.ids(i).len());
        chosen.sort_by_key(|&i| length(i));
        let mut parts = vec![Vec::new()];
        for i in chosen {
            let masked = self.masking.line(self.lines, i, epoch);
            if masked.places.is_empty() {
                continue;
            }
            let rows = parts.last().map_or(0, Vec::len);
            // Sorted: this line is the longest so far.
            if rows > 0 && (rows + 1) * length(i) > POSITIONS {
                parts.push(Vec::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(masked);
            }
        }
        parts
    }
}

/// The features at the masked places, m × f, and the pieces that stood there.
fn at_masks(encoder: &Encoder, pad: u32, part: &[Masked]) -> (Tensor, Tensor) {
    let lengths: Vec<usize> = part.iter().map(|masked| masked.ids.len()).collect();
    let width = encoder.pads_to().or_else(|| lengths.iter().copied().max());
    let width = width.unwrap_or(0);
    let copy = |row: usize, ids: &mut [i64]| ids[..lengths[row]].copy_from_slice(&part[row].ids);
    let (ids_bt, mask_bt) = side_by_side(&lengths, width, pad, copy);
    let device = encoder.device();
    let mask_bt = mask_bt.map(|mask| mask.to_device(device));
    let features_btf = encoder.forward(&ids_bt.to_device(device), mask_bt.as_ref());
    let places = (0..).zip(part).flat_map(|(row, masked)| {
        let places = masked.places.iter();
        places.map(move |place| (row * width + place) as i64)
    });
    let places: Vec<i64> = places.collect();
    let pieces: Vec<i64> = part.iter().flat_map(|m| m.pieces.iter().copied()).collect();
    let f = encoder.width() as i64;
    let places_m = Tensor::from_slice(&places).to_device(device);
    let features_mf = features_btf.view([-1, f]).index_select(0, &places_m);
    (features_mf, Tensor::from_slice(&pieces).to_device(device))
}

/// Trains all rows together: one pass of the frozen encoder serves them all. Of the settings those of
/// the optimiser, of the batches and of the schedule count. Returns each row's scores on the lines
/// that were held out.
///
/// # Errors
/// [`Error::Config`] if there is nothing to learn from; [`Error::Torch`].
pub fn train(
    encoder: &Encoder,
    text: &Text<'_>,
    config: &Config,
    rows: &mut [Row],
    pad: u32,
    talk: Talk,
) -> Result<Vec<HeldOut>> {
    let all = 0..text.lines.len();
    let (held_out, train): (Vec<usize>, Vec<usize>) = all.partition(|&i| text.is_held_out(i));
    if train.is_empty() {
        return Err(Error::Config("the text has no line to learn from".into()));
    }
    let per_epoch = train.len().div_ceil(config.batch_size) as u64;
    let all_steps = config.epochs * per_epoch;
    let steps = match config.max_steps {
        0 => all_steps,
        most => most.min(all_steps),
    };
    let mut bar = talk.bar("training to fill masks", steps);
    for epoch in 0..config.epochs {
        let mut order = train.clone();
        Random::new(config.seed, epoch).shuffle(&mut order);
        for (i, chosen) in (0..).zip(order.chunks(config.batch_size)) {
            let step = epoch * per_epoch + i;
            if step >= steps {
                break;
            }
            let parts = text.parts(chosen.to_vec(), epoch, encoder.pads_to());
            learn(encoder, &parts, config, rows, pad, (step, steps))?;
            bar.inc(1);
        }
    }
    drop(bar);
    let parts = text.parts(held_out, u64::MAX, encoder.pads_to());
    score(encoder, &parts, rows, pad)
}

fn learn(
    encoder: &Encoder,
    parts: &[Vec<Masked>],
    config: &Config,
    rows: &mut [Row],
    pad: u32,
    (step, steps): (u64, u64),
) -> Result<()> {
    let masked = parts.iter().flatten().map(|line| line.places.len());
    let masked = masked.sum::<usize>() as f64;
    if masked == 0.0 {
        return Ok(());
    }
    let hidden = encoder.backbone().hidden_size;
    let mut sums: Vec<Vec<Tensor>> = rows.iter().map(|_| Vec::new()).collect();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let (features_mf, piece_m) = at_masks(encoder, pad, part);
        for (row, sum) in rows.iter().zip(&mut sums) {
            let own_mf = columns(&features_mf, &row.adapters, hidden);
            let loss = row.mlm.loss(&own_mf, &piece_m) / masked;
            let grads = Tensor::f_run_backward(&[&loss], row.params.leaves(), false, false)?;
            if sum.is_empty() {
                *sum = grads;
            } else {
                for (sum, grad) in sum.iter_mut().zip(&grads) {
                    *sum += grad;
                }
            }
        }
    }
    let rate = optim::learning_rate(config, step, steps);
    for (row, sum) in rows.iter_mut().zip(&sums) {
        let _norm = row.adam.step(config, &row.params, sum, step, rate)?;
    }
    Ok(())
}

fn score(encoder: &Encoder, parts: &[Vec<Masked>], rows: &[Row], pad: u32) -> Result<Vec<HeldOut>> {
    let _guard = tch::no_grad_guard();
    let hidden = encoder.backbone().hidden_size;
    let mut all = vec![HeldOut::default(); rows.len()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let (features_mf, piece_m) = at_masks(encoder, pad, part);
        for (row, sum) in rows.iter().zip(&mut all) {
            let own_mf = columns(&features_mf, &row.adapters, hidden);
            let guessed = row.mlm.scores(&own_mf).argmax(1, false);
            let right = guessed.eq_tensor(&piece_m).sum(Kind::Int64);
            sum.accuracy += f64::try_from(&right)?;
            sum.loss += f64::try_from(&row.mlm.loss(&own_mf, &piece_m))?;
            sum.pieces += piece_m.size()[0] as u64;
        }
    }
    for sum in &mut all {
        let pieces = sum.pieces.max(1) as f64;
        sum.accuracy /= pieces;
        sum.loss /= pieces;
    }
    Ok(all)
}
