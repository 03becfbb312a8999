# make         set up .venv and run the workflow on all cores
# make report  the same, and results/report.html: figures, tables and configuration of the run, in one file
# make docs    the same, and docs/configuration.md and the bitmaps of docs/gallery.md anew
# make test    set up what tests need and run them
# make bench   measure the speed, into benchmarks/results.md; `make bench-large` with ten million curves too
# make lint    style of Python and rules, and Snakemake's own lint
# make clean   remove .venv; results stay

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run report test bench bench-large lint format docs clean

run: .venv/installed
	snakemake --cores all
	@echo "Done: figures are in results/figures, data and models beside them in results."

report: run
	snakemake --report results/report.html

test: .venv/installed-test
	pytest

bench: .venv/installed-bench
	python benchmarks/run.py

bench-large: .venv/installed-bench
	python benchmarks/run.py --large

lint: .venv/installed-test
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow/Snakefile workflow/rules
	snakemake --lint

format: .venv/installed-test
	ruff check --fix .
	ruff format .
	snakefmt Snakefile workflow/Snakefile workflow/rules

docs: run
	python docs/configuration.py
	python docs/gallery.py results

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

.venv/installed-bench: envs/requirements-bench.txt .venv/installed
	$(BIN)/pip install --quiet --requirement envs/requirements-bench.txt
	touch $@
