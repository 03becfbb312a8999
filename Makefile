# make        set up .venv and run the workflow on all cores
# make test   set up what tests need and run them
# make lint   style of Python and rules, and Snakemake's own lint
# make clean  remove .venv; results stay

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test lint format clean

run: .venv/installed
	snakemake --cores all
	@echo "Done: figures are in results/figures, data and models beside them in results."

test: .venv/installed-test
	pytest

lint: .venv/installed-test
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

format: .venv/installed-test
	ruff check --fix .
	ruff format .
	snakefmt Snakefile workflow/rules

clean:
	rm -rf .venv

.venv/installed: envs/requirements.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("error: Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement envs/requirements.txt
	touch $@

.venv/installed-test: envs/requirements-test.txt .venv/installed
	$(BIN)/pip install --quiet --requirement envs/requirements-test.txt
	touch $@
