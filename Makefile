# The commands of the project. `make` alone lists them.

VENV := .venv
PYTHON := $(VENV)/bin/python
PORTRAIT := $(PYTHON) -m portrait.cli
WAREHOUSE := "$${PORTRAIT_WAREHOUSE:-warehouse}"
# Renewed when the locked packages change; until then nothing is installed again.
INSTALLED := $(VENV)/.installed
# The first of these that is Python 3.11 to 3.13 makes the environment (dbt-core 1.11 does not run on later ones).
BASE_PYTHONS := python3.13 python3.12 python3.11 python3 python
# Spark: what dbt needs to speak to a cluster is installed into the environment of the project. The cluster itself (pyspark,
# from which `make spark-up` starts one) has a separate environment. Both are made on first use.
SPARK_VENV := $(if $(PORTRAIT_SPARK_ENV),$(PORTRAIT_SPARK_ENV),.venv-spark)
SPARK_INSTALLED := $(SPARK_VENV)/.installed
SPARK_CLIENT_INSTALLED := $(VENV)/.spark-client-installed
# sqlfluff compiles through dbt, which opens a database. Each part that is linted has a separate one, so that it waits
# neither for a build nor for the other part. The two parts cost about the same.
LINT := target/lint
LINTED_calculations := models/intermediate
# It makes millions of small objects. Looking for unused cycles after every 700 of them takes 40 % of its time.
SQLFLUFF := $(PYTHON) -c 'import gc; gc.set_threshold(50_000, 20, 20); from sqlfluff.cli.commands import cli; cli()'
LINTED_rest := $(filter-out $(LINTED_calculations)/,$(wildcard models/*/)) tests analyses
# `make parity` builds a small invented company, and the written cases with their odd texts, in a separate folder.
PARITY := target/parity
# What the tables of both engines are made of. The checksum of what has passed is kept with the project: CI does not build the
# same files on Spark again.
PARITY_PASSED := tests/parity.sha256
PARITY_READS := models macros seeds tests/cases/raw portrait/landing portrait/generator portrait/spark portrait/comparison \
    portrait/contract.py dbt_project.yml profiles.yml requirements.lock requirements-dbt-spark.lock requirements-spark.lock
PARITY_IGNORES := -name '*.pyc' -o -name '*.md' -o -name '*__unit_tests.yml' -o -name '_exposures.yml' -o -path 'models/semantic/*'
# Options of `make bench`, as BENCH="--people 100000 --folder /tmp/bench". The generated companies stay in the folder.
BENCH :=
# Options of `make bench-app`, as BENCH_APP="--people 100000 --folder /tmp/bench".
BENCH_APP :=
# Options of `make bench-identity`, as BENCH_IDENTITY="--millions 0.1 --folder /tmp/bench".
BENCH_IDENTITY :=
# Options of `make bench-value`, as BENCH_VALUE="--customers 100000 --folder /tmp/bench". The package
# that it is compared with has a separate environment.
BENCH_VALUE :=
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/.installed
# The app (streamlit) has a separate environment, made on first use. So has what opens its pages in a browser, for the tests.
APP_VENV := $(if $(PORTRAIT_APP_ENV),$(PORTRAIT_APP_ENV),.venv-app)
APP_PYTHON := $(APP_VENV)/bin/python
APP_INSTALLED := $(APP_VENV)/.installed
APP_BROWSER_INSTALLED := $(APP_VENV)/.browser-installed
# MetricFlow has a separate environment too, since the build needs nothing of it.
METRICS_VENV := $(if $(PORTRAIT_METRICS_ENV),$(PORTRAIT_METRICS_ENV),.venv-metrics)
METRICS_PYTHON := $(METRICS_VENV)/bin/python
METRICS_INSTALLED := $(METRICS_VENV)/.installed
# The notebook (marimo) has one of its own as well.
NOTEBOOK_VENV := $(if $(PORTRAIT_NOTEBOOK_ENV),$(PORTRAIT_NOTEBOOK_ENV),.venv-notebook)
NOTEBOOK_PYTHON := $(NOTEBOOK_VENV)/bin/python
NOTEBOOK_INSTALLED := $(NOTEBOOK_VENV)/.installed
# What `make metrics` asks, as METRICS="query --metrics realised_revenue --group-by metric_time__month".
METRICS := list metrics
# Where `make app` listens, and further options of streamlit, as APP="--server.port 9000".
APP :=
# What `make notebook` opens, and further options of marimo, as NOTEBOOK="notebooks/mine.py --port 9000".
NOTEBOOK := notebooks/five_questions.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app app-env app-browser-env metrics metrics-env notebook notebook-env build test test-all lint lint-calculations lint-rest lint-python format docs clean lock bench bench-app bench-identity bench-portrait bench-value spark-env spark-up spark-down parity parity-kill parity-raw parity-sum

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(INSTALLED) ## Land the raw files, build, check and publish
	@$(PORTRAIT) build

# The tests of a file stay with one worker, so that what they share is built once; end to end, the longest, comes first.
test: $(INSTALLED) ## Run the tests, but for those marked slow
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-all: $(INSTALLED) ## Run all tests: also slow ones, on real data and on Spark where these are there
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --all

lint: $(INSTALLED) ## Check the style of SQL and Python, and the types of Python
	@$(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync lint-calculations lint-rest lint-python

# One process lints one file after the other, so each part of the SQL has a process.
lint-calculations lint-rest: lint-%:
	@mkdir -p $(LINT)/$*/work
	@PORTRAIT_WAREHOUSE=$(LINT)/$* DBT_TARGET_PATH=$(LINT)/$*/target $(SQLFLUFF) lint $(LINTED_$*)

lint-python:
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy

format: $(INSTALLED) ## Put SQL and Python into the house style
	@mkdir -p $(LINT)/work
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format
	@PORTRAIT_WAREHOUSE=$(LINT) $(SQLFLUFF) fix

app: $(APP_INSTALLED) ## Show the published file in a browser (streamlit: 550 MB, installed on first use)
	@test -e $(WAREHOUSE)/current/portrait.duckdb || { echo "Nothing is published yet: run make build first." >&2; exit 1; }
	@$(APP_PYTHON) -m streamlit run portrait/app/main.py $(APP)

app-env: $(APP_INSTALLED) ## Install what the app needs

app-browser-env: $(APP_BROWSER_INSTALLED) ## Install what the tests of the app in a browser need, beside Chromium

metrics: $(METRICS_INSTALLED) ## Query the metrics of the published file (MetricFlow: 230 MB, installed on first use)
	@$(METRICS_PYTHON) -m portrait.metrics $(METRICS)

metrics-env: $(METRICS_INSTALLED) ## Install what the metrics need

notebook: $(NOTEBOOK_INSTALLED) ## Open five questions with charts in a browser (marimo: 320 MB, installed on first use)
	@test -e $(WAREHOUSE)/current/analyst.duckdb || { echo "Nothing is published yet: run make build first." >&2; exit 1; }
	@$(NOTEBOOK_PYTHON) -m marimo edit --skip-update-check $(NOTEBOOK)

notebook-env: $(NOTEBOOK_INSTALLED) ## Install what the notebook needs

spark-env: $(SPARK_CLIENT_INSTALLED) $(SPARK_INSTALLED) ## Install what Spark needs (pyspark: 450 MB)

spark-up: spark-env ## Start a Spark cluster on this machine: master, two workers, thrift server
	@$(PORTRAIT) spark up

spark-down: $(INSTALLED) ## Stop the cluster
	@$(PORTRAIT) spark down

# The checksum is taken before the run and kept after it: what changes meanwhile was not built.
parity: spark-env parity-raw ## Build on DuckDB and on Spark, and compare the tables row by row
	@$(MAKE) --no-print-directory --silent parity-sum > $(PARITY)/sum
	@PORTRAIT_RAW=$(PARITY)/raw PORTRAIT_WAREHOUSE=$(PARITY)/warehouse $(PORTRAIT) parity
	@cp $(PARITY)/sum $(PARITY_PASSED)

parity-sum: ## Print the checksum of what parity reads; tests/parity.sha256 holds that of what has passed
	@find $(PARITY_READS) -type f -not \( $(PARITY_IGNORES) \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64

parity-kill: spark-env parity-raw ## The same, with a worker killed in the middle of Spark's build
	@PORTRAIT_RAW=$(PARITY)/raw PORTRAIT_WAREHOUSE=$(PARITY)/warehouse $(PORTRAIT) parity --kill-worker

bench: $(INSTALLED) ## Measure whole builds of up to a million people, beside scripts by hand and pandas
	@$(PYTHON) -m benchmarks.build_speed $(BENCH)

bench-app: $(INSTALLED) $(APP_INSTALLED) ## Measure the views of the app on a file of a million customers
	@$(PYTHON) -m benchmarks.app_speed $(BENCH_APP)

bench-identity: $(INSTALLED) ## Measure identity with up to two million generated records, and Splink on the same
	@$(PYTHON) -m benchmarks.identity_speed $(BENCH_IDENTITY)

bench-value: $(INSTALLED) $(BENCH_INSTALLED) ## Measure value over time with a million invented customers, and lifetimes on the same
	@$(PYTHON) -m benchmarks.value_speed $(BENCH_VALUE)

bench-portrait: $(INSTALLED) ## Measure preferences, risk and tags against the truth of generated companies, and how fast tags select
	@$(PYTHON) -m benchmarks.portrait_quality
	@$(PYTHON) -m benchmarks.risk_quality
	@$(PYTHON) -m benchmarks.tag_accuracy
	@$(PYTHON) -m benchmarks.tag_speed

docs: $(INSTALLED) ## Write the documentation of all tables and columns
	@test -e $(WAREHOUSE)/work/build.duckdb || $(PORTRAIT) build
	@$(PYTHON) -c "from dbt.cli.main import cli; cli()" --quiet docs generate --static
	@echo "Open target/static_index.html in a browser."

clean: ## Remove landed files, work files and caches; what is published stays
	@test ! -e target/spark/processes.json || $(PORTRAIT) spark down
	@rm -rf target logs $(WAREHOUSE)/work $(WAREHOUSE)/landing $(WAREHOUSE)/kept .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -path './.venv*' -prune -o -type d -name __pycache__ -exec rm -rf {} +
	@echo "Clean. Published builds stay in "$(WAREHOUSE)", installed packages in $(VENV)."

# The client of Spark is locked as what it adds: every package of requirements.lock is left out, at the version that it has.
lock: ## Renew the locked packages from pyproject.toml (needs uv)
	@command -v uv > /dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv)." >&2; exit 1; }
	@uv pip compile pyproject.toml --extra dev --extra fit --extra postgres --universal --python-version 3.11 --generate-hashes --upgrade \
	    --quiet --no-emit-index-url --no-strip-extras --custom-compile-command "make lock" \
	    --output-file requirements.lock
	@uv pip compile pyproject.toml --extra spark --constraints requirements.lock --universal --python-version 3.11 \
	    $$(sed -n 's/^\([a-z0-9][a-z0-9-]*\).*==.*/--no-emit-package \1/p' requirements.lock) \
	    --generate-hashes --quiet --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	    --output-file requirements-dbt-spark.lock
	@echo "pyspark>=4.3,<4.4" | uv pip compile - --universal --python-version 3.11 --generate-hashes --upgrade \
	    --quiet --no-emit-index-url --custom-compile-command "make lock" --output-file requirements-spark.lock
	@printf 'lifetimes>=0.11.3,<0.12\npyarrow>=20\n' | uv pip compile - --universal --python-version 3.11 \
	    --generate-hashes --upgrade --quiet --no-emit-index-url --custom-compile-command "make lock" \
	    --output-file requirements-bench.lock
	@printf 'click\nduckdb\npyyaml\nrich\nstreamlit>=1.67,<2\n' | uv pip compile - --constraints requirements.lock \
	    --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements-app.lock
	@printf 'axe-playwright-python>=0.1.7\nplaywright>=1.50\n' | uv pip compile - --constraints requirements-app.lock \
	    --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements-app-browser.lock
	@printf 'dbt-duckdb\ndbt-metricflow>=0.15,<0.16\n' | uv pip compile - --constraints requirements.lock \
	    --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-emit-index-url --no-annotate --no-strip-extras \
	    --custom-compile-command "make lock" --output-file requirements-metrics.lock
	@printf 'altair>=6,<7\nduckdb\nmarimo>=0.25,<1\n' | uv pip compile - --constraints requirements.lock \
	    --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements-notebook.lock
	@{ sed -n 's/^\(duckdb==[0-9.]*\).*/\1/p' requirements.lock; \
	    printf 'apache-superset==6.1.0\ncachelib==0.13.0\ncachetools\nduckdb-engine==0.17.0\nflask-caching==2.3.1\nrich\n'; } \
	    | uv pip compile - --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements-superset.lock

# pip does not install the project itself, since it would fetch a build tool for that. A .pth file puts it on the path,
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

parity-raw: $(INSTALLED)
	@rm -rf $(PARITY)/raw $(PARITY)/raw_truth
	@$(PORTRAIT) generate --people 300 --days 200 --out $(PARITY)/raw > /dev/null
	@cp -R tests/cases/raw/. $(PARITY)/raw

$(SPARK_CLIENT_INSTALLED): $(INSTALLED) requirements-dbt-spark.lock
	@echo "Installing dbt's client of Spark as requirements-dbt-spark.lock names it"
	@$(PYTHON) -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r requirements-dbt-spark.lock
	@touch $@

$(SPARK_INSTALLED): requirements-spark.lock | $(INSTALLED)
	@test -x $(SPARK_VENV)/bin/python || $(PYTHON) -m venv --clear $(SPARK_VENV)
	@echo "Installing pyspark into $(SPARK_VENV) as requirements-spark.lock names it (450 MB, some minutes)"
	@$(SPARK_VENV)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-spark.lock
	@touch $@

$(BENCH_INSTALLED): requirements-bench.lock | $(INSTALLED)
	@test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv --clear $(BENCH_VENV)
	@echo "Installing lifetimes into $(BENCH_VENV) as requirements-bench.lock names it"
	@$(BENCH_VENV)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-bench.lock
	@touch $@

$(APP_INSTALLED): requirements-app.lock | $(INSTALLED)
	@test -x $(APP_PYTHON) || $(PYTHON) -m venv --clear $(APP_VENV)
	@echo "Installing streamlit into $(APP_VENV) as requirements-app.lock names it"
	@$(APP_PYTHON) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-app.lock
	@$(APP_PYTHON) -c 'import os, pathlib, sysconfig; \
	    site = sysconfig.get_path("purelib"); \
	    pathlib.Path(site, "portrait.pth").write_text(os.path.relpath(os.getcwd(), site) + "\n")'
	@touch $@

$(APP_BROWSER_INSTALLED): requirements-app-browser.lock $(APP_INSTALLED)
	@echo "Installing playwright into $(APP_VENV) as requirements-app-browser.lock names it"
	@$(APP_PYTHON) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-app-browser.lock
	@touch $@

$(METRICS_INSTALLED): requirements-metrics.lock | $(INSTALLED)
	@test -x $(METRICS_PYTHON) || $(PYTHON) -m venv --clear $(METRICS_VENV)
	@echo "Installing MetricFlow into $(METRICS_VENV) as requirements-metrics.lock names it"
	@$(METRICS_PYTHON) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-metrics.lock
	@touch $@

$(NOTEBOOK_INSTALLED): requirements-notebook.lock | $(INSTALLED)
	@test -x $(NOTEBOOK_PYTHON) || $(PYTHON) -m venv --clear $(NOTEBOOK_VENV)
	@echo "Installing marimo into $(NOTEBOOK_VENV) as requirements-notebook.lock names it"
	@$(NOTEBOOK_PYTHON) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-notebook.lock
	@$(NOTEBOOK_PYTHON) -c 'import os, pathlib, sysconfig; \
	    site = sysconfig.get_path("purelib"); \
	    pathlib.Path(site, "portrait.pth").write_text(os.path.relpath(os.getcwd(), site) + "\n")'
	@touch $@

-include examples/examples.mk
