# Two commands run it all: `make build` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JUDGE := .venv-judge
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-annotate --no-strip-extras --quiet

.DEFAULT_GOAL := help
.PHONY: help build refresh test lint judge evaluate bench faults backup restore lock clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

# A stamp, so that pip runs only when the pinned requirements, or what is set up here, have changed.
$(VENV)/installed: requirements.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@# dbt takes its plugins from Python's path; these stop before a seed that is no UTF-8
	@# and wait for another process that writes.
	@echo "$(CURDIR)/macros/plugin" \
		> "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/llm_capabilities.pth"
	@touch $@

build: $(VENV)/installed  ## land the shipped snapshots, build and publish warehouse.duckdb
	@$(BIN)/python -m extract
	@$(BIN)/dbt --quiet build --exclude-resource-type unit_test

refresh: $(VENV)/installed  ## read the sources live, build and publish what is new; EVERY=6h goes on
	@$(BIN)/python -m refresh $(if $(EVERY),--every $(EVERY))

# pytest lands and builds in copies of this checkout, with all of dbt's tests; what is built here stays.
test: $(VENV)/installed  ## check everything: style, builds with all of dbt's tests, pytest
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 models tests/singular
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed  ## show what the style checks find
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 0 models tests/singular

# In an environment of its own: it only reads the manifest, and pins other versions of what dbt needs.
# Its table of failures leaves out what failed where the terminal is narrow: hence COLUMNS.
$(JUDGE)/installed: tests/judge/requirements.txt
	@echo "Setting up $(JUDGE) (once)"
	@$(PYTHON) -m venv $(JUDGE)
	@$(JUDGE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r tests/judge/requirements.txt
	@touch $@

judge: $(VENV)/installed $(JUDGE)/installed  ## let dbt-bouncer check the dbt project (not part of the tests)
	@$(BIN)/dbt --quiet parse
	@COLUMNS=160 $(JUDGE)/bin/dbt-bouncer run --config-file tests/judge/dbt-bouncer.toml

evaluate: $(VENV)/installed  ## measure how well names and scores work; BOARD=FILE adds an outside board
	@$(BIN)/python -m evidence --readme README.md $(if $(BOARD),--board $(BOARD))

bench: $(VENV)/installed  ## measure speed (not part of the tests)
	@for bench in tests/benchmarks/bench_*.py; do \
		echo "== $$bench"; PYTHONPATH=. $(BIN)/python $$bench; done

backup: $(VENV)/installed  ## write landing.duckdb as Parquet into a new folder under backups/
	@$(BIN)/python -m extract --backup backups

restore: $(VENV)/installed  ## bring a backup back: make restore BACKUP=backups/...; the file before is kept
	@test -n "$(BACKUP)" || { echo "Name a backup: make restore BACKUP=backups/landing-..."; exit 2; }
	@$(BIN)/python -m extract --restore "$(BACKUP)"

faults: $(VENV)/installed  ## kill commands at bad moments, many times (not part of the tests; needs a build)
	@for script in tests/faults/*.py; do \
		echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

lock: $(VENV)/installed  ## resolve what is installed into pinned requirements, with hashes (needs uv)
	$(COMPILE) pyproject.toml --extra dev --output-file requirements.txt
	echo "dbt-bouncer==4.3.0" | $(COMPILE) - --output-file tests/judge/requirements.txt

clean:  ## remove what a build made; landing.duckdb and backups/ stay
	rm -rf build target logs warehouse.duckdb enhanced_models.json
