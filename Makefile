# The two commands: `make demo` shows the whole thing, `make test` checks it.

CACHE    := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ktrain
LIBTORCH_DIR ?= $(CACHE)/libtorch-2.11.0
BACKBONE ?= $(CACHE)/backbone/all-minilm-l6-v2
TARGET   := $(or $(CARGO_TARGET_DIR),target)
export LIBTORCH ?= $(LIBTORCH_DIR)/torch
export KTRAIN_BACKBONE = $(BACKBONE)

.PHONY: demo test bench build libtorch backbone clean

# The bundled sample to datasets, the datasets to adapters; about twelve minutes on two cores the
# first time (everything compiles), two after that.
demo: build backbone
	python3 tests/demo.py --bin $(TARGET)/release --backbone $(BACKBONE)

# What .ci/run runs.
test: libtorch
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Speed and memory beside the plain tools and the floor. DATA=../shared/data for the real files.
DATA ?= ../shared/data
READERS := $(CACHE)/bench-readers
bench: libtorch backbone $(READERS)
	cargo build --release -p kprep -p ktrain -p kprep-ingest -p kprep-parse --bins --examples
	python3 tests/bench/bench.py --bin $(TARGET)/release --data $(DATA) --readers $(READERS)

# Python's readers of CoNLL-U. Where pip cannot install them, the bench says so and goes on.
$(READERS): tests/bench/requirements.txt
	@rm -rf $@
	@python3 -m venv $@ && $@/bin/pip install --quiet --require-hashes -r $< && touch $@ || rm -rf $@

build: libtorch
	cargo build --release -p kprep -p ktrain

# libtorch for the CPU, from pinned wheels; kept outside the project and shared by all clones.
libtorch:
	@python3 trainer/install.py libtorch $(LIBTORCH_DIR)

# all-MiniLM-L6-v2: a small real pre-trained encoder.
backbone:
	@python3 trainer/install.py backbone $(BACKBONE)

clean:
	rm -rf target data/demo runs/demo
