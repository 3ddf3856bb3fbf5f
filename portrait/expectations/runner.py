"""Hands the suites to great-expectations; its import takes seconds, so import it only to run."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from portrait.errors import PortraitError
from portrait.expectations.results import Check, Status
from portrait.expectations.suites import Expectation, Plan, Suite

# Nothing leaves the machine; the library reads this when it is imported.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import great_expectations as gx
    import great_expectations.expectations as library
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    from portrait.expectations.data_docs import (
        PAGES,
        OfflinePageView,
        SuiteResultsRenderer,
        clear_docs,
    )
    from portrait.expectations.dialect import SCHEME

# Counts, and no sample of the values that were not as expected: they may be personal.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SITE = "data_docs"
BATCH = "all rows"


def run_plan(reader: str, plan: Plan, docs_dir: Path) -> list[Check]:
    """Run the suites of a plan as one checkpoint over an open reader, and write its Data Docs.

    Raises:
        PortraitError: the Data Docs could not be written.
    """
    with _quiet():
        context = _context(docs_dir)
        if not plan.suites:
            results: dict[str, Any] = {}
        else:
            checkpoint = _checkpoint(context, reader, plan.suites)
            outcome = checkpoint.run(run_id=RunIdentifier(run_name="checks"))
            results = {r.suite_name: r for r in outcome.run_results.values()}
        clear_docs(docs_dir)
        context.build_data_docs(site_names=[SITE], build_index=False)
    if sum(1 for _ in (docs_dir / PAGES).rglob("*.html")) != len(plan.suites):
        # The library logs what went wrong with a page, and goes on.
        raise PortraitError(f"The Data Docs could not be written completely to {docs_dir}.")
    return [check for suite in plan.suites for check in _checks(suite, results[suite.name])]


def _context(docs_dir: Path) -> Any:
    """A context that lives in memory and writes nothing but the Data Docs."""
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
            data_docs_sites={
                SITE: {
                    "class_name": "SiteBuilder",
                    "show_how_to_buttons": False,
                    "store_backend": {
                        "class_name": "TupleFilesystemStoreBackend",
                        "base_directory": str(docs_dir.absolute()),
                    },
                    "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                    "site_section_builders": {
                        "expectations": "None",
                        "profiling": "None",
                        "validations": {
                            "class_name": "DefaultSiteSectionBuilder",
                            "source_store_name": "validation_results_store",
                            "renderer": {
                                "module_name": SuiteResultsRenderer.__module__,
                                "class_name": SuiteResultsRenderer.__name__,
                            },
                            "view": {
                                "module_name": OfflinePageView.__module__,
                                "class_name": OfflinePageView.__name__,
                            },
                        },
                    },
                }
            },
        ),
    )


def _checkpoint(context: Any, reader: str, suites: list[Suite]) -> Any:
    # All tables at once: each that is added later would write the whole configuration again.
    source = context.data_sources.add_sql(
        "build",
        connection_string=f"{SCHEME}:///{reader}",
        assets=[
            {
                "type": "table",
                "name": suite.table,
                "table_name": suite.relation,
                "batch_definitions": [{"name": BATCH}],
            }
            for suite in suites
        ],
    )
    definitions = [
        context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.name,
                data=source.get_asset(suite.table).get_batch_definition(BATCH),
                suite=context.suites.add(
                    gx.ExpectationSuite(
                        name=suite.name,
                        expectations=[_expectation(one) for one in suite.expectations],
                    )
                ),
            )
        )
        for suite in suites
    ]
    return context.checkpoints.add(
        gx.Checkpoint(
            name="portrait", validation_definitions=definitions, result_format=RESULT_FORMAT
        )
    )


def _expectation(one: Expectation) -> Any:
    check = one.check
    text = [
        check.sentence,
        *([one.details] if one.details else []),
        f"{check.reason} (Owner: {check.owner})",
        *([f"It stops no build. {check.mend}"] if check.severity == "warn" else []),
    ]
    return getattr(library, one.type)(
        **one.arguments, description="\n".join(text), meta={"check": check.name}
    )


def _checks(suite: Suite, results: Any) -> list[Check]:
    by_name = {result.expectation_config.meta["check"]: result for result in results.results}
    return [_filled(one, by_name[one.check.name]) for one in suite.expectations]


def _filled(one: Expectation, result: Any) -> Check:
    error = _error(result)
    missed: Status = "warned" if one.check.severity == "warn" and not error else "failed"
    return replace(
        one.check,
        status="passed" if result.success else missed,
        observed=f"the check could not run: {error}" if error else one.describe(result.result),
        failures=one.failures,
    )


def _error(result: Any) -> str | None:
    """The message of an exception within an expectation; its form depends on the kind of metric."""
    info = result.exception_info or {}
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [str(i.get("exception_message")) for i in infos if i.get("raised_exception")]
    return messages[0].splitlines()[0] if messages else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's warnings and log lines off the terminal; the results say all."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
