//! Rows to tokens to batches of tensors.

use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, RelationExample, Split};
use ktrain::config::{Config, Entity, Preset, Task};
use ktrain::data::batch::Batch;
use ktrain::data::examples::{Counts, Example, TrainingRow};
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::model::adapter;
use ktrain::model::backbone::Backbone;
use ktrain::model::params::Params;
use ktrain::tasks::TaskDefinition;
use ktrain::tasks::dependency::Word;
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::Relation;
use tch::{Device, Kind, Tensor};
use tempfile::tempdir;

use crate::datasets::{self, backbone, heads, relation};

pub(crate) fn config(task: Task) -> Config {
    Config {
        batch_size: 8,
        length_pool: 4,
        max_length: 40,
        adapter_hidden_size: 32,
        adapter_attention_heads: 4,
        adapter_ffn_size: 64,
        adapter_init_std: 0.2,
        ..Config::preset(Preset::Paper, task)
    }
}

/// The tokens of an example as text, with the entities' tokens behind it.
fn tokens(row: &RelationExample, max_length: usize) -> (String, Counts) {
    let dir = backbone("bert-tiny");
    let vocabulary = Vocabulary::load(&dir).unwrap();
    let tokenizer = tokenizers::Tokenizer::from_file(dir.join("tokenizer.json")).unwrap();
    let mut counts = Counts::default();
    let mut examples = row.examples(&mut vocabulary.words(), max_length.into(), &mut counts);
    let Some(Example { ids, target }) = examples.pop() else {
        return (String::new(), counts);
    };
    let words: Vec<String> = ids
        .iter()
        .map(|&id| tokenizer.id_to_token(id).unwrap())
        .collect();
    let pick = |places: Vec<u16>| {
        places
            .iter()
            .map(|&i| words[usize::from(i)].as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let subject = pick(target.subject.places(target.object).collect());
    let object = pick(target.object.places(target.subject).collect());
    let marks = [
        target.subject.open,
        target.subject.close,
        target.object.open,
        target.object.close,
    ]
    .map(|i| words[usize::from(i)].as_str())
    .concat();
    assert_eq!(marks, "@@##");
    (
        format!("{} | {subject} | {object}", words.join(" ")),
        counts,
    )
}

#[test]
fn entities_are_marked_wherever_they_lie() {
    let text = "paris is the capital of france";
    let marked = |subject, object| tokens(&relation(text, subject, object, 0), 64).0;
    assert_eq!(
        marked((0, 0), (5, 5)),
        "[CLS] @ paris @ is the capital of # france # [SEP] | paris | france"
    );
    assert_eq!(
        marked((4, 5), (2, 3)),
        "[CLS] paris is # the capital # @ of france @ [SEP] | of france | the capital"
    );
    // Nested, sharing a start, sharing an end, equal, crossing.
    assert_eq!(
        marked((2, 5), (3, 3)),
        "[CLS] paris is @ the # capital # of france @ [SEP] | the capital of france | capital"
    );
    assert_eq!(
        marked((2, 3), (2, 5)),
        "[CLS] paris is # @ the capital @ of france # [SEP] | the capital | the capital of france"
    );
    assert_eq!(
        marked((5, 5), (2, 5)),
        "[CLS] paris is # the capital of @ france @ # [SEP] | france | the capital of france"
    );
    assert_eq!(
        marked((3, 3), (3, 3)),
        "[CLS] paris is the @ # capital # @ of france [SEP] | capital | capital"
    );
    assert_eq!(
        marked((0, 3), (2, 5)),
        "[CLS] @ paris is # the capital @ of france # [SEP] | paris is the capital | the capital of france"
    );
}

#[test]
fn long_rows_are_cut_behind_both_entities_or_left_out_and_counted() {
    let row = relation("paris is the capital of france", (0, 0), (3, 3), 0);
    let counts = |max_length| tokens(&row, max_length).1;
    // The whole has 12 tokens, of which 9 reach to the object's second marker.
    let whole = Counts {
        read: 1,
        kept: 1,
        ..Counts::default()
    };
    assert_eq!(counts(12), whole);
    assert_eq!(
        counts(11),
        Counts {
            truncated: 1,
            ..whole
        }
    );
    assert_eq!(
        tokens(&row, 10).0,
        "[CLS] @ paris @ is the # capital # [SEP] | paris | capital"
    );
    assert_eq!(
        counts(9),
        Counts {
            read: 1,
            too_long: 1,
            ..Counts::default()
        }
    );
    let row = RelationExample { label: None, ..row };
    assert_eq!(
        tokens(&row, 64).1,
        Counts {
            read: 1,
            no_target: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn words_point_to_their_head_s_first_token() {
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let mut words = vocabulary.words();
    // "river" is r ##i ##v ##er; the last word has no head.
    let row = heads("the river is gold .", &[2, 3, 0, 3, -1]);
    let mut counts = Counts::default();
    let example = row.examples(&mut words, 10.into(), &mut counts).remove(0);
    let word = |place, head, right| Word { place, head, right };
    assert_eq!(
        *example.target,
        [word(1, 2, 2), word(2, 6, 6), word(6, 0, 7), word(7, 6, 8)]
    );
    assert_eq!(
        counts,
        Counts {
            read: 1,
            kept: 1,
            ..Counts::default()
        }
    );
    // Never cut: a head may lie behind the cut.
    assert!(row.examples(&mut words, 9.into(), &mut counts).is_empty());
    assert!(
        heads("the river", &[-1, -1])
            .examples(&mut words, 10.into(), &mut counts)
            .is_empty()
    );
    assert_eq!(
        counts,
        Counts {
            read: 3,
            kept: 1,
            too_long: 1,
            no_target: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn pads_change_no_feature_and_no_loss() {
    let dir = tempdir().unwrap();
    let rows = [
        relation("paris is the capital of france", (0, 0), (5, 5), 0),
        relation("gold is a river", (0, 0), (3, 3), 1),
        relation("a language", (0, 0), (1, 1), 1),
    ];
    datasets::write(
        &dir.path().join("rc"),
        &["P0", "P1"],
        [rows.to_vec(), Vec::new(), Vec::new()],
    );
    let dataset = Dataset::open(&dir.path().join("rc")).unwrap();
    for name in ["bert-tiny", "roberta-tiny"] {
        let vocabulary = Vocabulary::load(&backbone(name)).unwrap();
        let config = config(Task::Relation);
        let store =
            Store::<RelationExample>::read(&dataset, Split::Train, &vocabulary, 40, 1).unwrap();
        let net = Backbone::load(&backbone(name), Device::Cpu, Kind::Float).unwrap();
        let params = Params::new(model::specs(&config, 32, 2), 1, Device::Cpu);
        let configs = slice::from_ref(&config);
        let model = Model::<Relation>::new(configs, Rc::new(net), &params, &[]).unwrap();
        let padded = Batch::new(&store, &config, vocabulary.pad, &[0, 1, 2]);
        assert!(padded.input.mask_bt.is_some());
        let features = |batch: &Batch<RelationExample>| {
            let states = model.frozen().states(&batch.input);
            let encoder = model.encoder();
            encoder.forward(&states, &batch.input, None, None).unwrap()
        };
        let together = features(&padded);
        for i in 0..3 {
            let alone = Batch::new(&store, &config, vocabulary.pad, &[i]);
            assert!(alone.input.mask_bt.is_none());
            let length = store.length(i) as i64;
            for (a, b) in features(&alone).iter().zip(&together) {
                let b = b.narrow(0, i as i64, 1).narrow(1, 0, length);
                let difference = (a - b).abs().max().double_value(&[]);
                assert!(difference < 1e-5, "{name} {i}: {difference}");
            }
        }
    }
}

#[test]
fn an_entity_is_the_mean_of_its_tokens_or_its_first_marker() {
    let dir = tempdir().unwrap();
    let row = relation("paris is the capital of france", (2, 5), (3, 3), 0);
    datasets::write(
        &dir.path().join("rc"),
        &["P0"],
        [vec![row], Vec::new(), Vec::new()],
    );
    let dataset = Dataset::open(&dir.path().join("rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let store = Store::<RelationExample>::read(&dataset, Split::Train, &vocabulary, 40, 1).unwrap();
    let pool = |entity| {
        let config = Config {
            entity,
            ..config(Task::Relation)
        };
        let batch = Batch::new(&store, &config, 0, &[0]);
        let targets = Relation::export(&batch.targets, batch.input.ids_bt.size()[1]).unwrap();
        let (name, pool_b2t) = &targets[0];
        assert_eq!(*name, "pool");
        Vec::<f32>::try_from(pool_b2t.flatten(0, -1)).unwrap()
    };
    // [CLS] paris is @ the # capital # of france @ [SEP]
    let (m, n) = (0.25, 0.0);
    let mean = [
        [n, n, n, n, m, n, m, n, m, m, n, n],
        [n, n, n, n, n, n, 1.0, n, n, n, n, n],
    ];
    assert_eq!(pool(Entity::Mean), mean.concat());
    let mut marker = [0.0; 24];
    (marker[3], marker[12 + 5]) = (1.0, 1.0);
    assert_eq!(pool(Entity::Marker), marker);
}

#[test]
fn only_the_second_store_reaches_the_optimiser() {
    let net = Backbone::load(&backbone("bert-tiny"), Device::Cpu, Kind::Float).unwrap();
    let config = config(Task::Relation);
    let params = Params::new(model::specs(&config, 32, 2), 1, Device::Cpu);
    assert_eq!(
        params.named(params.flat(), "").len(),
        adapter::specs(&config, 32).len() + 2,
        "the adapter's parameters and the head's, nothing else"
    );
    let ids = Tensor::from_slice(&[2i64, 100, 3]).unsqueeze(0);
    assert!(
        net.forward(&ids, None, None, &[0, 4])
            .iter()
            .all(|state| !state.requires_grad())
    );
}
