"""The checkpoint: one run of great-expectations over landing, staging and marts, with Data Docs."""

from pathlib import Path

from portrait.contract import Table
from portrait.expectations.connection import open_reader
from portrait.expectations.landing import plan_landing
from portrait.expectations.limits import read_thresholds
from portrait.expectations.measures import plan_marts, plan_staging
from portrait.expectations.results import Check, CheckResult
from portrait.expectations.suites import Plan
from portrait.settings import Settings


def run_checks(
    settings: Settings,
    contract: list[Table],
    work: Path,
    docs_dir: Path,
    previous: Path | None = None,
    *,
    accept_drift: bool = False,
    limits: str | None = None,
    kept: Path | None = None,
) -> CheckResult:
    """Run every expectation suite over a build and write the Data Docs.

    Args:
        settings: of the run; the thresholds are read from `<project>/expectations/`.
        contract: the raw tables, from `portrait.contract.load_contract`.
        work: folder of `build.duckdb` and `portrait.duckdb`, both read only; no other connection in
            this process may hold them open for writing.
        docs_dir: gets the static pages (`index.html`) and `checks.json`, the result as plain
            records; what an earlier run wrote there is replaced.
        previous: `portrait.duckdb` of the published build to compare with; None where there is
            none.
        accept_drift: leave out the comparison with the previous build, because its change is known
            to be right.
        limits: the company's own limits, as YAML; None where it has none.
        kept: folder of what is kept by file from build to build; None to count all files anew.

    Raises:
        PortraitError: a file is missing, a threshold file is wrong, or a table of the contract is
            not in the build.
    """
    thresholds = read_thresholds(settings.project, limits, "config/expectations.yml")
    plan = Plan()
    with open_reader(work, previous) as reader:
        plan_landing(reader.connection, contract, thresholds.rules, plan, kept)
        plan_staging(reader.connection, contract, thresholds.staging, plan)
        plan_marts(
            reader.connection,
            thresholds.marts,
            settings,
            reader.has_previous,
            accept_drift,
            plan,
        )

        # Its import takes seconds: only here.
        from portrait.expectations.data_docs import write_index
        from portrait.expectations.runner import run_plan

        checks = run_plan(reader.name, plan, docs_dir)
    result = CheckResult(_in_order([*checks, *plan.skipped]), docs_dir / "index.html")
    write_index(result, docs_dir)
    return result


def _in_order(checks: list[Check]) -> tuple[Check, ...]:
    layers = ("landing", "staging", "marts")
    return tuple(sorted(checks, key=lambda check: layers.index(check.layer)))
