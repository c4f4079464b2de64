# Everything a newcomer needs. `make help` lists the targets from their own comments.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help env demo test test-long check bench train portal clean format

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Half of what the tests take is waiting, for disks, browsers and other processes: two a core.
JOBS ?= 4
# File by file, in the order of tests/conftest.py: the longest first.
XDIST = -n $(JOBS) --dist loadfile --no-loadscope-reorder
PORT ?= 8080
DATA ?= .demo
SLIDES ?=
ONLY ?=
SECONDS_OF_TRAINING ?= 700
PORTAL := src/bigpicture/api/portal/index.html
# Tests and commands start hundreds of processes: what they import is compiled once.
export PYTHONDONTWRITEBYTECODE :=
WEB := $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)

help:  ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.run portal  ## Make .venv and build the portal

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q -c constraints.txt pip
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install -q -c constraints.txt -e '.[node]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install -q -c constraints.txt --group dev -e '.[node,cluster,ai]'
	@touch $@

portal: $(PORTAL)  ## Build the portal into the package

$(PORTAL): $(VENV)/.run $(WEB)
	$(BIN)/python web/build.py

demo: env  ## Run a node with two invented datasets (PORT=, DATA=, SLIDES=folder of real slides)
	$(BIN)/bigpicture demo --data $(DATA) --port $(PORT) $(if $(SLIDES),--slides '$(SLIDES)')

test: $(VENV)/.dev portal  ## Run the tests (half an hour on two cores)
	$(BIN)/python -m pytest $(XDIST) -m 'not long'

test-long: $(VENV)/.dev portal  ## Run every test: also kill campaigns, soak, fuzzing, all journeys
	$(BIN)/python -m pytest $(XDIST) --timeout 1800

check: $(VENV)/.dev  ## Check style, types, floors, dependencies, dead code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src
	$(BIN)/vulture

.venv-peers/.made: benchmarks/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check install -q -r benchmarks/peers.txt
	@touch $@

bench: $(VENV)/.dev .venv-peers/.made  ## Measure every claim beside its peer (ONLY=slides|scan|submission|deidentify|catalogue|catalogue_growth|access|analysis|viewing)
	$(BIN)/python -m benchmarks $(ONLY)

train: $(VENV)/.dev  ## Train the detector of text, labels and barcodes anew (SECONDS_OF_TRAINING=, DETECTOR_FONTS=)
	$(BIN)/python -m training.detector.tissue .training/tissue
	$(BIN)/python -m training.detector.train .training/out --stock .training/tissue --seconds $(SECONDS_OF_TRAINING)
	cp .training/out/detector.onnx src/bigpicture/deidentify/detector.onnx

format: $(VENV)/.dev  ## Format and sort imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Remove what the targets made, but not the demo's data
	rm -rf $(VENV) .venv-peers web/node_modules src/bigpicture/api/portal .pytest_cache .ruff_cache
