# The same verbs for people and for CI. Needs Python 3.11 or later, git and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
# Set OUTRIDER_ARGS to pass options on: make up OUTRIDER_ARGS="--port 9000"
OUTRIDER_ARGS ?=
PYTEST_ARGS ?=
# Processes that the quick tests are spread over.
JOBS ?= 2

.PHONY: help up test test-slow check format bench docs conformance clients clean
.DEFAULT_GOAL := help

help:
	@echo "make up         install and start Outrider on http://127.0.0.1:8720 with the embedded model"
	@echo "make test       install what the tests need and run all but the slow ones"
	@echo "make test-slow  the slow ones: crash and outage proofs, the embedded model, real clients; properties with many examples"
	@echo "make check      lint, format, types, import contracts, the shape of the project, fresh reference pages"
	@echo "make format     put the code into the format that check wants"
	@echo "make bench      the benchmarks (see benchmarks/README.md)"
	@echo "make docs       write the generated pages of docs/reference"
	@echo "make conformance  what reaches which provider from which caller: plays the suite, writes docs/reference/conformance.md"
	@echo "make clients    tries every client with every provider's language, writes docs/reference/clients.md"
	@echo "make clean      remove .venv and caches; your data is not here"

up: $(STAMPS)/run
	exec $(BIN)/outrider up $(OUTRIDER_ARGS)

test: $(STAMPS)/test
	$(BIN)/python -m pytest --numprocesses $(JOBS) $(PYTEST_ARGS)

test-slow: $(STAMPS)/test
	$(BIN)/python -m pytest -m slow tests/crash $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m slow --ignore tests/crash --numprocesses $(JOBS) $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m "hypothesis and not slow" --hypothesis-profile deep --numprocesses $(JOBS) $(PYTEST_ARGS)

check: $(STAMPS)/test $(STAMPS)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/test_project.py tests/app/test_docs.py

format: $(STAMPS)/lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMPS)/test
	$(BIN)/python benchmarks/journal.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/gateways.py
	$(BIN)/outrider models install all-minilm-l6-v2
	$(BIN)/python benchmarks/casebook.py
	$(BIN)/python benchmarks/knowledge_search.py
	$(BIN)/python benchmarks/hostile.py

docs: $(STAMPS)/run
	$(BIN)/python -m outrider.app.docs

conformance: $(STAMPS)/run
	$(BIN)/python -m outrider.testing.conformance --page docs/reference/conformance.md

clients: $(STAMPS)/test
	$(BIN)/python -m pytest tests/clients -m "slow or not slow" --clients-page $(PYTEST_ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is older than pyproject.toml when a dependency changed: then, and only then, pip runs again.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Outrider needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "this Python cannot make environments: install its venv package (Debian: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[knowledge]'
	@touch $@

$(STAMPS)/test: $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

$(STAMPS)/lint: $(STAMPS)/venv pyproject.toml
	$(BIN)/python -m pip install --quiet --group lint
	@touch $@
