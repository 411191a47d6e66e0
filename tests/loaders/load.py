"""Every dataset that kprep writes, read by the tools that people use, and compared with its manifest.

    VENV/bin/python tests/loaders/load.py --kprep target/debug/kprep

Builds the datasets of the bundled sample, and one of each kind of benchmark, in a folder of their own and loads each
as its card says: with Hugging Face `datasets` (columns, splits, class names), Polars, DuckDB, pandas, pyarrow, and by
its `croissant.json` with mlcroissant. Which tools are there is the virtual
environment's business; a tool that is not is named and passed over, but for `datasets`, which every one must have.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
TASKS = ROOT / "tests" / "data" / "tasks"
SOME_BROKEN = ["--max-errors", "9"]
BUILDS = [
    ["trex", SAMPLE / "trex", "--out", "trex-rc"],
    ["deps", SAMPLE / "deps", "--out", "deps"],
    ["wikidata", SAMPLE / "dumps" / "wikidata.json.gz", "--out", "wikidata"],
    ["wikipedia", SAMPLE / "dumps" / "wikipedia.xml.bz2", "--out", "wikipedia"],
    ["wordnet", SAMPLE / "wordnet", "--out", "wordnet"],
    ["graph", SAMPLE / "graph" / "graph.obo", "--out", "graph"],
    ["knowledge", "synonyms", "--wordnet", "wordnet", "--out", "synonyms"],
    ["knowledge", "facts", "--graph", "graph", "--min-facts", "1", "--out", "facts"],
    ["align", "--wikipedia", "wikipedia", "--wikidata", "wikidata", "--out", "aligned"],
    ["knowledge", "supersenses", "--wordnet", "wordnet", "--out", "supersenses"],
    ["knowledge", "replaced", "--aligned", "aligned", "--wikidata", "wikidata", "--out", "replaced"],
    ["knowledge", "links", "--wordnet", "wordnet", "--out", "links"],
    ["sample", "trex-rc", "--rows", "500", "--out", "sampled"],
    ["task", "figer", TASKS / "figer_train.data", "--test-file", TASKS / "figer.label", "--labels", TASKS / "types.map"]
    + ["--out", "figer", *SOME_BROKEN],
    ["task", "cosmosqa", TASKS / "cosmosqa_valid.csv", TASKS / "cosmosqa_test.jsonl", "--out", "cosmosqa", *SOME_BROKEN],
    ["task", "searchqa", TASKS / "searchqa", "--validation-file", TASKS / "mrqa.jsonl", "--out", "searchqa", *SOME_BROKEN],
    ["task", "lama", TASKS / "lama", "--out", "lama", *SOME_BROKEN],
]

# Rows of each split; and all values of the first row of the first split, lists as lists.
Loaded = tuple[dict[str, int], dict]


def shards(dataset: Path, split: str) -> list[str]:
    return [str(path) for path in sorted((dataset / "data").glob(f"{split}-*.parquet"))]


def splits(dataset: Path) -> list[str]:
    found = {path.name.split("-")[0] for path in (dataset / "data").glob("*.parquet")}
    return [split for split in ("train", "validation", "test") if split in found]


class Said(logging.Handler):
    """What `datasets` complains of: it passes over parts of a card that it does not like."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def with_datasets(dataset: Path) -> Loaded:
    said = Said()
    logging.getLogger("datasets").addHandler(said)
    loaded = import_module("datasets").load_dataset(str(dataset))
    check(f"{dataset.name}: datasets says {said.messages}", not said.messages)
    names = json.loads((dataset / "manifest.json").read_text())["class_names"]
    first = loaded[splits(dataset)[0]]
    if names:
        features = first.features
        label = features["label"] if "label" in features else features["labels"].feature
        # Where a row has several labels they are a list.
        check(f"{dataset.name}: class names", getattr(label, "feature", label).names == names)
    return {split: part.num_rows for split, part in loaded.items()}, first[0]


def folders_with_datasets(found: list[Path]) -> None:
    """The folders of several datasets, by their own cards: each configuration has the rows of its dataset."""
    datasets = import_module("datasets")
    folders = sorted({dataset.parent for dataset in found if (dataset.parent / "README.md").is_file()})
    check(f"folders with a card: {folders}", {"wikidata", "wikipedia"} <= {folder.name for folder in folders})
    for folder in folders:
        names = sorted(path.parent.name for path in folder.glob("*/manifest.json"))
        check(f"{folder.name}: {names}", datasets.get_dataset_config_names(str(folder)) == names)
        check(f"{folder.name}: nothing", len(datasets.load_dataset(str(folder))["train"]) > 0)
        for name in names:
            loaded = datasets.load_dataset(str(folder), name)
            rows, _ = with_pyarrow(folder / name)
            check(f"{folder.name}/{name}: rows", {split: part.num_rows for split, part in loaded.items()} == rows)
        print(f"{folder.name} read as a folder with datasets")


def with_polars(dataset: Path) -> Loaded:
    polars = import_module("polars")
    frames = {split: polars.read_parquet(str(dataset / "data" / f"{split}-*.parquet")) for split in splits(dataset)}
    return {split: frame.height for split, frame in frames.items()}, frames[splits(dataset)[0]].row(0, named=True)


def with_duckdb(dataset: Path) -> Loaded:
    duckdb = import_module("duckdb")
    rows = {}
    for split in splits(dataset):
        rows[split] = duckdb.sql(f"select count(*) from read_parquet({shards(dataset, split)})").fetchall()[0][0]
    first = duckdb.sql(f"select * from read_parquet({shards(dataset, splits(dataset)[0])}) limit 1")
    return rows, dict(zip(first.columns, first.fetchall()[0]))


def with_pandas(dataset: Path) -> Loaded:
    pandas = import_module("pandas")
    frames = {split: pandas.concat(map(pandas.read_parquet, shards(dataset, split))) for split in splits(dataset)}
    first = {name: plain(value) for name, value in frames[splits(dataset)[0]].iloc[0].items()}
    return {split: len(frame) for split, frame in frames.items()}, first


def with_pyarrow(dataset: Path) -> Loaded:
    arrow = import_module("pyarrow.dataset")
    tables = {split: arrow.dataset(shards(dataset, split)).to_table() for split in splits(dataset)}
    return {split: table.num_rows for split, table in tables.items()}, tables[splits(dataset)[0]].slice(0, 1).to_pylist()[0]


def with_croissant(dataset: Path) -> Loaded:
    croissant = import_module("mlcroissant").Dataset(jsonld=str(dataset / "croissant.json"))
    rows = {split: sum(1 for _ in croissant.records(split)) for split in splits(dataset)}
    split = splits(dataset)[0]
    first = next(iter(croissant.records(split)))
    return rows, {name.removeprefix(f"{split}/"): text(plain(value)) for name, value in first.items()}


TOOLS: dict[str, Callable[[Path], Loaded]] = {
    "datasets": with_datasets,
    "polars": with_polars,
    "duckdb": with_duckdb,
    "pandas": with_pandas,
    "pyarrow": with_pyarrow,
    "mlcroissant": with_croissant,
}


def text(value: object) -> object:
    """Croissant's texts are bytes."""
    if isinstance(value, list):
        return [text(part) for part in value]
    return value.decode() if isinstance(value, bytes) else value


def plain(value: object) -> object:
    """numpy's arrays, and its and pandas' ways of saying that there is nothing, as Python has them."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return None if value != value else value


def check(what: str, passed: bool) -> None:
    if not passed:
        sys.exit(f"FAILED: {what}")


def python_of(page: str) -> list[str]:
    """The lines of a page's first Python block."""
    return (ROOT / page).read_text().split("```python\n")[1].split("```")[0].splitlines()


def shown_lines() -> None:
    """Runs the lines that README and docs/formats.md show, as they stand there, where every tool is installed."""
    os.makedirs("data")
    os.symlink(os.path.abspath("trex-rc"), "data/trex-rc")
    imports, *lines = python_of("docs/formats.md")
    known: dict = {}
    try:
        exec(imports, known)
    except ImportError as error:
        print(f"the lines of docs/formats.md are passed over: {error}")
        return
    for line in lines:
        check(f"{line}: nothing", len(eval(line, known)) > 0)
    # What README reads of an adapter needs ktrain, which is tested elsewhere.
    dataset = [line for line in python_of("README.md") if "load_file" not in line]
    check("README.md shows how a dataset is loaded", len(dataset) == 3)
    exec("\n".join(dataset), {})
    print("the lines of README.md and docs/formats.md run")


def main() -> None:
    parser = argparse.ArgumentParser(description="kprep's datasets in the tools that people use")
    parser.add_argument("--kprep", type=Path, required=True, help="the binary")
    kprep = parser.parse_args().kprep.resolve()
    # Croissant recommends a date of publication: there is none in files that are the same on every day.
    logging.getLogger("absl").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as work:
        os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_CACHE=f"{work}/.cache", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
        os.chdir(work)
        for build in BUILDS:
            subprocess.run([kprep, *build, "--quiet"], check=True)
        found = sorted(path.parent for path in Path(work).glob("**/manifest.json"))
        check(f"22 datasets, found {len(found)}", len(found) == 22)
        shown_lines()
        folders_with_datasets(found)
        for tool, load in TOOLS.items():
            try:
                import_module(tool)
            except ImportError:
                check("datasets is not installed", tool != "datasets")
                print(f"{tool} is not installed: passed over")
                continue
            for dataset in found:
                manifest = json.loads((dataset / "manifest.json").read_text())
                expected = {shard["split"]: 0 for shard in manifest["shards"]}
                for shard in manifest["shards"]:
                    expected[shard["split"]] += shard["rows"]
                rows, first = load(dataset)
                name = f"{dataset.name} in {tool}"
                check(f"{name}: {rows} rows, the manifest says {expected}", rows == expected)
                reference = with_pyarrow(dataset)[1]
                # What Python cannot tell apart from nothing (a missing number is NaN in pandas) is made None.
                first = {column: plain(value) for column, value in first.items()}
                check(f"{name}: first row\n{first}\nexpected\n{reference}", first == reference)
            print(f"{len(found)} datasets read with {tool} {version(tool)}")


if __name__ == "__main__":
    main()
