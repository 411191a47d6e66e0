//! The table of settings.

use super::super::Task;
use super::{Part, Setting, Values};

const COUNT: Values = Values::Of("whole number");
const NUMBER: Values = Values::Of("number");
const SHARE: Values = Values::Of("0 or more, below 1");
const SWITCH: Values = Values::Choice(&[("true", ""), ("false", "")]);

const fn setting(name: &'static str, values: Values, meaning: &'static str) -> Setting {
    Setting { name, meaning, values, tasks: &[] }
}

const fn choice(words: &'static [(&'static str, &'static str)]) -> Values {
    Values::Choice(words)
}

/// All settings, in the order of [`super::Config`].
pub const PARTS: [Part; 8] =
    [RUN, BATCHES, ADAPTER, RELATIONS, DEPENDENCIES, KNOWLEDGE, STEPS, WATCHING];

const RUN: Part = Part {
    title: "Run",
    settings: &[
        setting("task", choice(&[
            ("relation", "the relation between two marked entities (factual adapter)"),
            ("dependency", "the head of each word (linguistic adapter)"),
            ("typing", "the types of a marked entity (fine-tuning only)"),
            ("choice", "the right one of several answers (fine-tuning only)"),
            ("span", "the answer's place in a paragraph (fine-tuning only)"),
            ("pair", "what two phrases are to each other: related words, real facts"),
            ("labels", "the classes of spans: supersenses, replaced entities"),
            ("link", "the entity that a span means"),
        ]),
            "What is learnt. The dataset says it."),
        setting("preset", choice(&[
            ("scaled", "those of the paper, with an adapter whose size follows the backbone"),
            ("paper", "the K-Adapter paper (Wang et al., 2021, sections 3 and 4.1)"),
            ("released", "the code and scripts released with it, where they differ"),
        ]),
            "Where the defaults come from. --preset names it."),
        setting("objective", choice(&[
            ("k-adapter", "relations, dependencies"),
            ("libert", "whether two words are related"),
            ("bert-mk", "whether a fact of a graph is real"),
            ("sensebert", "which supersense a masked word has"),
            ("wklm", "whether an entity was replaced by another"),
            ("knowbert", "which of the candidates a span means"),
            ("ernie", "which entity of all a span means"),
        ]),
            "The system whose objective it is. The dataset's manifest names it."),
        setting("variant", choice(&[
            ("adapter", "an adapter on the frozen backbone, with a prediction head on both"),
            ("backbone", "a prediction head on the frozen backbone's last hidden state alone"),
            ("random", "a prediction head on a randomly initialised adapter, which keeps its initial values"),
            ("multitask", "the whole backbone, on alternating batches of relations and dependencies"),
            ("finetune", "what ktrain finetune trains: the whole backbone, beside frozen adapters"),
        ]),
            "What is trained. --variant names it."),
        setting("benchmark", choice(&[
            ("relation", ""), ("tacred", ""), ("semeval", ""), ("openentity", ""), ("figer", ""), ("cosmosqa", ""), ("searchqa", ""), ("quasar-t", ""),
        ]),
            "The benchmark whose scores are computed (ktrain finetune only)."),
        setting("adapters", COUNT, "Frozen adapters beside the backbone (ktrain finetune only)."),
        setting("fusion", choice(&[
            ("concat", "the features [s ; o] of each, side by side (the paper)"),
            ("project",
                "each through a linear layer to the backbone's width, those of several side by side through another \
                 (the released code)"),
            ("attention", "a weighted sum of the outputs: attention from the backbone (AdapterFusion)"),
            ("gate", "the sum of the outputs, each times a learned gate from 0 to 1"),
        ]),
            "How the features of several adapters are joined (ktrain finetune only)."),
        setting("seed", COUNT, "Seed of the initial values, the order of the data and the dropout."),
        setting("order_seed", COUNT, "Seed of the order of the data, if it is to be another than seed."),
        setting("precision", choice(&[
            ("fp32", ""),
            ("bf16", ""),
            ("auto", "bf16 where the hardware is faster in it"),
        ]),
            "Precision of backbone and adapter; heads compute in fp32. --precision names it."),
    ],
};

const BATCHES: Part = Part {
    title: "Batches",
    settings: &[
        setting("max_length", Values::Of("3 to 65535"), "Longest input in tokens, special ones included."),
        setting("batch_size", COUNT, "Examples a step, unless batch_tokens says how large it is."),
        setting("batch_tokens", COUNT,
            "Most tokens a step, pads included; 0: batch_size counts. A longer example is a step by itself. The whole \
             split is sorted by length, so that there are almost no pads, whatever length_pool is."),
        setting("gradient_accumulation_steps", COUNT,
            "Micro-batches that a step is computed in, where it does not fit into memory. Without dropout the step is \
             the same whatever their number."),
        setting("gradient_checkpointing", SWITCH,
            "Whether a backbone that is trained keeps the input of each of its layers alone, and computes the rest \
             again in the backward pass: far less memory for long inputs, and a step about a third longer."),
        setting("cached_states", SWITCH,
            "Whether the backbone's hidden states come from a cache, whose last bits depend on the batches that they \
             were computed in. --cache says it."),
        setting("length_pool", COUNT,
            "Batches whose examples are sorted by length together, so that they need little padding."),
    ],
};

const ADAPTER: Part = Part {
    title: "Adapter",
    settings: &[
        setting("adapter_layers", COUNT, "Adapter layers (K)."),
        setting("adapter_transformer_layers", COUNT, "Transformer layers in each of them (N)."),
        setting("adapter_hidden_size", COUNT, "Width inside the adapter."),
        setting("adapter_attention_heads", COUNT,
            "Attention heads inside the adapter; its width is a multiple of them."),
        setting("adapter_ffn_size", COUNT, "Width of the adapter's feed-forward layers."),
        setting("adapter_dropout", SHARE,
            "Dropout in training inside the adapter, and inside a head that is more than one layer."),
        setting("adapter_layer_norm_eps", NUMBER,
            "Epsilon of the layer norms of the adapter and of the released head for parses."),
        setting("adapter_init_std", NUMBER, "Standard deviation of the initial weights of the two projections."),
        setting("adapter_fuse", choice(&[
            ("concat", "side by side; the skip connection starts at the backbone's state (the paper)"),
            ("add", "their sum, from which the skip connection starts, too (the released code)"),
        ]),
            "How an adapter layer joins the backbone's state and the adapter layer before it."),
        setting("adapter_plug", Values::Of("after, before, or hidden states such as 0,11,23, one an adapter layer (0 = embeddings)"),
            "Which hidden states of the backbone the adapter layers read: those after the first, a middle and the \
             last layer (the paper), those before them (the released code), or these."),
        setting("adapter_pads", choice(&[
            ("masked", "nothing reads them (the paper)"),
            ("attended",
                "they are tokens like any other, so that every input is padded to max_length (the released code)"),
        ]),
            "How the adapter treats the pads behind a shorter input."),
    ],
};

const RELATIONS: Part = Part {
    title: "Relations",
    settings: &[
        setting("entity", choice(&[
            ("mean", "the mean of the features of its tokens (the paper)"),
            ("marker", "the feature of the marker before it (the released code)"),
        ]),
            "Which features represent an entity.").of(&[Task::Relation]),
        setting("markers_within_max_length", choice(&[
            ("all", "both entities are whole"),
            ("opening", "an entity may be cut off (the released code); needs entity=marker"),
        ]),
            "Which of a row's entity markers must lie within max_length; other rows are left out.").of(&[Task::Relation]),
        setting("relation_head", choice(&[
            ("linear", "one layer (the paper)"),
            ("stacked", "three layers (the released code)"),
        ]),
            "What predicts the relation.").of(&[Task::Relation]),
    ],
};

const DEPENDENCIES: Part = Part {
    title: "Heads of words",
    settings: &[
        setting("parser", choice(&[
            ("linear", "one layer, from a word's feature to a score for each place (the paper)"),
            ("biaffine", "a score for each pair of a word and a place; learns from far fewer sentences"),
            ("released", "an attention block, then a score for each place (the released code)"),
        ]),
            "What predicts the head of a word.").of(&[Task::Dependency]),
        setting("biaffine_size", COUNT, "Width of the biaffine scorer.").of(&[Task::Dependency]),
        setting("parser_loss", choice(&[
            ("bce", "each place is a yes-or-no question of its own (the paper)"),
            ("cross_entropy", "the places compete (the released code)"),
        ]),
            "The loss of head prediction.").of(&[Task::Dependency]),
    ],
};

const KNOWLEDGE: Part = Part {
    title: "Pairs, labels, links",
    settings: &[
        setting("span_pooling", choice(&[
            ("mean", "the mean over its tokens"),
            ("first", "its first token"),
            ("start", "the first token of the input, for both phrases (pairs)"),
            ("around", "the token before it and the token behind it, side by side (labels)"),
            ("attention", "the mean over its tokens, with learned weights (links)"),
        ]),
            "Which features represent a span.").of(&[Task::Pair, Task::Labels, Task::Link]),
        setting("pair_loss", choice(&[
            ("ce", "the classes compete"),
            ("margin",
                "a positive scores at least 1 more than each of its own negatives, which are in its batch; needs two \
                 classes"),
        ]),
            "The loss of a pair.").of(&[Task::Pair]),
        setting("mask_words", SHARE,
            "Labels: share of a row's words that are masked, whole words and at least one span; the masked spans are \
             learnt. 0: nothing is masked, all spans are learnt.").of(&[Task::Labels]),
        setting("label_loss", choice(&[
            ("any", "minus the log probability of all allowed classes together"),
            ("set", "the same, and minus the mean log probability of the allowed classes"),
        ]),
            "The loss of a span with several allowed classes.").of(&[Task::Labels]),
        setting("link_loss", choice(&[
            ("softmax", "the candidates compete"),
            ("margin", "the right one above 0.2, the others below -0.2; none is right where none is above 0"),
        ]),
            "The loss of a span with listed candidates.").of(&[Task::Link]),
        setting("link_prior", choice(&[
            ("mlp", "two layers join score and prior"),
            ("none", "not at all"),
        ]),
            "How the priors of listed candidates are used.").of(&[Task::Link]),
        setting("mask_mentions", SHARE,
            "Links: share of the spans whose tokens become masks in training, so that the text around tells what is \
             meant.").of(&[Task::Link]),
        setting("extra_candidates", Values::Of("0 to 1048576"),
            "Links without listed candidates: draws of more entities in training, beside those of the batch, by the \
             3/4 power of count in entities.parquet, or all alike where nothing was counted.").of(&[Task::Link]),
        setting("vectors", Values::Of("text, learned, file, or the path of a file"),
            "Links: where the vectors of entities come from. text: the mean of the frozen backbone's last states over \
             \"label: description\", less the mean of all; file: the dataset's entities.safetensors; a path: \
             safetensors of ktrain embed, word2vec's text, or OpenKE's .vec beside entity2id.txt.").of(&[Task::Link]),
        setting("vector_size", COUNT, "Links: width of the vectors, if they are not made from text.").of(&[Task::Link]),
    ],
};

const STEPS: Part = Part {
    title: "Steps",
    settings: &[
        setting("epochs", COUNT, "Passes over the training split."),
        setting("max_steps", COUNT, "Steps after which to stop even so; 0: no such limit."),
        setting("learning_rate", NUMBER, "Highest learning rate."),
        setting("warmup_steps", COUNT,
            "Steps over which the learning rate rises to it; from there it falls linearly to 0."),
        setting("lr_scheduler_step", choice(&[
            ("after_optimizer", "an update has the rate of its own step (PyTorch's order)"),
            ("before_optimizer", "an update has the rate of the step behind it (the released code's pre-training)"),
        ]),
            "When the learning rate's scheduler steps."),
        setting("adam_beta1", SHARE, "AdamW's decay of the mean gradient."),
        setting("adam_beta2", SHARE, "AdamW's decay of the mean squared gradient."),
        setting("adam_epsilon", NUMBER, "AdamW's epsilon."),
        setting("adam_epsilon_placement", choice(&[
            ("after_bias_correction", "Adam's paper, and torch"),
            ("before_bias_correction", "pytorch_transformers, which the released code uses"),
        ]),
            "Whether the epsilon is added before or after the bias correction."),
        setting("weight_decay", NUMBER, "AdamW's weight decay."),
        setting("clip_norm", NUMBER, "The gradient is scaled down to this norm where it is longer; 0: never."),
    ],
};

const WATCHING: Part = Part {
    title: "Validation, checkpoints, log",
    settings: &[
        setting("eval_every", COUNT, "Steps between validations; 0: only at the end of each epoch."),
        setting("eval_examples", COUNT,
            "Most validation examples scored during training, taken evenly from the split; 0: all."),
        setting("early_stopping_patience", COUNT,
            "Validations in a row without a better score after which the run ends; none: no early stopping."),
        setting("save_every", COUNT, "Steps between checkpoints, beside those at each validation; 0: only those."),
        setting("log_every", COUNT, "Steps that a line of the log averages."),
    ],
};
