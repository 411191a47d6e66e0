//! The biaffine head: how well one position is the head of another, for all pairs of a sentence
//! (Dozat and Manning, *Deep Biaffine Attention for Neural Dependency Parsing*, ICLR 2017, eq. 4-6).
//!
//! Shapes: b = sentence, t = position, f = width of a position's features, a = width of the scorer,
//! w = scored word.

use tch::{Kind, Tensor};

use crate::Result;
use crate::model::dropout::{DropoutRng, dropout};
use crate::model::heads::outside;
use crate::model::pair::Pair;
use crate::model::params::{Init, Params, Spec};

/// The score of a position behind the sentence's last token: as good as none, but finite, so that
/// the binary loss can look at it.
const OUTSIDE: f64 = -1e4;

/// The parameters for features of width `features` and a scorer of width `size`. The bilinear form
/// starts at zero, as the authors' does: all heads are equally likely then.
pub fn specs(features: i64, size: i64) -> Vec<Spec> {
    let zero = Init::Constant(0.0);
    [
        Spec::linear("arc_dependent", features, size),
        Spec::linear("arc_head", features, size),
        Spec::linear_from("arc_bilinear", size, size, zero, zero),
    ]
    .concat()
}

/// `score(dependent, head) = (U r_dependent + u) · r_head`, with `r = relu(linear(features))` for each.
pub struct Biaffine {
    dependent: Pair,
    head: Pair,
    /// U and u.
    bilinear: Pair,
    dropout: f64,
}

impl Biaffine {
    /// The scorer whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(params: &Params, dropout: f64) -> Result<Self> {
        Ok(Self {
            dependent: Pair::new(params, "arc_dependent")?,
            head: Pair::new(params, "arc_head")?,
            bilinear: Pair::new(params, "arc_bilinear")?,
            dropout,
        })
    }

    /// The scores of all positions of each scored word's sentence, w × t. `features_btf` lie side by
    /// side, `place_w` are indexes into b · t, `length_w` the tokens of each word's sentence.
    pub fn logits(
        &self,
        features_btf: &Tensor,
        place_w: &Tensor,
        length_w: &Tensor,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        let represent = |pair: &Pair| {
            let linear = pair.linear(features_btf, Kind::Float);
            dropout(&linear.relu(), self.dropout, rng)
        };
        let wanted_bta = self
            .bilinear
            .linear(&represent(&self.dependent), Kind::Float);
        let head_bta = represent(&self.head);
        let score_btt = wanted_bta.bmm(&head_bta.transpose(1, 2));
        let score_wt = score_btt.flatten(0, 1).index_select(0, place_w);
        score_wt.masked_fill(&outside(length_w, &score_wt), OUTSIDE)
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn scores_are_the_definition_s_and_pads_count_for_nothing() {
        let (features, size) = (3, 2);
        let specs: Vec<Spec> = specs(features, size)
            .into_iter()
            .map(|spec| Spec {
                init: Init::Uniform { bound: 1.0 },
                ..spec
            })
            .collect();
        let params = Params::new(specs, 1, Device::Cpu);
        let biaffine = Biaffine::new(&params, 0.5).unwrap();
        // Two sentences of 4 and 2 tokens; the words at (0, 1) and (1, 1) are scored.
        let x = Tensor::rand([2, 4, features], (Kind::Float, Device::Cpu));
        let place_w = Tensor::from_slice(&[1i64, 5]);
        let length_w = Tensor::from_slice(&[4i64, 2]);
        let logits = biaffine.logits(&x, &place_w, &length_w, None);
        assert_eq!(logits.size(), [2, 4]);

        let value = |tensor: &Tensor, at: &[i64]| tensor.double_value(at);
        let layer = |name: &str, input: &[f64]| -> Vec<f64> {
            let weight = params.get(&format!("{name}.weight")).unwrap();
            let bias = params.get(&format!("{name}.bias")).unwrap();
            let row = |i: i64| {
                let products = (0..).zip(input).map(|(j, x)| value(&weight, &[i, j]) * x);
                value(&bias, &[i]) + products.sum::<f64>()
            };
            (0..size).map(row).collect()
        };
        let relu = |v: Vec<f64>| -> Vec<f64> { v.into_iter().map(|x| x.max(0.0)).collect() };
        let at =
            |b: i64, t: i64| -> Vec<f64> { (0..features).map(|f| value(&x, &[b, t, f])).collect() };
        for (w, b, length) in [(0, 0, 4), (1, 1, 2)] {
            let wanted = layer("arc_bilinear", &relu(layer("arc_dependent", &at(b, 1))));
            for t in 0..4 {
                let head = relu(layer("arc_head", &at(b, t)));
                let score: f64 = wanted.iter().zip(&head).map(|(a, b)| a * b).sum();
                let expected = if t < length { score } else { OUTSIDE };
                let found = value(&logits, &[w, t]);
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
    }
}
