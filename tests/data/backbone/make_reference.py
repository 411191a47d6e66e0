"""Make the tiny random checkpoints and the numbers that Python computes with them.

    python3 make_reference.py

Writes `bert-tiny/`, `roberta-tiny/` and `xlm-roberta-tiny/` beside this file; README.md says what they hold.
"""

import json
import math
from collections import Counter
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedModel, RobertaConfig, RobertaModel, XLMRobertaConfig, XLMRobertaModel

HERE = Path(__file__).parent
SENTENCES = (HERE / "sentences.txt").read_text(encoding="utf-8").split("\n")[:-1]
BERT_SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

SIZES = dict(
    hidden_size=32,
    num_hidden_layers=4,
    num_attention_heads=4,
    intermediate_size=64,
    max_position_embeddings=80,
    initializer_range=0.2,
)
PLAIN_LENGTHS = [11, 11, 11]
PADDED_LENGTHS = [13, 5, 9]


def bert_tokenizer() -> Tokenizer:
    """WordPiece over the letters, a few endings and the frequent words of sentences.txt."""
    normalizer = normalizers.BertNormalizer(lowercase=True)
    splitter = pre_tokenizers.BertPreTokenizer()
    words = Counter(word for sentence in SENTENCES for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(sentence)))
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)] + [str(d) for d in range(10)]
    punctuation = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    endings = ["ing", "ed", "er", "es", "ly", "tion", "al", "ment", "ness", "able", "is", "us", "um", "an", "ia", "en"]
    frequent = sorted(word for word, count in words.items() if count > 1 and len(word) > 1)
    rare = ["paris", "france", "danube", "austen", "novel", "gold", "language", "believ", "inter", "national"]
    tokens = BERT_SPECIALS + punctuation + letters + ["##" + p for p in letters + endings] + frequent + rare
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}

    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens(BERT_SPECIALS)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])],
    )
    return tokenizer


def roberta_tokenizer() -> Tokenizer:
    """Byte-level BPE trained on sentences.txt."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=ROBERTA_SPECIALS[:4],  # <mask> is the last id, as in RoBERTa
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.add_special_tokens([*ROBERTA_SPECIALS[:4], AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(
        sep=("</s>", tokenizer.token_to_id("</s>")),
        cls_token=("<s>", tokenizer.token_to_id("<s>")),
        add_prefix_space=False,
        trim_offsets=True,
    )
    return tokenizer


def xlm_roberta_tokenizer() -> Tokenizer:
    """The sentencetoken kind: Unigram over words that start with U+2581, with the frequent parts of words as tokens.

    Not trained: the library's trainer gives other scores with every run.
    """
    words = ["\u2581" + word for sentence in SENTENCES for word in sentence.split()]
    parts = Counter(word[i:j] for word in words for i in range(len(word)) for j in range(i + 1, min(i + 6, len(word)) + 1))
    kept = [part for part, count in parts.items() if len(part) == 1 or count > 3] + ["@", "#"]
    scores = {part: round(math.log(max(parts[part], 1) / parts.total()), 4) for part in kept}
    tokens = sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))
    tokenizer = Tokenizer(models.Unigram([*((special, 0.0) for special in ROBERTA_SPECIALS[:4]), *tokens], unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()  # XLM-R's own is a compiled variant of it
    metaspace = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace])
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.add_special_tokens([*ROBERTA_SPECIALS[:4], AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def save_vocab_and_merges(tokenizer: Tokenizer, folder: Path) -> None:
    """The older pair of files, vocab.json and merges.txt, with the same contents as tokenizer.json."""
    model = json.loads(tokenizer.to_str())["model"]
    vocab = model["vocab"] | {"<mask>": tokenizer.token_to_id("<mask>")}
    merges = "".join(f"{left} {right}\n" for left, right in model["merges"])
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + merges, encoding="utf-8")


def tokenized(tokenizer: Tokenizer) -> list[dict]:
    """What Python's tokenizer makes of each sentence; offsets are code points."""
    rows = []
    for text in SENTENCES:
        whole = tokenizer.encode(text)
        bare = tokenizer.encode(text, add_special_tokens=False)
        row = {"text": text, "ids": whole.ids, "tokens": whole.tokens, "offsets": whole.offsets, "ids_without_specials": bare.ids}
        rows.append(row)
    return rows


def randomise(model: PreTrainedModel, seed: int) -> None:
    """Large random values everywhere, biases and layer norms too, so that a swapped or forgotten tensor shows."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * 0.2
            parameter.copy_(1 + noise if name.endswith("LayerNorm.weight") else noise)


def batch(lengths: list[int], vocab_size: int, pad: int, first: int, seed: int) -> dict[str, torch.Tensor]:
    """Random ids from `first` up, padded with `pad` on the right."""
    generator = torch.Generator().manual_seed(seed)
    input_ids = torch.full((len(lengths), max(lengths)), pad)
    for row, length in enumerate(lengths):
        input_ids[row, :length] = torch.randint(first, vocab_size, (length,), generator=generator)
    return {"input_ids": input_ids, "attention_mask": (input_ids != pad).long()}


def reference(model: PreTrainedModel, pad: int, first: int, with_types: bool) -> dict[str, torch.Tensor]:
    """Inputs and every hidden state for a batch without (`plain.`) and with padding (`padded.`)."""
    tensors = {}
    for seed, (prefix, lengths) in enumerate([("plain", PLAIN_LENGTHS), ("padded", PADDED_LENGTHS)]):
        inputs = batch(lengths, model.config.vocab_size, pad, first, seed)
        if with_types:
            # The second half of each sentence is segment 1; pads are segment 0.
            half = inputs["attention_mask"].sum(1, keepdim=True) // 2
            place = torch.arange(max(lengths)).expand_as(inputs["input_ids"])
            inputs["token_type_ids"] = ((place >= half) & inputs["attention_mask"].bool()).long()
        with torch.no_grad():
            states = model(**inputs, output_hidden_states=True).hidden_states
        named = inputs | {f"hidden_states_{i}": state.contiguous() for i, state in enumerate(states)}
        tensors |= {f"{prefix}.{name}": tensor for name, tensor in named.items()}
    return tensors


def write(folder: Path, tokenizer: Tokenizer, model: PreTrainedModel, pad: int, first: int, with_types: bool) -> None:
    """One checkpoint folder with its reference numbers."""
    folder.mkdir(exist_ok=True)
    model.eval()
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in tokenized(tokenizer))
    (folder / "tokenized.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    save_file(reference(model, pad, first, with_types), folder / "reference.safetensors")


def main() -> None:
    torch.set_num_threads(1)

    tokenizer = bert_tokenizer()
    config = BertConfig(vocab_size=tokenizer.get_vocab_size(), type_vocab_size=2, pad_token_id=0, layer_norm_eps=1e-12, **SIZES)
    model = BertModel._from_config(config, attn_implementation="eager")
    randomise(model, seed=1)
    write(HERE / "bert-tiny", tokenizer, model, pad=0, first=len(BERT_SPECIALS), with_types=True)

    tokenizer = roberta_tokenizer()
    config = RobertaConfig(vocab_size=tokenizer.get_vocab_size(), type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5, **SIZES)
    model = RobertaModel._from_config(config, attn_implementation="eager")
    randomise(model, seed=2)
    write(HERE / "roberta-tiny", tokenizer, model, pad=1, first=4, with_types=False)
    save_vocab_and_merges(tokenizer, HERE / "roberta-tiny")

    tokenizer = xlm_roberta_tokenizer()
    config = XLMRobertaConfig(vocab_size=tokenizer.get_vocab_size(), type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5, **SIZES)
    model = XLMRobertaModel._from_config(config, attn_implementation="eager")
    randomise(model, seed=4)
    write(HERE / "xlm-roberta-tiny", tokenizer, model, pad=1, first=4, with_types=False)


if __name__ == "__main__":
    main()
