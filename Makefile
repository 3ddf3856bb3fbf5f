# The commands of the project. `make` alone lists them.

VENV := .venv
PYTHON := $(VENV)/bin/python
PORTRAIT := $(PYTHON) -m portrait.cli
WAREHOUSE := "$${PORTRAIT_WAREHOUSE:-warehouse}"
# Renewed when the locked packages change; until then nothing is installed again.
INSTALLED := $(VENV)/.installed
# The first of these that is Python 3.11 to 3.13 (dbt-core 1.11 runs on none later) makes the environment.
BASE_PYTHONS := python3.13 python3.12 python3.11 python3 python
# sqlfluff compiles through dbt, which opens a database: one of its own, so that no build is in the way.
LINT_WAREHOUSE := target/lint

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build test lint format docs clean lock

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(INSTALLED) ## Land the raw files, build, check and publish
	@$(PORTRAIT) build

test: $(INSTALLED) ## Run all tests
	@$(PYTHON) -m pytest -n 2 --dist worksteal

lint: $(INSTALLED) ## Check the style of SQL and Python
	@mkdir -p $(LINT_WAREHOUSE)/work
	@PORTRAIT_WAREHOUSE=$(LINT_WAREHOUSE) $(PYTHON) -m sqlfluff lint
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check

format: $(INSTALLED) ## Put SQL and Python into the house style
	@mkdir -p $(LINT_WAREHOUSE)/work
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format
	@PORTRAIT_WAREHOUSE=$(LINT_WAREHOUSE) $(PYTHON) -m sqlfluff fix

docs: $(INSTALLED) ## Write the documentation of all tables and columns
	@test -e $(WAREHOUSE)/work/build.duckdb || $(PORTRAIT) build
	@$(PYTHON) -c "from dbt.cli.main import cli; cli()" --quiet docs generate --static
	@echo "Open target/static_index.html in a browser."

clean: ## Remove landed files, work files and caches; what is published stays
	@rm -rf target logs $(WAREHOUSE)/work $(WAREHOUSE)/landing .pytest_cache .ruff_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +
	@echo "Clean. Published builds stay in "$(WAREHOUSE)", installed packages in $(VENV)."

lock: ## Renew requirements.lock from pyproject.toml (needs uv)
	@command -v uv > /dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv)." >&2; exit 1; }
	@uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --upgrade \
	    --quiet --no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock

# The project itself is not installed by pip, which would fetch a build tool for it: a .pth file puts it on the path,
# relative to the environment, so that the folder may be moved.
$(INSTALLED): requirements.lock
	@set -e; \
	test -x $(PYTHON) && $(PYTHON) -c '' 2> /dev/null || { \
	    found=; \
	    for python in $(BASE_PYTHONS); do \
	        if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2> /dev/null; then \
	            found=$$python; break; \
	        fi; \
	    done; \
	    test -n "$$found" || { \
	        echo "Python 3.11, 3.12 or 3.13 is needed, and none of $(BASE_PYTHONS) is one." >&2; \
	        echo "Install one, or name one: make build BASE_PYTHONS=/path/to/python3" >&2; exit 1; }; \
	    echo "Making $(VENV) with $$($$found --version)"; \
	    $$found -m venv --clear $(VENV) || { \
	        rm -rf $(VENV); \
	        echo "$$found cannot make an environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	}
	@echo "Installing $$(grep -c '^[a-z].*==' requirements.lock) packages as requirements.lock names them"
	@{ $(PYTHON) -m pip install --disable-pip-version-check --require-hashes -r requirements.lock \
	    || echo "pip failed"; } | awk ' \
	    /^Collecting/ { printf "  %3d %s\n", ++count, $$2; fflush() } \
	    /^Installing collected/ { print "  unpacking them (about half a minute)"; fflush() } \
	    /^pip failed/ { failed = 1 } \
	    END { exit failed }'
	@$(PYTHON) -c 'import os, pathlib, sysconfig; \
	    site = sysconfig.get_path("purelib"); \
	    pathlib.Path(site, "portrait.pth").write_text(os.path.relpath(os.getcwd(), site) + "\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m portrait.cli "$$@"\n' > $(VENV)/bin/portrait
	@chmod +x $(VENV)/bin/portrait
	@touch $@

-include examples/examples.mk
