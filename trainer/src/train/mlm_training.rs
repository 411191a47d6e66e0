//! Trains the layers that guess masked tokens, on features that stay as they are: those of the
//! frozen backbone alone, and those of adapters beside it.
//!
//! Shapes: b = sentence, t = position, m = masked place, f = width of the features.

use std::fmt::Write;

use tch::{Kind, Tensor};

use crate::config::Config;
use crate::data::batch::side_by_side;
use crate::data::masks::{Masked, Masking};
use crate::data::sampler::Random;
use crate::data::text_corpus::Lines;
use crate::model::features::Encoder;
use crate::model::mlm::{self, Mlm};
use crate::model::params::Params;
use crate::report::console::Console;
use crate::train::mlm_checkpoint::Checkpoints;
use crate::train::optimizer::{self, AdamW};
use crate::{Error, Result};

/// Positions computed together, pads included: at their masked places the scores of 30,000 tokens take
/// 150 MB in fp32, those of XLM-R's 250,000 1.2 GB, and their gradient as much again.
const POSITIONS: usize = 8192;

/// One line in so many is held out.
const HELD_OUT: u64 = 50;

/// Steps between two lines that tell of the loss.
const TOLD_EVERY: u64 = 100;

/// One of the layers that are trained on the same text, by the same masks.
pub struct Row {
    /// Its name.
    pub name: String,
    /// The adapters that it reads beside the backbone, by their number in the encoder.
    pub adapters: Vec<usize>,
    /// Its trained parameters.
    pub params: Params,
    pub(crate) adam: AdamW,
    mlm: Mlm,
}

/// How well held-out tokens are guessed, where a line was held out.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct HeldOut {
    /// Masked tokens.
    pub tokens: u64,
    /// Share of them that the layer guesses right.
    pub accuracy: f64,
    /// Mean cross-entropy, in nats.
    pub loss: f64,
}

impl Row {
    /// A layer that knows nothing yet but how frequent each token is, v (see
    /// [`Text::log_shares`]): it need not learn from its gradients what can be counted.
    ///
    /// # Errors
    /// None but of a fault in this program.
    pub fn new(
        name: String,
        adapters: Vec<usize>,
        encoder: &Encoder,
        log_share_v: &Tensor,
        seed: u64,
    ) -> Result<Self> {
        let hidden = encoder.backbone().hidden_size;
        let tokens = encoder.backbone_model().config().vocab_size;
        let features = hidden * (1 + adapters.len() as i64);
        let specs = mlm::specs(features, hidden, tokens);
        let params = Params::new(specs, seed, encoder.device());
        let bias = [(mlm::BIAS.to_owned(), log_share_v.shallow_clone())];
        params.fill(params.flat(), "", &bias.into());
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

    /// The logarithm of each token's share of the text, v, as if each stood there once more. The
    /// special tokens around each line do not count: they are never masked. `tokens` is how many the
    /// backbone has embeddings of.
    ///
    /// # Errors
    /// [`Error::Config`] if the text has a token beyond them: the tokenizer is another backbone's.
    pub fn log_shares(&self, tokens: i64) -> Result<Tensor> {
        let mut counts = vec![1u64; tokens as usize];
        for i in 0..self.lines.len() {
            let ids = self.lines.ids(i);
            for &id in &ids[1..ids.len() - 1] {
                let count = counts.get_mut(id as usize).ok_or_else(|| {
                    Error::Config(format!(
                        "the text has the token {id}, but the backbone has embeddings of {tokens} tokens: \
                         its tokenizer.json belongs to another model"
                    ))
                })?;
                *count += 1;
            }
        }
        let all = counts.iter().sum::<u64>() as f64;
        let shares = counts.iter().map(|&count| (count as f64 / all).ln() as f32);
        Ok(Tensor::from_slice(&shares.collect::<Vec<f32>>()))
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

/// The features at the masked places, m × f, and the tokens that stood there.
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
    let tokens: Vec<i64> = part.iter().flat_map(|m| m.tokens.iter().copied()).collect();
    let f = encoder.width() as i64;
    let places_m = Tensor::from_slice(&places).to_device(device);
    let features_mf = features_btf.view([-1, f]).index_select(0, &places_m);
    (features_mf, Tensor::from_slice(&tokens).to_device(device))
}

/// How layers are trained.
pub struct Course<'a> {
    /// What makes the features.
    pub encoder: &'a Encoder,
    /// What they learn from.
    pub text: Text<'a>,
    /// Of the settings those of the optimiser, of the batches and of the schedule count.
    pub config: &'a Config,
    /// The pad token.
    pub pad: u32,
    /// What is said meanwhile.
    pub console: Console,
}

impl Course<'_> {
    /// The lines that are held out, and the others; none that is empty.
    fn lines(&self) -> [Vec<usize>; 2] {
        let all = 0..self.text.lines.len();
        let all = all.filter(|&i| self.text.lines.ids(i).len() > 2);
        let (held_out, train) = all.partition(|&i| self.text.is_held_out(i));
        [held_out, train]
    }

    /// How many steps it takes.
    pub fn steps(&self) -> u64 {
        let [_, train] = self.lines();
        let all = self.config.epochs * train.len().div_ceil(self.config.batch_size) as u64;
        match self.config.max_steps {
            0 => all,
            most => most.min(all),
        }
    }

    /// Trains all rows together: one pass of the frozen encoder serves them all. Goes on from the last of
    /// the checkpoints, if there is one. Returns each row's scores on the lines that were held out, if
    /// any were.
    ///
    /// # Errors
    /// [`Error::Config`] if there is nothing to learn from; [`Error::Stopped`] after a signal, with a
    /// checkpoint; [`Error::Torch`], and what checkpoints can fail with.
    pub fn train(
        &self,
        rows: &mut [Row],
        checkpoints: &Checkpoints,
    ) -> Result<Vec<Option<HeldOut>>> {
        let [held_out, train] = self.lines();
        if train.is_empty() {
            return Err(Error::Config("the text has no line to learn from".into()));
        }
        let per_epoch = train.len().div_ceil(self.config.batch_size) as u64;
        let steps = self.steps();
        let first = checkpoints.load(rows)?;
        let mut bar = self.console.bar("training MLM heads", steps);
        bar.inc(first);
        let mut order = (u64::MAX, Vec::new());
        for step in first..steps {
            let epoch = step / per_epoch;
            if order.0 != epoch {
                order = (epoch, train.clone());
                Random::new(self.config.seed, epoch).shuffle(&mut order.1);
            }
            let from = (step % per_epoch) as usize * self.config.batch_size;
            let to = (from + self.config.batch_size).min(train.len());
            let chosen = order.1[from..to].to_vec();
            let parts = self.text.parts(chosen, epoch, self.encoder.pads_to());
            let losses = self.learn(&parts, rows, (step, steps))?;
            bar.inc(1);
            let step = step + 1;
            if step.is_multiple_of(TOLD_EVERY) || step == steps {
                self.tell(rows, &losses, (step, steps))?;
            }
            checkpoints.after(rows, (step, steps))?;
        }
        drop(bar);
        let parts = self.text.parts(held_out, u64::MAX, self.encoder.pads_to());
        score(self.encoder, &parts, rows, self.pad)
    }

    /// One step of each row. Gives their losses, a masked token.
    fn learn(
        &self,
        parts: &[Vec<Masked>],
        rows: &mut [Row],
        (step, steps): (u64, u64),
    ) -> Result<Vec<Tensor>> {
        let masked = parts.iter().flatten().map(|line| line.places.len());
        let masked = masked.sum::<usize>() as f64;
        if masked == 0.0 {
            return Ok(Vec::new());
        }
        let hidden = self.encoder.backbone().hidden_size;
        let mut sums: Vec<Option<(Tensor, Vec<Tensor>)>> = rows.iter().map(|_| None).collect();
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let (features_mf, token_m) = at_masks(self.encoder, self.pad, part);
            for (row, sum) in rows.iter().zip(&mut sums) {
                let own_mf = columns(&features_mf, &row.adapters, hidden);
                let loss = row.mlm.loss(&own_mf, &token_m) / masked;
                let grads = Tensor::f_run_backward(&[&loss], row.params.leaves(), false, false)?;
                let loss = loss.detach(); // the part's graph ends here, and its memory with it
                let Some((loss_before, all)) = sum else {
                    *sum = Some((loss, grads));
                    continue;
                };
                *loss_before += loss;
                for (sum, grad) in all.iter_mut().zip(&grads) {
                    *sum += grad;
                }
            }
        }
        let rate = optimizer::learning_rate(self.config, step, steps);
        let mut losses = Vec::new();
        for (row, (loss, grads)) in rows.iter_mut().zip(sums.into_iter().flatten()) {
            let _norm = row
                .adam
                .step(self.config, &row.params, &grads, step, rate)?;
            losses.push(loss);
        }
        Ok(losses)
    }

    /// A line with the loss of each row.
    fn tell(&self, rows: &[Row], losses: &[Tensor], (step, steps): (u64, u64)) -> Result<()> {
        let mut line = format!("step {step}/{steps}  loss");
        for (row, loss) in rows.iter().zip(losses) {
            let loss = f64::try_from(loss)?;
            if !loss.is_finite() {
                return Err(Error::Config(format!(
                    "the loss of {} is {loss} after step {step}: restart with --overwrite and a lower --lr",
                    row.name
                )));
            }
            let _ = write!(line, "  {} {loss:.3}", row.name); // writing to a String cannot fail
        }
        self.console.say(&line);
        Ok(())
    }
}

fn score(
    encoder: &Encoder,
    parts: &[Vec<Masked>],
    rows: &[Row],
    pad: u32,
) -> Result<Vec<Option<HeldOut>>> {
    let _guard = tch::no_grad_guard();
    let hidden = encoder.backbone().hidden_size;
    let mut all = vec![HeldOut::default(); rows.len()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let (features_mf, token_m) = at_masks(encoder, pad, part);
        for (row, sum) in rows.iter().zip(&mut all) {
            let own_mf = columns(&features_mf, &row.adapters, hidden);
            let guessed = row.mlm.scores(&own_mf).argmax(1, false);
            let right = guessed.eq_tensor(&token_m).sum(Kind::Int64);
            sum.accuracy += f64::try_from(&right)?;
            sum.loss += f64::try_from(&row.mlm.loss(&own_mf, &token_m))?;
            sum.tokens += token_m.size()[0] as u64;
        }
    }
    let mean = |sum: HeldOut| {
        let tokens = sum.tokens as f64;
        (sum.tokens > 0).then(|| HeldOut {
            accuracy: sum.accuracy / tokens,
            loss: sum.loss / tokens,
            ..sum
        })
    };
    Ok(all.into_iter().map(mean).collect())
}
