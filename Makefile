# Everything a newcomer or CI needs. `make demo` and `make test` set up what they need themselves.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup system demo test check format page clean

setup: system $(VENV)/.ready page/node_modules/.ready src/basira/analysis/models/nanodet-g.onnx page

system:
	@tools/system-packages

$(VENV)/.ready: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@
