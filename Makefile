# The few verbs a newcomer and CI need. `make demo` and `make test` set up everything they use.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
MODEL := src/basira/analysis/models/nanodet-g.onnx
PAGE := src/basira/web/page/index.html
PAGE_SOURCES := $(shell find page -path page/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: help demo test test-long faults check format setup clean

help:
	@echo "make demo       set up and start a working system with demo cameras"
	@echo "make test       set up and pass every test (CI runs this)"
	@echo "make check      types, lint, formatting, import rules"
	@echo "make format     put the formatting right"
	@echo "make faults     the long fault matrix (about an hour): kills, power cuts, failing disks; prints one table"
	@echo "make bench      cost beside motion and the floors, accuracy, queries, latency: an hour and a half"
	@echo "make bench-long the same with up to 64 cameras, and half an hour each of 64 and 128"
	@echo "make test-long  the long versions: ten-minute recordings, soak"

demo: setup
	@PYTHONPATH=. $(BIN)/python -m tools.demo_footage $(CACHE)/footage
	$(BIN)/basira demo --footage $(CACHE)/footage

test: setup page/node_modules/.ready
	tools/system_packages.sh test
	$(MAKE) --no-print-directory check
	@PYTHONPATH=. $(BIN)/python -m tools.demo_footage $(CACHE)/footage
	$(BIN)/pytest -m "not slow" --numprocesses 2 --dist loadfile --durations 20 --ignore tests/faults --ignore tests/browser
	$(BIN)/pytest -m "not slow" --durations 10 tests/browser tests/faults

test-long: setup
	tools/system_packages.sh test
	$(BIN)/pytest -m slow

faults: setup
	tools/system_packages.sh test
	@echo "The fault matrix takes about an hour on two cores. Its table comes at the end."
	$(BIN)/pytest tests/faults --durations=20

bench: setup
	tools/system_packages.sh bench
	PYTHONPATH=. $(BIN)/python -m bench

bench-long: setup
	tools/system_packages.sh bench
	PYTHONPATH=. $(BIN)/python -m bench --long

check: $(VENV)/.ready page/node_modules/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd page && npm run --silent check

format: $(VENV)/.ready page/node_modules/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd page && npm run --silent format

setup: $(VENV)/.ready $(MODEL) $(PAGE)

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Basira needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tools/system_packages.sh venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

page/node_modules/.ready: page/package-lock.json
	@command -v node >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' || \
		{ echo "Basira's page is built with Node 20 or newer; none was found." >&2; exit 1; }
	cd page && npm ci --no-audit --no-fund
	@touch $@

$(MODEL): $(VENV)/.ready $(wildcard tools/detector/*.py)
	PYTHONPATH=. $(BIN)/python -m tools.detector --cache $(CACHE) --output $@

$(PAGE): page/node_modules/.ready $(PAGE_SOURCES)
	cd page && npm run --silent build
	@touch $@

clean:
	rm -rf $(VENV) $(CACHE) page/node_modules page/dist src/basira/web/page $(MODEL) $(MODEL:.onnx=-int8.onnx)
