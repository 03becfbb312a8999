# make         set up .venv and run the workflow on all cores
# make report  the same, and results/report.html: figures, tables and configuration of the run, in one file
# make docs    the same, and docs/configuration.md, the metrics of docs/files.md and the bitmaps of docs/gallery.md anew
# make test    set up what tests need and run those of some minutes; `make test-all` all
# make bench   measure the speed, into benchmarks/results.md; `make bench-large` with ten million curves too
# make lint    style of Python and rules, and Snakemake's own lint
# make clean   remove .venv; results stay

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run report test test-all bench bench-large lint format docs clean

# The logger prints a line for each finished job; Snakemake's own, longer messages are in .snakemake/log.
run: .venv/installed
	@began=$$(date +%s); PYTHONPATH=workflow/logger snakemake --cores all --logger lines \
		&& echo "The workflow took $$(($$(date +%s) - began)) s."
	@test ! -f results/metrics.txt || { echo; cat results/metrics.txt; }
	@echo; echo "All metrics: results/metrics.html. Figures: results/figures. For one page of all: make report."

report: run
	PYTHONWARNINGS=ignore::RuntimeWarning snakemake --report results/report.html

test: .venv/installed-test
	pytest -n 2 --dist loadgroup -m "not slow"

test-all: .venv/installed-test
	pytest -n 2 --dist loadgroup

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
	python docs/metrics.py
	snakemake --cores all figures --configfile workflow/presets/notebook.yaml
	python docs/gallery.py results results/notebook $(wildcard results/wide/surveys/narrow)

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
