"""The way from raw files to a published build: land, dbt build, checks, publish."""

import contextlib
import importlib
import importlib.metadata
import shutil
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from portrait.build.data_tests import run_data_tests
from portrait.build.dbt_runner import (
    ALL_BUT_UNIT_TESTS,
    MODELS_AND_SEEDS,
    DbtResult,
    DbtSession,
)
from portrait.build.guards import (
    remark_on_room,
    require_data_up_to_as_of,
    require_known_currency,
    require_not_emptied,
    require_room,
    require_rows_up_to,
    require_same_settings,
    require_some_readable,
    require_unchanged_files,
    require_whole_run,
)
from portrait.build.kept import drop_unused
from portrait.build.outcomes import (
    Outcome,
    expectation_outcomes,
    read_artifact,
    read_dbt_outcomes,
)
from portrait.build.words import accept, find_words, refusal
from portrait.console import Display, Stage
from portrait.contract import load_contract
from portrait.database import cleared_spill, connect, how_to_fit, limit_databases
from portrait.errors import PortraitError
from portrait.landing.config_files import landed_files, landed_limits
from portrait.landing.configuration import (
    AUDIENCES_SUBJECT,
    DELIVERIES_SUBJECT,
    LIMITS_SUBJECT,
    NO_SEEDS,
    ConfigRow,
    Configuration,
)
from portrait.landing.land import LandingResult, land, landed_last
from portrait.publishing.publish import (
    BuildInfo,
    Published,
    PublishedWithTrouble,
    git_commit,
    project_version,
    publish,
    write_state,
)
from portrait.settings import Settings
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

if TYPE_CHECKING:  # great-expectations takes seconds to load
    from portrait.expectations import CheckResult

# The models that lifetime value is scored in: they wait for a fit that is due.
SCORED = "stg_state__clv_fits+"


class BuildFailed(PortraitError):
    """A build that must not be published, with what failed and the rows that a test printed."""

    def __init__(
        self,
        message: str,
        outcomes: Sequence[Outcome] = (),
        rows: Mapping[str, Sequence[str]] | None = None,
        errors: Sequence[str] = (),
    ) -> None:
        """Take the closing sentence and the failures to show before it."""
        super().__init__(message)
        self.outcomes = tuple(outcomes)
        self.rows = rows or {}
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Built:
    """A finished build: what was published, and the seconds of each stage."""

    published: Published
    seconds: Mapping[str, float]


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The settings as dbt reads them."""
    return {
        "PORTRAIT_RAW": str(settings.raw),
        "PORTRAIT_WAREHOUSE": str(settings.warehouse),
        "PORTRAIT_AS_OF": settings.as_of.isoformat() if settings.as_of else "",
        "PORTRAIT_AS_OF_MAX_GAP_DAYS": str(settings.as_of_max_gap_days),
        "PORTRAIT_TIMEZONE": settings.timezone,
        "PORTRAIT_CURRENCY": settings.currency,
        "PORTRAIT_COUNTRY": settings.country,
        "PORTRAIT_MEMORY_LIMIT": settings.memory_limit,
        "PORTRAIT_TEMP": str(settings.spill),
    }


def build(
    settings: Settings,
    display: Display,
    pseudonym_key: str = "",
    accept_drift: bool = False,
    accept_words: bool = False,
) -> Built:
    """Land, build, check and publish; an exception leaves what is published as it was."""
    limit_databases(settings)
    warehouse = Warehouse(settings.warehouse)
    with warehouse.locked(), cleared_spill(settings):
        started = datetime.now(UTC)
        build_id = warehouse.next_build_id(started)
        info = BuildInfo(
            build_id=build_id,
            started_at=started,
            finished_at=None,
            as_of_date=settings.as_of,
            project_version=project_version(settings.project),
            git_commit=git_commit(settings.project),
            dbt_version=None,
            duckdb_version=duckdb.__version__,
            raw_folder=settings.raw.name,
            timezone=settings.timezone,
            currency=settings.currency,
        )
        outcomes: list[Outcome] = []
        try:
            return _build(
                settings,
                warehouse,
                display,
                info,
                outcomes,
                pseudonym_key,
                accept_drift,
                accept_words,
            )
        except PublishedWithTrouble:
            raise
        except PortraitError as error:
            # Where the disk is full, the reason of the failure is what counts.
            with contextlib.suppress(OSError, duckdb.Error):
                write_state(warehouse.state, info, outcomes, event="failed", message=str(error))
            raise


def _build(
    settings: Settings,
    warehouse: Warehouse,
    display: Display,
    info: BuildInfo,
    outcomes: list[Outcome],
    pseudonym_key: str,
    accept_drift: bool,
    accept_words: bool,
) -> Built:
    seconds: dict[str, float] = {}
    # great-expectations takes seconds to load: it does so while dbt works.
    threading.Thread(target=_load_expectations, daemon=True).start()
    warehouse.work.mkdir(parents=True, exist_ok=True)
    with DbtSession(
        settings.project,
        warehouse.target,
        warehouse.work / "logs",
        dbt_environment(settings),
    ) as dbt:
        # dbt reads the project meanwhile.
        with display.stage("Landing") as stage:
            landed = land_files(settings, stage)
        seconds["landing"] = stage.seconds
        require_some_readable(warehouse.landing, landed.files)
        require_rows_up_to(settings, landed.files)
        require_known_currency(settings, load_contract(settings.project), landed.files)
        require_room(warehouse, landed.landed_rows)

        clear_work(warehouse)
        check_company_seeds(dbt, warehouse, display, outcomes)
        waits_for_fit = is_fit_certain(settings, warehouse)
        with display.stage("Building") as stage:
            without_scores = ("--exclude", SCORED) if waits_for_fit else ()
            built = dbt.run(("build", *MODELS_AND_SEEDS, *without_scores), stage.step)
            stage.note = f"{len(built.outcomes)} models and seeds"
        seconds["models"] = stage.seconds
        if built.succeeded:
            drop_unused(warehouse)
            require_data_up_to_as_of(warehouse)

        if built.succeeded and (waits_for_fit or is_fit_due(settings, warehouse)):
            with display.stage("Fitting") as stage:
                is_changed = fit_lifetime_value(settings, warehouse, stage)
                if waits_for_fit or is_changed:
                    scored = dbt.run(
                        ("build", *MODELS_AND_SEEDS, "--select", SCORED), lambda *_: None
                    )
                    built = built.followed_by(scored)
            seconds["fitting"] = stage.seconds

        if not built.succeeded:
            outcomes += built.outcomes
            # A failed test of a failed model's inputs may say why the model failed.
            if built.outcomes:
                tests = dbt.compiled_tests()
                # What failed, what stands behind it, and what waits for a fit.
                made = {one.unique_id for one in built.outcomes if one.status == "pass"}
                read = {name for test in tests for name in test["depends_on"]}
                unusable = {name for name in read - made if not name.startswith("source.")}
                tested = run_data_tests(warehouse, tests, unusable)
                outcomes += tested.outcomes
                built = built.followed_by(tested)
            require_dbt_success(built, landed_files(warehouse.landing))

        with display.stage("Checking") as stage, ThreadPoolExecutor(1) as other:
            # The tests are the database's work, the expectations Python's: side by side.
            testing = other.submit(lambda: run_data_tests(warehouse, dbt.compiled_tests()))
            checks = run_expectations(settings, warehouse, accept_drift)
            tested = testing.result()
            stage.note = f"{len(tested.outcomes)} tests, {len(checks.checks)} expectations"
        seconds["checks"] = stage.seconds
    outcomes += [*built.outcomes, *tested.outcomes, *expectation_outcomes(checks)]
    require_dbt_success(built.followed_by(tested), landed_files(warehouse.landing))
    # Words first: what they leave open may be the reason of an expectation that failed.
    require_known_words(settings, warehouse, info.build_id, accept_words)
    require_expectations(checks)
    require_not_emptied(settings, warehouse, accept_drift)
    require_unchanged_files(warehouse)

    with display.stage("Publishing") as stage:
        published = publish(
            warehouse,
            replace(
                info,
                finished_at=datetime.now(UTC),
                as_of_date=built_as_of_date(warehouse) or info.as_of_date,
                dbt_version=installed_dbt_version(),
                land_seconds=seconds["landing"],
                dbt_seconds=seconds["models"] + seconds.get("fitting", 0.0),
                check_seconds=seconds["checks"],
            ),
            outcomes,
            pseudonym_key,
            settings.project,
        )
        stage.note = info.build_id
    seconds["publishing"] = stage.seconds
    return Built(published, seconds)


def publish_work(
    settings: Settings,
    display: Display,
    pseudonym_key: str = "",
    accept_drift: bool = False,
    accept_words: bool = False,
) -> Built:
    """Check and publish what a plain `dbt build` left in the work folder, if it passed."""
    warehouse = Warehouse(settings.warehouse)
    with warehouse.locked():
        target = finished_target(settings, warehouse)
        require_same_settings(settings, warehouse)
        require_unchanged_files(warehouse)
        require_data_up_to_as_of(warehouse)
        outcomes = read_dbt_outcomes(target)
        with display.stage("Checking") as stage:
            checks = run_expectations(settings, warehouse, accept_drift)
        seconds = {"checks": stage.seconds}
        outcomes += expectation_outcomes(checks)
        started = datetime.now(UTC)
        build_id = warehouse.next_build_id(started)
        require_known_words(settings, warehouse, build_id, accept_words)
        require_expectations(checks)
        require_not_emptied(settings, warehouse, accept_drift)
        with display.stage("Publishing") as stage:
            published = publish(
                warehouse,
                BuildInfo(
                    build_id=build_id,
                    started_at=started,
                    finished_at=datetime.now(UTC),
                    as_of_date=built_as_of_date(warehouse) or settings.as_of,
                    project_version=project_version(settings.project),
                    git_commit=git_commit(settings.project),
                    dbt_version=dbt_version(target),
                    duckdb_version=duckdb.__version__,
                    raw_folder=settings.raw.name,
                    timezone=settings.timezone,
                    currency=settings.currency,
                    check_seconds=seconds["checks"],
                ),
                outcomes,
                pseudonym_key,
                settings.project,
                target,
            )
        seconds["publishing"] = stage.seconds
        return Built(published, seconds)


def land_files(settings: Settings, stage: Stage) -> LandingResult:
    """Land the raw files and the state that models read; make the folder that dbt writes into."""
    result = land(settings, stage.say)
    warehouse = Warehouse(settings.warehouse)
    warehouse.work.mkdir(parents=True, exist_ok=True)
    # The proposals of an earlier build that was never published.
    shutil.rmtree(warehouse.proposed_state.folder, ignore_errors=True)
    warehouse.land_state()
    for line in landing_remarks(result):
        stage.remark(line)
    if remark := remark_on_room(warehouse, result.landed_rows):
        stage.remark(remark)
    files = _count(len(result.files), "file")
    stage.note = f"{result.landed_rows:,} rows of {files} ({len(result.landed)} read anew)"
    return result


def check_company_seeds(
    dbt: DbtSession, warehouse: Warehouse, display: Display, outcomes: list[Outcome]
) -> None:
    """Load the seeds that the company changes and test them, before all that reads them is built.

    BuildFailed where one breaks a rule of its seed; `outcomes` then holds what was tested.
    """
    files = landed_files(warehouse.landing)
    seeds = [row.subject for row in files if row.subject not in NO_SEEDS]
    if not seeds:
        return
    with display.stage("Own seeds") as stage:
        # Cautious: the tests of tables that read the seed are for later.
        tested = dbt.run(
            ("build", "--select", *seeds, "--indirect-selection", "cautious", *ALL_BUT_UNIT_TESTS),
            stage.step,
        )
        tests = sum(1 for outcome in tested.outcomes if outcome.is_check)
        stage.note = f"{_count(tests, 'test')} of {', '.join(seeds)}"
    if not tested.succeeded:
        outcomes += tested.outcomes
        require_dbt_success(tested, files)


def is_fit_due(settings: Settings, warehouse: Warehouse) -> bool:
    """Whether lifetime value has no parameters of this warehouse's own, or only old ones."""
    from portrait.fitting.clv_parameters import is_due

    as_of = built_as_of_date(warehouse)
    return as_of is not None and is_due(warehouse.state, settings.currency, as_of)


def is_fit_certain(settings: Settings, warehouse: Warehouse) -> bool:
    """Whether a fit is due whatever the as-of date: this warehouse has never tried one."""
    from portrait.fitting.clv_parameters import was_never_tried

    return was_never_tried(warehouse.state, settings.currency)


def fit_lifetime_value(settings: Settings, warehouse: Warehouse, stage: Stage) -> bool:
    """Fit lifetime value to the build at hand; whether other parameters are in force now.

    A fit that fails never fails the build: the last good one stays, or there is no value. What was
    fitted takes effect with the build: until it is published, it is a proposal.
    """
    from portrait.fitting.clv_parameters import fit_clv, in_force, remarks_on, summary_of

    stage.say("lifetime value")
    before = in_force(warehouse.state, settings.currency)
    try:
        fits = fit_clv(warehouse.work_build, warehouse.proposed_state, settings.currency)
    except (ArithmeticError, ValueError) as error:
        stage.remark(f"lifetime value could not be fitted: {error}")
        return False
    for remark in remarks_on(fits):
        stage.remark(remark)
    stage.note = summary_of(fits)
    both = StateStore(warehouse.state.folder, warehouse.proposed_state.folder)
    warehouse.land_state(with_proposals=True)
    return in_force(both, settings.currency) != before


def landing_remarks(result: LandingResult) -> list[str]:
    """What a user should know of their files: own rules, what is absent, left out or broken."""
    remarks = configuration_remarks(result.configuration)
    if result.absent_tables:
        remarks.append(f"no files, so empty: {', '.join(result.absent_tables)}")
    if empty := [row.file for row in result.files if not row.landed_rows]:
        remarks.append(f"no rows: {', '.join(empty)}")
    remarks += [
        f"no amounts in {label} ({', '.join(columns)}): they are those of its lines, or zero"
        for label, columns in result.tables_without_amounts.items()
    ]
    for label, found in (
        ("absent columns", result.absent_columns),
        ("not in the contract", result.extra_columns),
    ):
        files_of: dict[str, list[str]] = {}
        for file, columns in found.items():
            files_of.setdefault(", ".join(columns), []).append(file)
        remarks += [
            f"{label}: {columns} ({files[0] if len(files) == 1 else _count(len(files), 'file')})"
            for columns, files in files_of.items()
        ]
    if result.broken_lines:
        remarks.append(f"{_count(result.broken_lines, 'broken line')}, in quality.rejected_rows")
    remarks += [f"not read: {file.file} ({file.hint})" for file in result.unknown if file.hint]
    if others := [file.file for file in result.unknown if not file.hint]:
        more = f" and {_count(len(others) - 5, 'other')}" if len(others) > 5 else ""
        remarks.append(f"not read, of no table: {', '.join(others[:5])}{more}")
    return remarks


def configuration_remarks(configuration: Configuration) -> list[str]:
    """What the company's own configuration changes: a line per file, a line per limit."""
    remarks = []
    for row in configuration.rows:
        if row.subject == LIMITS_SUBJECT:
            remarks += [f"config/{row.file}: {change}" for change in configuration.changes]
            continue
        if row.subject == DELIVERIES_SUBJECT:
            remarks.append(f"config/{row.file}: {_count(row.replaced_rows, 'table')} declared")
            continue
        if row.subject == AUDIENCES_SUBJECT:
            done = "in the place of the project's" if row.replaced_rows else "added"
            remarks.append(f"config/{row.file}: an audience {done}")
            continue
        counts = ((row.replaced_rows, "replaced"), (row.added_rows, "added"))
        parts = [f"{_count(number, 'row')} {done}" for number, done in counts if number]
        if row.is_whole:
            parts.append(f"{row.removed_rows} left out; it is the whole seed")
        remarks.append(f"config/{row.file}: {', '.join(parts) or 'no rows'}")
    return remarks


def clear_work(warehouse: Warehouse) -> None:
    """Remove the databases and results of the build before; dbt's parse cache stays."""
    warehouse.work.mkdir(parents=True, exist_ok=True)
    for file in (*warehouse.work.glob("*.duckdb"), *warehouse.work.glob("*.duckdb.wal")):
        file.unlink()


def _load_expectations() -> None:
    # An import that fails here fails again where the checks are run, and is reported there.
    with contextlib.suppress(Exception):
        importlib.import_module("portrait.expectations.runner")


def run_expectations(
    settings: Settings, warehouse: Warehouse, accept_drift: bool = False
) -> "CheckResult":
    """Run the expectation suites on the work folder; their Data Docs lie in work/data_docs."""
    from portrait.expectations import run_checks

    if not warehouse.work_portrait.exists():
        raise PortraitError(
            f"There is nothing to check in {warehouse.work}: run `portrait build`, "
            "or `portrait land` and `dbt build`."
        )
    previous = warehouse.current / "portrait.duckdb"
    return run_checks(
        settings,
        load_contract(settings.project),
        warehouse.work,
        warehouse.docs,
        previous if previous.exists() else None,
        accept_drift=accept_drift,
        limits=landed_limits(warehouse.landing),
        kept=warehouse.kept,
    )


def with_company_files(failed: Sequence[Outcome], files: Sequence[ConfigRow]) -> list[Outcome]:
    """The failures; those of a seed that the company changes name the company's file."""
    file_of = {row.subject: f"config/{row.file}" for row in files}
    return [
        replace(
            one,
            message="\n".join(
                filter(
                    None, [one.message, f"The company changes this seed in {file_of[one.subject]}."]
                )
            ),
        )
        if one.layer == "reference" and one.subject in file_of
        else one
        for one in failed
    ]


def require_dbt_success(result: DbtResult, files: Sequence[ConfigRow] = ()) -> None:
    """BuildFailed where a model or a test failed, or dbt ended before them.

    `files` are those of the company's configuration: a failed seed names its file.
    """
    if result.succeeded:
        return
    failed = result.failed
    skipped = sum(1 for outcome in result.outcomes if outcome.status == "skipped")
    if failed:
        tests = sum(1 for outcome in failed if outcome.is_check)
        others = len(failed) - tests
        said = " and ".join(
            _count(number, noun) for number, noun in ((others, "model"), (tests, "test")) if number
        )
        message = f"{said} failed"
        if skipped:
            message += f", and {_count(skipped, 'node')} behind did not run"
    elif result.outcomes:
        message = "dbt ended with an error beside its models and tests"
    else:
        message = "dbt ended before it built anything"
    said = "\n".join([*(outcome.message or "" for outcome in failed), *result.errors])
    raise BuildFailed(
        f"The build stopped: {message}. Nothing was published. {how_to_fit(said)}".rstrip(),
        with_company_files(failed, files),
        {outcome.name: result.rows_of(outcome.name) for outcome in failed},
        () if failed else result.errors,
    )


def require_expectations(result: "CheckResult") -> None:
    """BuildFailed where an expectation was not met."""
    failed = [outcome for outcome in expectation_outcomes(result) if outcome.is_failure]
    if failed:
        raise BuildFailed(
            f"The build stopped: {_count(len(failed), 'expectation')} failed. "
            f"Nothing was published. More in {result.docs_index}.",
            failed,
        )


def require_known_words(
    settings: Settings, warehouse: Warehouse, name: str, accept_words: bool
) -> None:
    """BuildFailed where too much money waits for the meaning of words that were never accepted."""
    found = find_words(warehouse.work_portrait, warehouse.state)
    if accept_words:
        accept(warehouse.proposed_state, name, found.not_accepted)
    elif found.share_pct > settings.unknown_words_max_pct:
        message, lines = refusal(found, settings.unknown_words_max_pct)
        raise BuildFailed(message, errors=lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def finished_target(settings: Settings, warehouse: Warehouse) -> Path:
    """The artifacts of the dbt build that made the marts in the work folder.

    PortraitError where the last dbt run was no whole build, or not all of it passed.
    """
    marts = warehouse.work_portrait
    if not marts.exists():
        raise PortraitError(
            f"There is nothing to publish in {warehouse.work}: run `portrait build`."
        )
    found = [
        target
        for target in (warehouse.target, settings.project / "target")
        if (target / "run_results.json").exists()
    ]
    target = max(found, key=lambda t: (t / "run_results.json").stat().st_mtime, default=None)
    if target is None:
        raise PortraitError(f"No dbt run stands beside {marts}: run `portrait build`.")
    run = read_artifact(target, "run_results.json")
    arguments = run.get("args", {})
    partial = [
        name for name in ("select", "exclude", "selector", "resource_types") if arguments.get(name)
    ]
    narrowed = [name for name in ("empty", "sample", "defer") if arguments.get(name)]
    if arguments.get("which") != "build" or partial or narrowed:
        raise PortraitError(
            "The last dbt run was no whole `dbt build`, so the marts may not fit together: "
            "run `portrait build`."
        )
    require_whole_run(target, run)
    failed = [outcome for outcome in read_dbt_outcomes(target) if outcome.is_failure]
    if failed:
        raise BuildFailed("The last dbt build did not pass, so it cannot be published.", failed)
    begun = datetime.fromisoformat(run["metadata"]["invocation_started_at"]).timestamp()
    if marts.stat().st_mtime < begun:
        raise PortraitError(
            f"The last dbt build did not write {marts}: "
            "publish with the settings it was built with."
        )
    landed = landed_last(warehouse.landing)
    if landed and landed.timestamp() > begun:
        raise PortraitError(
            "Raw files were landed after the last dbt build, which does not hold them: "
            "run `dbt build` again, or `portrait build`."
        )
    return target


def built_as_of_date(warehouse: Warehouse) -> date | None:
    """The as-of date of the marts in the work folder; None where no model says it."""
    try:
        with connect(warehouse.work_build, read_only=True) as connection:
            rows = connection.execute("select as_of_date from intermediate.int_as_of").fetchall()
    except (duckdb.CatalogException, duckdb.IOException):
        return None
    return rows[0][0] if rows else None


def installed_dbt_version() -> str:
    """The version of dbt that builds."""
    return importlib.metadata.version("dbt-core")


def dbt_version(target: Path) -> str | None:
    """The version of dbt that wrote the artifacts."""
    return read_artifact(target, "run_results.json").get("metadata", {}).get("dbt_version")
