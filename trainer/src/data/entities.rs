//! The entities that spans may mean: the table beside a dataset, and a vector for each of them.
//!
//! Shapes: n = entity, d = width of a vector, b = text, t = position, h = the backbone's width.

use std::path::PathBuf;

use kprep_schemas::{Concept, Dataset, stable_hash};
use tch::{Device, Kind, Tensor};

use crate::config::{Config, Vectors};
use crate::data::running_text as text;
use crate::data::tensors::side_by_side;
use crate::data::tokenizer::Vocabulary;
use crate::data::weighted_draw::WeightedDraw;
use crate::files::entity_vectors;
use crate::model::hidden_states::{FrozenBackbone, TokenBatch};
use crate::{Error, Result};

/// The table, a [`Concept`] an entity.
pub const TABLE: &str = "entities.parquet";
/// Vectors that a dataset brings along.
pub const VECTORS: &str = "entities.safetensors";
/// Texts that are encoded together.
const TOGETHER: usize = 64;

/// The entities of a dataset, in the order of their keys.
pub struct Entities {
    /// Their ids.
    pub ids: Vec<String>,
    /// Their keys, ascending, int64.
    key_n: Tensor,
    keys: Vec<i64>,
    /// How often each is drawn beside the entities of a batch.
    draw: WeightedDraw,
    /// Their vectors, n × d in fp32; `None` where the head learns them.
    pub vector_nd: Option<Tensor>,
}

/// What an example has in the place of an id.
pub fn key(id: &str) -> i64 {
    stable_hash([id.as_bytes()]) as i64
}

/// From where vectors are made.
pub struct Source<'a> {
    /// The dataset with the table.
    pub dataset: &'a Dataset,
    /// The settings, which say from what.
    pub config: &'a Config,
    /// The backbone that encodes texts.
    pub frozen: &'a FrozenBackbone,
    /// Its tokenizer.
    pub vocabulary: &'a Vocabulary,
}

impl Entities {
    /// Reads the table of a dataset, and reads or makes the vectors.
    ///
    /// # Errors
    /// [`Error::Dataset`] without the table; [`Error::Unusable`] for a file of vectors of another width, or with none of
    /// these entities; what reading files fails with.
    pub fn open(source: &Source) -> Result<Self> {
        let mut concepts = source.dataset.table::<Concept>(TABLE)?;
        let table: Vec<String> = concepts.iter().map(|one| one.id.clone()).collect();
        concepts.sort_by_key(|concept| key(&concept.id));
        let device = source.frozen.backbone.device();
        let mut entities = Self::new(concepts.iter().map(|one| one.id.clone()).collect(), device)?;
        entities.draw = WeightedDraw::new(concepts.iter().map(|one| one.count));
        entities.vector_nd = match &source.config.vectors {
            Vectors::Learned => None,
            Vectors::Text => Some(of_texts(source, &concepts)),
            Vectors::File(path) => {
                let path = path
                    .as_ref()
                    .map_or_else(|| source.dataset.dir.join(VECTORS), PathBuf::from);
                let vectors = entity_vectors::read(&path, &entities.ids, &table)?;
                let (width, expected) = (vectors.size()[1], source.config.vector_size);
                if width != expected {
                    let reason = format!(
                        "vectors of {width} numbers, but vector_size is {expected}: give --set vector_size={width}"
                    );
                    return Err(Error::Unusable { path, reason });
                }
                Some(normalised(&vectors).to_device(device))
            }
        };
        Ok(entities)
    }

    /// Entities without vectors, which are drawn alike. `ids` are in the order of their keys.
    ///
    /// # Errors
    /// [`Error::Setting`] for an id that occurs twice.
    pub fn new(ids: Vec<String>, device: Device) -> Result<Self> {
        let keys: Vec<i64> = ids.iter().map(|id| key(id)).collect();
        if let Some(at) = keys.windows(2).position(|two| two[0] >= two[1]) {
            let reason = format!("{TABLE}: {:?} occurs twice", ids[at]);
            return Err(Error::Setting(reason));
        }
        Ok(Self {
            key_n: Tensor::from_slice(&keys).to_device(device),
            draw: WeightedDraw::new(keys.iter().map(|_| 0)),
            keys,
            ids,
            vector_nd: None,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether there is one with this key.
    pub fn has(&self, key: i64) -> bool {
        self.keys.binary_search(&key).is_ok()
    }

    /// The distinct entities, from 0, of so many draws, ascending, without those that have these keys, which ascend, too.
    pub fn draw(&self, draws: usize, without: &[i64], seed: u64) -> Vec<i64> {
        let mut found = self.draw.distinct(draws, seed);
        found.retain(|&row| without.binary_search(&self.keys[row]).is_err());
        found.into_iter().map(|row| row as i64).collect()
    }

    /// Which entities these are, from 0. All are there.
    pub fn rows(&self, key: &Tensor) -> Tensor {
        key.searchsorted(&self.key_n, false, false, "left", None::<Tensor>)
    }
}

/// Each vector with mean 0 and variance 1 over its numbers, as a layer norm has it.
fn normalised(vector_nd: &Tensor) -> Tensor {
    let (no, width) = (None::<Tensor>, vector_nd.size()[1]);
    vector_nd.layer_norm([width], no.as_ref(), no.as_ref(), 1e-5, true)
}

/// The mean over the tokens of `label: description` of the backbone's last hidden state, less the mean of all entities:
/// what all texts have in common tells none from another.
fn of_texts(source: &Source, concepts: &[Concept]) -> Tensor {
    let _guard = tch::no_grad_guard();
    let texts: Vec<Vec<u32>> = concepts
        .iter()
        .map(|concept| tokens(concept, source))
        .collect();
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&i| texts[i].len());
    let batches = order.chunks(TOGETHER).map(|some| {
        let some: Vec<&[u32]> = some.iter().map(|&i| &*texts[i]).collect();
        means(source, &some)
    });
    let sorted_nh = Tensor::cat(&batches.collect::<Vec<_>>(), 0);
    let mut place = vec![0i64; order.len()];
    for (at, &i) in (0..).zip(&order) {
        place[i] = at;
    }
    let place = Tensor::from_slice(&place).to_device(sorted_nh.device());
    let vector_nh = sorted_nh.index_select(0, &place);
    let mean_h = vector_nh.mean_dim([0i64].as_slice(), true, Kind::Float);
    normalised(&(vector_nh - mean_h))
}

/// The tokens of an entity's text, cut off where they are too many.
fn tokens(concept: &Concept, source: &Source) -> Vec<u32> {
    let mut words = source.vocabulary.words();
    let mut ids = vec![source.vocabulary.start];
    match concept.description.as_str() {
        "" => text::push(&mut ids, &concept.label, &mut words),
        description => {
            let both = format!("{}: {description}", concept.label);
            text::push(&mut ids, &both, &mut words);
        }
    }
    ids.truncate(source.config.max_length - 1);
    ids.push(source.vocabulary.end);
    ids
}

/// The mean of the last hidden state over the tokens of each text, b × h in fp32.
fn means(source: &Source, texts: &[&[u32]]) -> Tensor {
    let backbone = &source.frozen.backbone;
    let last = backbone.config().num_hidden_layers;
    let frozen = FrozenBackbone {
        points: [last].into(),
        ..source.frozen.clone()
    };
    let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
    let longest = lengths.iter().copied().max();
    let width = source.config.pads_to().or(longest).unwrap_or(0);
    let copy = |row: usize, ids: &mut [i64]| {
        for (to, &id) in ids.iter_mut().zip(texts[row]) {
            *to = id.into();
        }
    };
    let (ids_bt, mask_bt) = side_by_side(&lengths, width, source.vocabulary.pad, copy);
    let input = TokenBatch {
        ids_bt,
        mask_bt,
        states: None,
    };
    let state_bth = frozen.states(&input.to_device(backbone.device())).at(last);
    let means = lengths.iter().enumerate().map(|(row, &length)| {
        // Without the first and last token; of a text without words, with them.
        let (from, tokens) = if length > 2 {
            (1, length - 2)
        } else {
            (0, length)
        };
        let own = state_bth.get(row as i64).narrow(0, from, tokens as i64);
        let own = own.to_kind(Kind::Float);
        own.mean_dim([0i64].as_slice(), false, Kind::Float)
    });
    Tensor::stack(&means.collect::<Vec<_>>(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_found_by_their_keys() {
        let mut ids: Vec<String> = ["Q1", "Q70", "00001740-n"].map(str::to_owned).into();
        ids.sort_by_key(|id| key(id));
        let entities = Entities::new(ids.clone(), Device::Cpu).unwrap();
        let keys: Vec<i64> = ["Q70", "Q1", "Q70"].iter().map(|id| key(id)).collect();
        let rows = Vec::<i64>::try_from(entities.rows(&Tensor::from_slice(&keys))).unwrap();
        let found: Vec<&str> = rows.iter().map(|&row| ids[row as usize].as_str()).collect();
        assert_eq!(found, ["Q70", "Q1", "Q70"]);
        assert!(entities.has(keys[0]) && !entities.has(key("Q2")));
        let mut drawn = entities.draw(100, &[key("Q1")], 7);
        drawn.sort_by_key(|&row| ids[row as usize].clone());
        let drawn: Vec<&str> = drawn
            .iter()
            .map(|&row| ids[row as usize].as_str())
            .collect();
        assert_eq!(drawn, ["00001740-n", "Q70"]);
        let twice = Entities::new(vec!["Q1".into(), "Q1".into()], Device::Cpu);
        assert!(twice.is_err_and(|e| e.to_string().contains("\"Q1\" occurs twice")));
    }

    #[test]
    fn vectors_have_mean_0_and_variance_1() {
        let vectors = normalised(&Tensor::from_slice(&[1.0f32, 3.0, 5.0, 5.0]).view([2, 2]));
        let found = Vec::<f32>::try_from(vectors.flatten(0, 1)).unwrap();
        assert!(
            (found[0] + 1.0).abs() < 1e-4 && (found[1] - 1.0).abs() < 1e-4,
            "{found:?}"
        );
        assert_eq!(found[2..], [0.0, 0.0]);
    }
}
