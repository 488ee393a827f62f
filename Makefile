# Two commands are all a newcomer needs: `make up` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --no-compile
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: up test check format lock lock-npm bench chaos schema ide

up: .venv/up
	@$(BIN)/salesloop up

test: .venv/dev
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/salesloop schema --check schema.graphql

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev
	@$(BIN)/python -m bench

# A thousand faults befall the workers of jobs; some twenty minutes.
chaos: .venv/dev
	@$(BIN)/python -m bench.chaos --faults 1000

schema: .venv/dev
	$(BIN)/salesloop schema > schema.graphql

# Builds what /graphiql serves from its recipe; what is built is committed, for `make up` needs no Node.
ide: .venv/dev
	$(BIN)/python -m ide

# Resolves every dependency anew, for all Pythons from 3.11 on; needs uv.
lock:
	uv pip compile pyproject.toml --extra embedded --extra demo --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --output-file requirements.lock
	uv pip compile pyproject.toml --extra embedded --extra demo --extra dev --universal --python-version 3.11 \
		--constraint requirements.lock --generate-hashes --no-header --no-annotate --output-file requirements-dev.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 \
		--constraint requirements.lock --generate-hashes --no-header --no-annotate --output-file requirements-server.lock
	uv pip compile tests/clients/ariadne/requirements.in --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --output-file tests/clients/ariadne/requirements.lock

# The same for the npm packages of the bench, of GraphiQL, and of the tests of clients and of a provider; Node comes from its wheel.
lock-npm: .venv/dev
	$(BIN)/python -m bench.node bench/peers/postgraphile ide tests/clients tests/provider

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Salesloop needs Python 3.11 or newer; set PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "On Debian: apt-get install python3-venv"; exit 1; }

.venv/up: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing what Salesloop needs into .venv (some minutes the first time) ..."
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# What the tests need is all that Salesloop needs, and more.
.venv/dev: .venv/bin/python requirements-dev.lock requirements.lock pyproject.toml
	@echo "Installing what Salesloop and its tests need into .venv (some minutes the first time) ..."
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch .venv/up $@
