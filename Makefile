# Needs Python 3.11 or later, git and make. The first call makes an environment in .venv; CONTRIBUTING.md has the way
# without make. Variables: VENV (the environment's folder), PYTEST_WORKERS (test processes), BENCH (options of `bench`).

VENV ?= .venv
PYTEST_WORKERS ?= auto
PYTEST_OPTIONS ?=
BENCH ?=
BIN = $(VENV)/bin
READY = $(VENV)/.ready

# A command of the right name may still be too old, or a shim that starts nothing: each one is asked.
GOOD = import sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
  if $$name -c '$(GOOD)' >/dev/null 2>&1; then echo $$name; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help env demo test test-all lint format types docs docs-check golden pictures lock wheel bench clean

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' Makefile

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "feedsmith needs Python 3.11 or later, with its venv module; none was found on PATH." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

env: $(READY) ## make or refresh the environment

demo: $(READY) ## the main job on a copy of samples/, into demo/
	rm -rf demo
	cp -R samples demo
	$(BIN)/feedsmith export --project demo/shop --out demo/out
	@echo "The feeds lie in demo/out:"
	@ls demo/out

# The laws draw the same examples each time here, so that a change fails by what it changed; test-all draws new ones.
test: $(READY) ## the tests, without the slow ones
	$(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) -m "not slow" --dist worksteal --hypothesis-profile=ci \
	  $(PYTEST_OPTIONS)

test-all: $(READY) ## all tests
	$(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) --dist worksteal

lint: $(READY) ## style, format and the order of the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(READY) ## put the code in its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## static types
	$(BIN)/mypy

docs: $(READY) ## write the generated parts of README.md and docs/ again
	$(BIN)/python -m docs.build

docs-check: $(READY) ## are the generated parts of the docs up to date?
	$(BIN)/python -m docs.build --check

golden: $(READY) ## write the expected feeds in tests/golden/ again
	$(BIN)/python -m pytest -q --update-golden tests

pictures: $(READY) ## the pictures of pages in docs/pictures/ again; needs Chromium
	$(BIN)/python -m pytest -q -m browser --pictures tests/preview

lock: $(READY) ## requirements.lock again, from pyproject.toml (installs uv into the environment)
	$(BIN)/python -m pip install --quiet uv
	@sed '/^#/!d' requirements.lock > requirements.lock.new
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-header --no-annotate --quiet >> requirements.lock.new
	mv requirements.lock.new requirements.lock

wheel: $(READY) ## the wheel and the source archive, into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation

bench: $(READY) ## feedsmith against three hand-written scripts (benchmarks/README.md)
	$(BIN)/python benchmarks/compare.py $(BENCH)

clean: ## remove what builds, tests and the demo left behind; the environment stays
	rm -rf build dist demo out benchmarks/scratch .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path "./$(VENV)/*" -prune -exec rm -rf {} +
