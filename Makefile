# Each target installs what it needs: uv if there is none, Python packages from the lock file.
# `make help` lists the targets from the comments behind them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# uv: the one in the path; else one that `pip --user` can install; else one in a virtual environment of its own,
# where the system's Python is managed by its packages (PEP 668) or has no pip.
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),$(wildcard $(HOME)/.local/bin/uv),$(wildcard .uv/bin/uv))
RUN = $(or $(UV),$$(cat .venv/uv-path)) run --frozen

ARGS ?=

.PHONY: help demo fast serve test fmt lint types tests bench sim kill clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/ready  ## A broker comes alive: market, 200 trading accounts, live view (ARGS="--quotes FILE --rate 50")
	$(RUN) prorata demo $(ARGS)

serve: .venv/ready  ## Serve the platforms of prorata.toml
	$(RUN) prorata serve $(ARGS)

test: lint types tests  ## Everything that a change must pass

lint: .venv/ready  ## Style, formatting, import rules
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) lint-imports

types: .venv/ready  ## Types
	$(RUN) mypy

tests: .venv/ready  ## Tests (ARGS="tests/trading -k stop_out")
	$(RUN) pytest -n 2 $(ARGS)

fmt: .venv/ready  ## Put the code into its form
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

bench: .venv/ready  ## Measure, beside a peer where there is one
	$(RUN) prorata bench $(ARGS)

fast: .venv/ready  ## Compile the engine into .fast (needs a C compiler; then PYTHONPATH=.fast)
	$(RUN) python -m tools.fast

sim: .venv/ready  ## Simulate seeded crowds, faults and crashes (ARGS="--seeds 1000 -j 2")
	$(RUN) prorata sim $(ARGS)

kill: .venv/ready  ## Kill -9 a server under load a hundred times (ARGS="--kills 10")
	$(RUN) python -m prorata.sim.kill $(ARGS)

clean:  ## Forget environments and caches; data stays
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/ready: pyproject.toml uv.lock
	uv="$(UV)"; \
	if [ -z "$$uv" ]; then \
	  echo "installing uv"; \
	  if $(PYTHON) -m pip install --quiet --user uv 2>/dev/null; then \
	    uv="$$($(PYTHON) -m site --user-base)/bin/uv"; \
	  else \
	    $(PYTHON) -m venv .uv && .uv/bin/pip install --quiet uv && uv="$$PWD/.uv/bin/uv"; \
	  fi; \
	fi; \
	"$$uv" sync --frozen --compile-bytecode; \
	echo "$$uv" > .venv/uv-path; \
	touch $@
