//! What a model reads of a row, and what it shall say.

use kprep_schemas::ChoiceExample;
use ktrain::config::benchmark::Knowing;
use ktrain::config::{Benchmark, Config, Preset};
use ktrain::data::batch::Batch;
use ktrain::data::examples::{Counts, Example, TrainingRow};
use ktrain::data::paragraph::Answer;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::tasks::choice::{ChoiceTarget, ChoiceTargets};
use ktrain::tasks::span::SpanTarget;
use ktrain::tasks::typing::TypingTarget;
use tch::Tensor;

use super::{choice, question, typing};
use crate::datasets::backbone;

/// The only example of a row, or all of them.
fn examples<R: TrainingRow>(row: &R, max_length: usize) -> (Vec<Example<R::Target>>, Counts) {
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let mut counts = Counts::default();
    let all = row.examples(&mut vocabulary.words(), max_length.into(), &mut counts);
    (all, counts)
}

#[test]
fn an_entity_has_a_marker_at_each_side() {
    let mut row = typing(1); // paris
    row.text = "the river paris's capital".into();
    (row.mention_start, row.mention_end) = (10, 15);
    let (all, _) = examples(&row, 40);
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let TypingTarget { open, labels } = &all[0].target;
    assert_eq!(**labels, [1, 2]);
    let ids = &all[0].ids;
    let markers: Vec<usize> = (0..ids.len())
        .filter(|&i| ids[i] == vocabulary.subject)
        .collect();
    assert_eq!(markers[0], usize::from(*open));
    assert_eq!(markers.len(), 2);
    // The text in front of the second marker must fit, or the row is lost and counted.
    let least = markers[1] + 2;
    let (cut, counts) = examples(&row, least);
    assert_eq!((cut[0].ids.len(), counts.truncated), (least, 1));
    let (none, counts) = examples(&row, least - 1);
    assert_eq!((none.len(), counts.read, counts.too_long), (0, 1, 1));
    row.labels = vec![70_000];
    assert_eq!(examples(&row, 40).1.no_target, 1);
}

#[test]
fn a_choice_is_an_input_for_each_answer_and_cuts_the_context() {
    let (all, counts) = examples(&choice(1), 40);
    let ChoiceTarget { lengths, label } = &all[0].target;
    assert_eq!((lengths.len(), *label, counts.truncated), (4, 3, 0));
    let total: u16 = lengths.iter().sum();
    assert_eq!(usize::from(total), all[0].ids.len());
    let longest = usize::from(*lengths.iter().max().unwrap());
    let (cut, counts) = examples(&choice(1), longest - 1);
    let shorter = &cut[0].target.lengths;
    assert_eq!(usize::from(*shorter.iter().max().unwrap()), longest - 1);
    assert_eq!((counts.truncated, counts.kept), (1, 1));
    assert_eq!(examples(&choice(1), 5).1.too_long, 1);
    let mut unknown = choice(1);
    unknown.label = None;
    assert_eq!(examples(&unknown, 40).1.no_target, 1);

    // Two questions side by side are eight inputs; each score goes to its place.
    let config = Config {
        max_length: 40,
        ..Benchmark::Cosmosqa.config(Preset::Paper, Knowing::Factual)
    };
    let both = [choice(1), choice(2)];
    let store = Store::<ChoiceExample>::of(both.iter().flat_map(|row| examples(row, 40).0));
    let batch = Batch::new(&store, &config, 0, &[0, 1]);
    assert_eq!(batch.input.ids_bt.size()[0], 8);
    let ChoiceTargets {
        at_n,
        label_b,
        most,
        ..
    } = &batch.targets;
    assert_eq!(
        Vec::<i64>::try_from(at_n).unwrap(),
        (0..8).collect::<Vec<i64>>()
    );
    assert_eq!(
        (*label_b == Tensor::from_slice(&[3i64, 2]), *most),
        (true, 4)
    );
}

#[test]
fn an_answer_is_its_whole_words_in_its_paragraph_and_no_answer_where_it_was_cut_off() {
    let mut row = question(0);
    row.paragraphs = ["the river (gold), of france", "in the river"].into();
    (row.answer_paragraph, row.answer_start, row.answer_end) = (vec![0], vec![11], vec![15]);
    let (all, counts) = examples(&row, 40);
    assert_eq!((all.len(), counts.read, counts.kept), (2, 2, 2));
    let SpanTarget {
        answer: Some(answer),
        first,
        paragraph: Some(paragraph),
    } = &all[0].target
    else {
        panic!("{:?}", all[0]);
    };
    assert_eq!(paragraph.cut(*answer), "(gold),");
    assert_eq!(
        paragraph.golds.as_deref(),
        Some(&["the gold".to_owned()][..])
    );
    let start = Answer {
        start: *first,
        end: *first,
    };
    assert_eq!(paragraph.cut(start), "the");
    let all_of_it = Answer {
        start: *first,
        end: all[0].ids.len() as u16 - 2,
    };
    assert_eq!(paragraph.cut(all_of_it), "the river (gold), of france");
    assert!(
        matches!(&all[1].target, SpanTarget { answer: None, paragraph: Some(paragraph), .. } if paragraph.golds.is_none())
    );

    // One token less than the answer needs.
    let (cut, counts) = examples(&row, usize::from(answer.end) + 1);
    assert!(cut[0].target.answer.is_none());
    assert!(counts.truncated >= 1);
    let (kept, _) = examples(&row, usize::from(answer.end) + 2);
    assert!(kept[0].target.answer.is_some());
}
