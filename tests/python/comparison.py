"""What `check.py compare` compares: PyTorch's numbers with those of ktrain, and what a user does with the model."""

import json
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import torch
from check import ADAPTERS, CHOICES, ENCODED, INPUTS, NEAR, ROOT, TUNED, backbone, check, tasks
from huggingface_hub import DatasetCard, ModelCard
from huggingface_hub.utils import filter_repo_objects
from kprep import KAdapterModel
from safetensors.torch import load_file
from transformers import AutoModel, logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def loaded(name: str) -> KAdapterModel:
    if name in TUNED:
        return KAdapterModel.from_pretrained(name)
    return KAdapterModel.from_pretrained(backbone(ADAPTERS[name][1]), adapters=[name])


def near(what: str, ours: torch.Tensor, theirs: torch.Tensor) -> None:
    check(f"{what}: {tuple(ours.shape)}, expected {tuple(theirs.shape)}", ours.shape == theirs.shape)
    worst = (ours - theirs).abs().max().item()
    check(f"{what}: {worst} apart", worst < NEAR)


def compare_features(name: str, file: str, model: KAdapterModel) -> None:
    expected = load_file(f"{file}.safetensors")
    for i, features in enumerate(model.encode(ENCODED)):
        near(f"{name}: features of line {i}", features, expected[str(i)])


def same_guess(what: str, ours: dict, theirs: dict) -> None:
    keys = [key for key in theirs if key not in ("probability", "logit", "score")]
    check(f"{what}: {ours}, expected {theirs}", all(ours[key] == theirs[key] for key in keys))
    for key in theirs.keys() & {"probability", "logit", "score"}:
        check(f"{what}: {ours}, expected {theirs}", abs(ours[key] - theirs[key]) < NEAR)


def same_predictions(what: str, all_ours: list, all_theirs: list) -> None:
    check(f"{what}: {len(all_ours)} answers, expected {len(all_theirs)}", len(all_ours) == len(all_theirs))
    for row, (ours, theirs) in enumerate(zip(all_ours, all_theirs)):
        check(f"{what}, row {row}: {ours}, expected {theirs}", (ours is None) == (theirs is None))
        check(f"{what}, row {row}: {ours}, expected {theirs}", len(ours or []) == len(theirs or []))
        for one, other in zip(ours or [], theirs or []):
            same_guess(f"{what}, row {row}", one, other)


def compare_guesses(name: str, task: str, model: KAdapterModel) -> None:
    said = [json.loads(line)["models"][0] for line in Path(f"{name}.jsonl").read_text().splitlines()]
    said = [one["labels"] if "labels" in one else one["answers"] for one in said]
    same_predictions(name, model.predict(INPUTS[task], top=9), said)


def rows(dataset: str) -> list[dict]:
    from pyarrow import parquet

    return [row for path in sorted(Path(dataset, "data").glob("test-*")) for row in parquet.read_table(path).to_pylist()]


def compare_score(name: str, task: str, model: KAdapterModel) -> None:
    """The accuracy on the test split, which ktrain states."""
    stated = json.loads(Path(name, "config.json").read_text())["scores"]["test"]
    right = all_decisions = 0
    dataset = rows(ADAPTERS[name][0])
    for row, said in zip(dataset, model.logits(dataset)):
        if said is None:
            continue
        ((_, places, logits),) = said
        if task == "dependency":
            firsts = [0] + [first for first, in places]
            pairs = [(firsts[head], at) for head, at in zip(row["head"], logits.argmax(-1).tolist()) if head >= 0]
        elif task == "labels":
            allowed = [[label for of, label in zip(row["class_span"], row["label"]) if of == i] for i in range(len(logits))]
            places = places[:: len(places) // len(logits)]
            whole = [(one.argmax().item(), own) for one, own, place in zip(logits, allowed, places) if own and place]
            pairs = [(label if label in own else -1, label) for label, own in whole]
        else:
            names = [[name for of, name in zip(row["candidate_span"], row["candidate"]) if of == i] for i in range(len(logits))]
            pairs = [
                (own.index(gold) if gold in own else len(own), one.argmax().item())
                for gold, own, one in zip(row["entity"], names, logits)
                if one is not None and len(own) > 1 and (gold in own or not gold)
            ]
        right += sum(gold == found for gold, found in pairs)
        all_decisions += len(pairs)
    check(f"{name}: {all_decisions} decisions, expected {stated['decisions']}", all_decisions == stated["decisions"])
    found = right / all_decisions
    check(f"{name}: accuracy {found}, expected {stated['accuracy']}", abs(found - stated["accuracy"]) < 1e-9)


def with_auto_model() -> None:
    """What the hub's users write: no package but transformers, and the code out of the folder."""
    script = (
        "import sys; from transformers import AutoConfig, AutoModel\n"
        "assert 'kprep' not in sys.modules\n"
        "alone = AutoModel.from_pretrained('paper', trust_remote_code=True)\n"
        "assert alone.backbone is None and len(alone.adapters) == 1\n"
        f"model = AutoModel.from_pretrained('paper', backbone={str(backbone('bert'))!r}, trust_remote_code=True)\n"
        "tuned = AutoModel.from_pretrained('tuned-gate', trust_remote_code=True)\n"
        "print(model.predict('<e1>Paris</e1> is in <e2>France</e2>.', top=1))\n"
        "print(tuned.predict('<e1>Paris</e1> is in <e2>France</e2>.', top=1))\n"
        "assert AutoConfig.from_pretrained('paper', trust_remote_code=True).runs[0]['dataset']['name'] == 'trex-rc'\n"
    )
    environment = {name: value for name, value in __import__("os").environ.items()}
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment)
    check("AutoModel.from_pretrained(folder, trust_remote_code=True)", done.returncode == 0)
    sentence = "<e1>Paris</e1> is in <e2>France</e2>."
    expected = [str(loaded(name).predict(sentence, top=1)) for name in ("paper", "tuned-gate")]
    check(f"AutoModel says {done.stdout}, expected {expected}", done.stdout.splitlines() == expected)


def save_and_load() -> None:
    """Several adapters on one backbone, frozen or not, saved and loaded again."""
    model = KAdapterModel.from_pretrained(backbone("bert"), adapters=["paper", "biaffine"])
    compare_features("two adapters", "both", model)
    check("something is not frozen", not any(parameter.requires_grad for parameter in model.parameters()))
    model.adapters[0].requires_grad_(True)
    model.train()
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    output = model(ids)
    near("[s ; o ; o]", output.features, torch.cat([output.last_hidden_state, *output.adapter_outputs], -1))
    output.features.square().mean().backward()
    learnt = [parameter.grad is not None for parameter in model.adapters[0].adapter.parameters()]
    check("an adapter has no gradient", all(learnt))
    check("the backbone has one", all(parameter.grad is None for parameter in model.backbone.parameters()))
    with torch.no_grad():
        for parameter in model.adapters[0].adapter.parameters():
            parameter -= 0.1 * parameter.grad
    model.eval()
    model.save_pretrained("saved")
    for again in (KAdapterModel.from_pretrained("saved"), AutoModel.from_pretrained("saved", trust_remote_code=True)):
        for ours, theirs in zip(again.encode(ENCODED), model.encode(ENCODED)):
            near("saved and loaded", ours, theirs)
        same_predictions("saved and loaded", *(one.predict(INPUTS["relation"], "trex-rc") for one in (again, model)))
    tuned = loaded("tuned-cosmosqa")
    tuned.save_pretrained("saved-tuned")
    again = KAdapterModel.from_pretrained("saved-tuned")
    same_predictions("a fine-tuned model that was saved", again.predict(CHOICES), tuned.predict(CHOICES))


def check_cards() -> None:
    """What the hub reads at the head of each card."""
    for name, task in tasks():
        card = ModelCard.load(Path(name, "README.md"), ignore_metadata_errors=False)
        data = card.data
        stated = json.loads(Path(name, "config.json").read_text())
        check(f"{name}: {data}", data.library_name == "kprep" and data.base_model == stated["backbone"]["name"])
        check(f"{name}: {data}", data.datasets == [stated["dataset"]["name"]] and bool(data.license) and bool(data.tags))
        results = {(one.dataset_split, one.metric_name): one.metric_value for one in data.eval_results or []}
        if stated["dataset"]["name"] == "trex-rc":
            check(f"{name}: no English labels of {stated['class_names']}", set(stated["class_labels"]) == set(stated["class_names"]))
        if stated["scores"]["test"]:
            check(f"{name}: {results}", stated["scores"]["test"]["accuracy"] in results.values())
        check(f"{name}: no two lines that load it", "AutoModel.from_pretrained(" in card.text)
        # What `hf upload --exclude "training/*"` sends.
        files = [str(path.relative_to(name)) for path in Path(name).rglob("*") if path.is_file()]
        sent = set(filter_repo_objects(files, ignore_patterns=["training/*"]))
        usual = {"README.md", "config.json", "modeling_kprep.py"}
        check(f"{name}: {sent}", usual <= sent and not any(file.startswith("training") for file in sent))
    for manifest in sorted(Path().glob("**/manifest.json")):
        data = DatasetCard.load(manifest.parent / "README.md", ignore_metadata_errors=False).data
        check(f"{manifest}: {data}", bool(data.license) and bool(data.pretty_name) and bool(data.configs))


def compare_all() -> None:
    for name in ADAPTERS:
        compare_features(name, name, loaded(name))
    for name, task in tasks():
        if task in INPUTS:
            compare_guesses(name, task, loaded(name))
        else:
            compare_score(name, task, loaded(name))
    with_auto_model()
    save_and_load()
    check_cards()
    peft = version("peft") if find_spec("peft") else "without peft"
    print(f"{len(ADAPTERS)} adapters, {len(TUNED)} fine-tuned models: transformers {version('transformers')}, peft {peft}")
