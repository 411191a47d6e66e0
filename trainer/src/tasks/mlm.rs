//! Masked language modelling: MLM heads, which predict the masked tokens of a text from features that stay as they are:
//! those of the frozen backbone alone, and those of adapters beside it (`ktrain probe`). From masked lines to their score.
//!
//! It is no [`crate::config::Task`]: its rows are lines of plain text, whose masks differ in each epoch.
//!
//! Shapes: b = sentence, t = position, m = masked place, f = width of the features.

use tch::{Kind, Tensor};

use crate::data::masks::{Masked, Masking};
use crate::data::random::Random;
use crate::data::tensors::side_by_side;
use crate::data::text_corpus::Lines;
use crate::model::features::FeatureExtractor;
use crate::model::mlm::{self, Mlm};
use crate::model::params::Params;
use crate::{Error, Result};

/// Positions computed together, pads included: at their masked places the scores of 30,000 tokens take
/// 150 MB in fp32, those of XLM-R's 250,000 1.2 GB, and their gradient as much again.
const POSITIONS: usize = 8192;

/// One line in so many is held out.
const HELD_OUT: u64 = 50;

/// Text to learn from.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The lines.
    pub lines: &'a Lines,
    /// How they are masked.
    pub masking: Masking,
}

impl Text<'_> {
    /// Whether a line is held out: a function of the seed and its number.
    pub(crate) fn is_held_out(&self, i: usize) -> bool {
        Random::new(self.masking.seed ^ 0x4E1D_0007, i as u64)
            .next()
            .is_multiple_of(HELD_OUT)
    }

    /// The logarithm of each token's share of the text, v, as if each stood there once more. The
    /// special tokens around each line do not count: they are never masked. `tokens` is how many the
    /// backbone has embeddings of.
    ///
    /// # Errors
    /// [`Error::OtherTokenizer`] if the text has a token beyond them.
    pub fn log_shares(&self, tokens: i64) -> Result<Tensor> {
        let mut counts = vec![1u64; tokens as usize];
        for i in 0..self.lines.len() {
            let ids = self.lines.ids(i);
            for &id in &ids[1..ids.len() - 1] {
                let unknown = || Error::OtherTokenizer {
                    token: id,
                    embeddings: tokens,
                };
                let count = counts.get_mut(id as usize).ok_or_else(unknown)?;
                *count += 1;
            }
        }
        let all = counts.iter().sum::<u64>() as f64;
        let shares = counts.iter().map(|&count| (count as f64 / all).ln() as f32);
        Ok(Tensor::from_slice(&shares.collect::<Vec<f32>>()))
    }

    /// The masked lines of an epoch, of these numbers, in parts of similar lengths.
    pub(crate) fn parts(
        &self,
        mut chosen: Vec<usize>,
        epoch: u64,
        width: Option<usize>,
    ) -> Vec<Vec<Masked>> {
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
fn at_masks(encoder: &FeatureExtractor, pad: u32, part: &[Masked]) -> (Tensor, Tensor) {
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

/// One of the MLM heads that are trained on the same text, with the same masks.
pub struct MlmHead {
    /// Its name.
    pub name: String,
    /// The adapters that it reads beside the backbone, by their number in the encoder.
    pub adapters: Vec<usize>,
    /// Its trained parameters.
    pub params: Params,
    mlm: Mlm,
}

impl MlmHead {
    /// A head that knows nothing yet but how frequent each token is, v (see
    /// [`Text::log_shares`]): it need not learn from its gradients what can be counted.
    ///
    /// # Errors
    /// None but of a fault in this program.
    pub fn new(
        name: String,
        adapters: Vec<usize>,
        encoder: &FeatureExtractor,
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
            name,
            adapters,
            params,
        })
    }

    /// Its layers.
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

/// The gradients of a step: for each head the mean loss over all masked tokens, and its gradient with respect to its
/// parameters. None where nothing is masked.
///
/// # Errors
/// [`Error::Torch`].
pub(crate) fn gradients(
    encoder: &FeatureExtractor,
    pad: u32,
    parts: &[Vec<Masked>],
    heads: &[&MlmHead],
) -> Result<Vec<(Tensor, Vec<Tensor>)>> {
    let masked = parts.iter().flatten().map(|line| line.places.len());
    let masked = masked.sum::<usize>() as f64;
    if masked == 0.0 {
        return Ok(Vec::new());
    }
    let hidden = encoder.backbone().hidden_size;
    let mut sums: Vec<(Tensor, Vec<Tensor>)> = Vec::with_capacity(heads.len());
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let (features_mf, token_m) = at_masks(encoder, pad, part);
        for (i, head) in heads.iter().enumerate() {
            let own_mf = columns(&features_mf, &head.adapters, hidden);
            let loss = head.mlm.loss(&own_mf, &token_m) / masked;
            let grads = Tensor::f_run_backward(&[&loss], head.params.leaves(), false, false)?;
            let loss = loss.detach(); // the part's graph ends here, and its memory with it
            let Some((loss_before, all)) = sums.get_mut(i) else {
                sums.push((loss, grads));
                continue;
            };
            *loss_before += loss;
            for (sum, grad) in all.iter_mut().zip(&grads) {
                *sum += grad;
            }
        }
    }
    Ok(sums)
}

/// How well held-out tokens are guessed, where a line was held out.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct HeldOut {
    /// Masked tokens.
    pub tokens: u64,
    /// Share of them that the head guesses right.
    pub accuracy: f64,
    /// Mean cross-entropy, in nats.
    pub loss: f64,
}

/// Each head's scores on masked lines, if there are any.
///
/// # Errors
/// [`Error::Torch`].
pub(crate) fn score(
    encoder: &FeatureExtractor,
    parts: &[Vec<Masked>],
    heads: &[MlmHead],
    pad: u32,
) -> Result<Vec<Option<HeldOut>>> {
    let _guard = tch::no_grad_guard();
    let hidden = encoder.backbone().hidden_size;
    let mut all = vec![HeldOut::default(); heads.len()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let (features_mf, token_m) = at_masks(encoder, pad, part);
        for (head, sum) in heads.iter().zip(&mut all) {
            let own_mf = columns(&features_mf, &head.adapters, hidden);
            let guessed = head.mlm.scores(&own_mf).argmax(1, false);
            let right = guessed.eq_tensor(&token_m).sum(Kind::Int64);
            sum.accuracy += f64::try_from(&right)?;
            sum.loss += f64::try_from(&head.mlm.loss(&own_mf, &token_m))?;
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
