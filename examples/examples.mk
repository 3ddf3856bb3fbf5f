# The examples on real data, each with its own warehouse folder. The Makefile includes this file.
EXAMPLES_WAREHOUSE ?= warehouse/examples

.PHONY: example-online-retail example-cdnow

example-online-retail: $(INSTALLED) ## Build UCI's Online Retail into warehouse/examples/online_retail
	$(PYTHON) examples/run_adapter.py online_retail --warehouse $(EXAMPLES_WAREHOUSE)/online_retail
	PORTRAIT_RAW=$(EXAMPLES_WAREHOUSE)/online_retail/raw \
	PORTRAIT_WAREHOUSE=$(EXAMPLES_WAREHOUSE)/online_retail \
	PORTRAIT_TIMEZONE=Europe/London PORTRAIT_CURRENCY=GBP PORTRAIT_AS_OF=2011-12-09 \
	$(PORTRAIT) build

example-cdnow: $(INSTALLED) ## Build CDNOW into warehouse/examples/cdnow
	$(PYTHON) examples/run_adapter.py cdnow --warehouse $(EXAMPLES_WAREHOUSE)/cdnow
	PORTRAIT_RAW=$(EXAMPLES_WAREHOUSE)/cdnow/raw \
	PORTRAIT_WAREHOUSE=$(EXAMPLES_WAREHOUSE)/cdnow \
	PORTRAIT_TIMEZONE=America/New_York PORTRAIT_CURRENCY=USD PORTRAIT_AS_OF=1998-06-30 \
	$(PORTRAIT) build

# Superset has a separate environment, made on first use by a Python that it runs on.
SUPERSET_VENV := $(if $(PORTRAIT_SUPERSET_ENV),$(PORTRAIT_SUPERSET_ENV),.venv-superset)
SUPERSET_INSTALLED := $(SUPERSET_VENV)/.installed
SUPERSET_BASE_PYTHONS := python3.12 python3.11
# Options of `make example-superset`, as SUPERSET="--port 9000".
SUPERSET :=

.PHONY: example-superset superset-env

example-superset: $(SUPERSET_INSTALLED) ## Show the published file in Superset's dashboards (installed on first use)
	@$(SUPERSET_VENV)/bin/python examples/superset/run.py --file $(WAREHOUSE)/current/portrait.duckdb \
	    --home $(EXAMPLES_WAREHOUSE)/superset $(SUPERSET)

superset-env: $(SUPERSET_INSTALLED) ## Install what Superset needs

$(SUPERSET_INSTALLED): requirements-superset.lock
	@test -x $(SUPERSET_VENV)/bin/python || { \
	    for python in $(SUPERSET_BASE_PYTHONS); do \
	        $$python -m venv --clear $(SUPERSET_VENV) 2> /dev/null && exit; \
	    done; \
	    echo "Superset needs one of $(SUPERSET_BASE_PYTHONS)." >&2; exit 1; }
	@echo "Installing Superset into $(SUPERSET_VENV) as requirements-superset.lock names it"
	@$(SUPERSET_VENV)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r requirements-superset.lock
	@touch $@
