//! The ranks that a model gives to the words of cloze queries.

use crate::console::Console;
use crate::data::cloze::{Candidates, Clozes};
use crate::evaluate::ranks;
use crate::model::features::FeatureExtractor;
use crate::model::mlm::Mlm;
use crate::tasks::mlm::{self, HeldOut};
use anyhow::Result;
use tch::{Kind, Tensor};

/// Texts computed together.
const BATCH: usize = 128;

/// Guesses kept of each fact.
const KEPT: usize = 5;

/// The ranks and guesses of a model.
pub(super) struct Ranked {
    pub(super) name: String,
    /// The scores of its MLM head on held-out lines, if it was trained here.
    pub(super) held_out: Option<HeldOut>,
    /// The rank of each fact's word, from 1.
    pub(super) ranks: Vec<usize>,
    /// The first guesses of each fact, the best first.
    pub(super) guesses: Vec<Vec<usize>>,
}

impl Ranked {
    pub(super) fn named(self, name: &str, held_out: Option<HeldOut>) -> Self {
        Self {
            name: name.to_owned(),
            held_out,
            ..self
        }
    }
}

/// The queries, and what answers them.
pub(super) struct Queries<'a> {
    pub(super) encoder: &'a FeatureExtractor,
    pub(super) clozes: &'a Clozes,
    pub(super) candidates: &'a Candidates,
    pub(super) console: Console,
}

impl Queries<'_> {
    /// Ranks the candidates for every fact by an MLM head on these adapters, unless `check_stop` fails meanwhile.
    pub(super) fn rank(
        &self,
        mlm: &Mlm,
        adapters: &[usize],
        check_stop: impl Fn() -> Result<()>,
    ) -> Result<Ranked> {
        let (encoder, clozes) = (self.encoder, self.clozes);
        let _guard = tch::no_grad_guard();
        let count = clozes.all.len();
        let mut ranked = Ranked {
            name: String::new(),
            held_out: None,
            ranks: vec![0; count],
            guesses: vec![Vec::new(); count],
        };
        let (device, hidden) = (encoder.device(), encoder.backbone().hidden_size);
        let token_c = Tensor::from_slice(self.candidates.tokens()).to_device(device);
        let mut bar = self.console.bar("ranking", count as u64);
        for batch in clozes.lines.batches(BATCH) {
            check_stop()?;
            let (ids_bt, mask_bt) = clozes.lines.batch(&batch, encoder.pads_to(), device);
            let all_btf = encoder.forward(&ids_bt, mask_bt.as_ref());
            let places: Vec<i64> = batch.iter().map(|&i| clozes.all[i].place as i64).collect();
            let row_b = Tensor::arange(batch.len() as i64, (Kind::Int64, device));
            let place_b = Tensor::from_slice(&places).to_device(device);
            let features_bf = all_btf.index(&[Some(row_b), Some(place_b)]);
            let own_bf = mlm::columns(&features_bf, adapters, hidden);
            let scores_bc = mlm.scores(&own_bf).index_select(1, &token_c);
            for (row, &i) in (0..).zip(&batch) {
                let scores = Vec::<f32>::try_from(scores_bc.get(row))?;
                ranked.ranks[i] = ranks::rank(&scores, clozes.all[i].answer);
                ranked.guesses[i] = ranks::highest(&scores, KEPT);
            }
            bar.inc(batch.len() as u64);
        }
        Ok(ranked)
    }
}
