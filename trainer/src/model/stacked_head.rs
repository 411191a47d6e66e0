//! The released code's head for relations: three linear layers with no activation between them, with the released
//! files' parameter names.
//!
//! Shapes: b = sentence, h = width of a feature, r = relation.

use tch::{Kind, Tensor};

use crate::Result;
use crate::model::dropout::{DropoutRng, dropout};
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};

/// The parameters on a backbone of width `hidden`, for features of width `features`.
pub fn specs(hidden: i64, features: i64, relations: i64) -> Vec<Spec> {
    [
        Spec::linear("com_dense", features, hidden),
        Spec::linear("dense", 2 * hidden, hidden),
        Spec::linear("out_proj", hidden, relations),
    ]
    .concat()
}

/// `out_proj(dropout(dense([com_dense(subject) ; com_dense(object)])))`.
pub struct StackedHead {
    com_dense: Pair,
    dense: Pair,
    out_proj: Pair,
    dropout: f64,
}

impl StackedHead {
    /// The head whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(params: &Params, dropout: f64) -> Result<Self> {
        Ok(Self {
            com_dense: Pair::new(params, "com_dense")?,
            dense: Pair::new(params, "dense")?,
            out_proj: Pair::new(params, "out_proj")?,
            dropout,
        })
    }

    /// b × r, from the features of subject and object.
    pub fn logits(&self, entities_b2h: &Tensor, rng: Option<&DropoutRng>) -> Tensor {
        let each = self.com_dense.linear(entities_b2h, Kind::Float);
        let joined = self.dense.linear(&each.flatten(1, 2), Kind::Float);
        let dropped = dropout(&joined, self.dropout, rng);
        self.out_proj.linear(&dropped, Kind::Float)
    }
}
