//! Tests of the table of results.

use super::*;
use crate::evaluate::official_score::Official;

/// A run's scores on the validation split.
fn run(seed: u64, accuracy: f64, f1: Option<f64>) -> RunScores {
    let validation = Scores {
        examples: 10,
        decisions: 10,
        accuracy,
        macro_f1: f1.is_none().then_some(0.5),
        baseline: 0.25,
        official: f1.map(|f1| Official::new("micro-F1", f1, &[])),
        more: BTreeMap::new(),
    };
    RunScores {
        seed,
        scores: Splits {
            validation: Some(validation),
            test: None,
        },
    }
}

fn rate(rate: f64) -> Map<String, Value> {
    Map::from_iter([("learning_rate".to_owned(), rate.into())])
}

/// Two models, the second with a better validation score.
pub(in crate::report) fn models() -> Table {
    let row = |name: &str, f1: [f64; 2]| {
        Row::new(
            name,
            Map::new(),
            vec![run(1, 0.5, Some(f1[0])), run(2, 0.5, Some(f1[1]))],
        )
    };
    let rows = vec![row("backbone", [0.25, 0.75]), row("F+L", [0.5, 1.0])];
    Table::new("rc", rows, Vec::new(), true)
}

/// Two learning rates of one seed.
fn rates() -> Table {
    let rows = [(1e-3, 0.5), (1e-5, 0.75)].map(|(value, accuracy)| {
        let name = format!("learning_rate={value:e}");
        Row::new(&name, rate(value), vec![run(42, accuracy, None)])
    });
    Table::new("rc", rows.to_vec(), Vec::new(), false)
}

#[test]
fn models_have_mean_and_deviation_and_the_ranking_score_is_first() {
    let table = models();
    assert_eq!(
        table.markdown(),
        "| row | seeds | validation micro-F1 | validation accuracy |\n|---|---|---|---|\n\
         | backbone | 1, 2 | 50.0% ± 35.4% | 50.0% ± 0.0% |\n\
         | F+L | 1, 2 | 75.0% ± 35.4% | 50.0% ± 0.0% |\n"
    );
    assert_eq!(table.best.as_deref(), Some("F+L"));
    let json = json!(table);
    assert_eq!(json["rows"][1]["validation"]["micro-F1"]["mean"], 0.75);
    assert_eq!(
        json["rows"][1]["runs"][1]["validation"]["official"]["score"],
        1.0
    );
}

#[test]
fn seeds_alone_are_one_row_with_a_line_a_run() {
    let runs = vec![run(1, 0.5, None), run(2, 0.75, None), run(3, 1.0, None)];
    let table = Table::new(
        "rc",
        vec![Row::new("rc", Map::new(), runs)],
        Vec::new(),
        false,
    );
    assert_eq!(
        table.markdown(),
        "| seeds | validation accuracy | validation macro-F1 |\n|---|---|---|\n\
         | 1, 2, 3 | 75.0% ± 25.0% | 50.0% ± 0.0% |\n"
    );
    assert_eq!(table.best, None);
    let run = |seed, accuracy: &str| {
        format!(
            "{{\"kind\":\"run\",\"row\":\"rc\",\"split\":\"validation\",\"seed\":{seed},\"examples\":10,\
             \"decisions\":10,\"accuracy\":{accuracy},\"macro_f1\":0.5,\"baseline\":0.25}}\n"
        )
    };
    let of_all = |kind: &str, accuracy: &str, f1: &str| {
        format!(
            "{{\"kind\":\"{kind}\",\"row\":\"rc\",\"split\":\"validation\",\"accuracy\":{accuracy},\
             \"macro_f1\":{f1}}}\n"
        )
    };
    assert_eq!(
        table.lines(),
        [
            run(1, "0.5"),
            run(2, "0.75"),
            run(3, "1.0"),
            of_all("mean", "0.75", "0.5"),
            of_all("standard_deviation", "0.25", "0.0"),
        ]
        .concat()
    );
}

#[test]
fn values_of_a_setting_are_a_column_and_a_single_run_has_no_deviation() {
    let table = rates();
    assert_eq!(
        table.markdown(),
        "| learning_rate | validation accuracy | validation macro-F1 |\n|---|---|---|\n\
         | 0.001 | 50.0% | 50.0% |\n| 0.00001 | 75.0% | 50.0% |\n"
    );
    assert_eq!(table.best.as_deref(), Some("learning_rate=1e-5"));
    assert_eq!(table.lines().lines().count(), 2);
    assert_eq!(
        json!(table)["rows"][0]["settings"],
        json!({"learning_rate": 0.001})
    );
    assert_eq!(
        json!(table)["baseline"],
        json!({"validation": 0.25, "test": null})
    );
}
