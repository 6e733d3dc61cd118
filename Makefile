# GNU make 3.81 (macOS) and 4. What each target does: `make help`.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test check faults reset lock

BIN := .venv/bin

# PYTHON names the interpreter; otherwise the first of these that starts and is new enough (a version manager may leave
# commands on the path that only complain). Where none is, bootstrap.py says so in one sentence.
CANDIDATES := python3.13 python3.12 python3.11 python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
NO_PYTHON := Jiedai needs Python 3.11 or newer, and $(or $(PYTHON),python3) was not found: install one and name it, \
	as in: make setup PYTHON=/path/to/python3.11

define BOOTSTRAP
@python='$(PYTHON)'; \
for found in $(CANDIDATES); do \
	if [ -z "$$python" ] && "$$found" -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then python="$$found"; fi; \
done; \
python="$${python:-python3}"; \
command -v "$$python" >/dev/null 2>&1 || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
"$$python" scripts/bootstrap.py
endef

# For `make lock`: only releases older than this day, so that a lock can be made again.
BEFORE ?= $(shell date -u +%Y-%m-%d)
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet \
	--exclude-newer $(BEFORE)T00:00:00Z

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "  %-12s %s\n", $$1, $$2 }'

setup: ## Make .venv and install what the service needs; the command is then .venv/bin/jiedai
	$(BOOTSTRAP)

setup-dev: ## The same, with what the checks and tests need
	$(BOOTSTRAP) --dev

demo: setup ## Set up, seed the demo shop, play its conversations, stay up; ONCE=1: end after the print
	@$(BIN)/jiedai demo $(if $(filter-out 0 no false,$(ONCE)),--once)

test: check ## Every check and every test; ARGS='…' goes to pytest
	$(BIN)/pytest -n auto -m 'not faults' $(ARGS)
	$(BIN)/pytest -n 0 -m faults $(ARGS)

check: setup-dev ## The checks without the tests: lint, format, types, contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

faults: setup-dev ## Nothing lost, nothing doubled, at full length: 10,000 messages over 50 random kills (docs/reliability.md)
	JIEDAI_FAULTS_MESSAGES=$(or $(MESSAGES),10000) JIEDAI_FAULTS_KILLS=$(or $(KILLS),50) JIEDAI_FAULTS_SEED=$(or $(SEED),0) \
		$(BIN)/pytest -n 0 -s tests/faults $(ARGS)

reset: ## Forget the demo's data
	@if [ -x $(BIN)/jiedai ]; then $(BIN)/jiedai demo --reset; else rm -rf var; fi

lock: ## For maintainers: resolve requirements/*.lock anew with uv; BEFORE=2026-11-15: nothing newer
	$(LOCK) pyproject.toml requirements/build.in -o requirements/runtime.lock
	$(LOCK) --extra test pyproject.toml requirements/build.in -c requirements/runtime.lock -o requirements/dev.lock
