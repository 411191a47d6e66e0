//! Which numbers a backbone's `config.json` may hold. A folder from elsewhere may hold any: what does
//! not fit is named here, before anything is computed or allocated.

use kprep_schemas::thousands;

use super::BackboneConfig;

/// `<s>`, a token and `</s>`.
const SHORTEST_INPUT: i64 = 3;

/// Least and most of each size: far above what any encoder has, and far below what memory or the
/// arithmetic of sizes ends at.
const SIZES: [(&str, Size, i64); 7] = [
    ("hidden_size", |config| config.hidden_size, 1 << 16),
    (
        "num_hidden_layers",
        |config| i64::try_from(config.num_hidden_layers).unwrap_or(i64::MAX),
        1_000,
    ),
    (
        "num_attention_heads",
        |config| config.num_attention_heads,
        1 << 16,
    ),
    (
        "intermediate_size",
        |config| config.intermediate_size,
        1 << 20,
    ),
    ("vocab_size", |config| config.vocab_size, 1 << 24),
    (
        "max_position_embeddings",
        |config| config.max_position_embeddings,
        1 << 20,
    ),
    ("type_vocab_size", |config| config.type_vocab_size, 1 << 16),
];

type Size = fn(&BackboneConfig) -> i64;

/// Everything that is wrong with the numbers, each with its name.
pub(super) fn faults(config: &BackboneConfig) -> Vec<String> {
    let wrong_sizes = SIZES.iter().filter_map(|(name, size, most)| {
        let size = size(config);
        let expected = || {
            format!(
                "{name} is {size}, expected 1 to {}",
                thousands(*most as u64)
            )
        };
        (!(1..=*most).contains(&size)).then(expected)
    });
    let mut faults: Vec<String> = wrong_sizes.collect();
    let sizes_are_right = faults.is_empty();
    let pad = config.pad_token_id;
    if !(0..config.vocab_size.max(1)).contains(&pad) {
        faults.push(format!(
            "pad_token_id is {pad}, expected one of the {} tokens of vocab_size, from 0",
            config.vocab_size
        ));
    } else if sizes_are_right {
        faults.extend(together(config));
    }
    let eps = config.layer_norm_eps;
    if !(eps > 0.0 && eps < 1.0) {
        faults.push(format!(
            "layer_norm_eps is {eps}, expected more than 0 and less than 1"
        ));
    }
    for (name, rate) in [
        ("hidden_dropout_prob", config.hidden_dropout_prob),
        (
            "attention_probs_dropout_prob",
            config.attention_probs_dropout_prob,
        ),
    ] {
        if !(0.0..1.0).contains(&rate) {
            faults.push(format!(
                "{name} is {rate}, expected 0 or more and less than 1"
            ));
        }
    }
    faults
}

/// Numbers that are possible, but not together.
fn together(config: &BackboneConfig) -> Vec<String> {
    let mut faults = Vec::new();
    let (heads, width) = (config.num_attention_heads, config.hidden_size);
    if width % heads != 0 {
        faults.push(format!(
            "num_attention_heads is {heads}, which does not divide hidden_size, {width}"
        ));
    }
    let (positions, first) = (config.max_position_embeddings, config.first_position());
    if positions - first < SHORTEST_INPUT {
        faults.push(format!(
            "max_position_embeddings is {positions}, expected at least {}: positions count from {first}{}",
            first + SHORTEST_INPUT,
            if config.is_bert() { "" } else { ", which is pad_token_id + 1" }
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(change: impl Fn(&mut BackboneConfig)) -> BackboneConfig {
        let mut config = BackboneConfig {
            model_type: "roberta".into(),
            vocab_size: 13,
            hidden_size: 8,
            num_hidden_layers: 2,
            num_attention_heads: 2,
            intermediate_size: 16,
            max_position_embeddings: 34,
            type_vocab_size: 1,
            layer_norm_eps: 1e-5,
            hidden_act: "gelu".into(),
            pad_token_id: 1,
            hidden_dropout_prob: 0.1,
            attention_probs_dropout_prob: 0.0,
            position_embedding_type: None,
        };
        change(&mut config);
        config
    }

    #[test]
    fn numbers_that_fit_have_no_fault() {
        assert_eq!(faults(&config(|_| {})), Vec::<String>::new());
    }

    /// Numbers beyond any use are refused one by one, whatever the others are.
    #[test]
    fn each_number_has_limits() {
        type Change = fn(&mut BackboneConfig, i64);
        let changes: [Change; 7] = [
            |config, n| config.hidden_size = n,
            |config, n| config.num_hidden_layers = n as usize,
            |config, n| config.num_attention_heads = n,
            |config, n| config.intermediate_size = n,
            |config, n| config.vocab_size = n,
            |config, n| config.max_position_embeddings = n,
            |config, n| config.type_vocab_size = n,
        ];
        for change in changes {
            for n in [0, -1, 1 << 40, 1 << 62, i64::MAX, i64::MIN] {
                assert!(
                    !faults(&config(|config| change(config, n))).is_empty(),
                    "{n}"
                );
            }
        }
        for eps in [0.0, -1.0, 5.0, f64::NAN, f64::INFINITY] {
            let found = faults(&config(|config| config.layer_norm_eps = eps));
            assert_eq!(found.len(), 1, "{eps}");
        }
        for rate in [-0.1, 1.0, 5.0, f64::NAN] {
            let found = faults(&config(|config| {
                config.hidden_dropout_prob = rate;
                config.attention_probs_dropout_prob = rate;
            }));
            assert_eq!(found.len(), 2, "{rate}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_named_with_both_numbers() {
        assert_eq!(
            faults(&config(|config| {
                config.num_attention_heads = 3;
                config.max_position_embeddings = 4;
            })),
            [
                "num_attention_heads is 3, which does not divide hidden_size, 8",
                "max_position_embeddings is 4, expected at least 5: positions count from 2, which is \
                 pad_token_id + 1",
            ]
        );
        for pad in [-1, 13, 1 << 62] {
            assert_eq!(
                faults(&config(|config| config.pad_token_id = pad)),
                [format!(
                    "pad_token_id is {pad}, expected one of the 13 tokens of vocab_size, from 0"
                )]
            );
        }
        assert_eq!(
            faults(&config(|config| {
                config.num_attention_heads = 0;
                config.hidden_dropout_prob = 5.0;
            })),
            [
                "num_attention_heads is 0, expected 1 to 65,536",
                "hidden_dropout_prob is 5, expected 0 or more and less than 1",
            ]
        );
    }
}
