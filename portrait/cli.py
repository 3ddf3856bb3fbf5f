"""The command line: `portrait build` and the steps it is made of."""

import io
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
import duckdb
from rich.markup import escape

from portrait.console import Display, make_console
from portrait.database import cleared_spill, how_to_fit, limit_databases
from portrait.errors import PortraitError
from portrait.settings import Settings, pseudonym_key
from portrait.spark.cluster import Cluster, SparkSettings
from portrait.warehouse import Warehouse

# Option, environment variable, help. An option goes before the environment.
SETTING_OPTIONS = (
    ("--raw", "PORTRAIT_RAW", "Folder of the raw files (default: data/sample)."),
    ("--warehouse", "PORTRAIT_WAREHOUSE", "Folder of the results (default: warehouse)."),
    ("--as-of", "PORTRAIT_AS_OF", "Last day of all windows (default: latest in the data)."),
    (
        "--as-of-max-gap-days",
        "PORTRAIT_AS_OF_MAX_GAP_DAYS",
        "Stray rows behind a longer gap set no as-of date; 0 for never (default: 31).",
    ),
    ("--timezone", "PORTRAIT_TIMEZONE", "Business time zone (default: Asia/Shanghai)."),
    ("--currency", "PORTRAIT_CURRENCY", "Reporting currency (default: CNY)."),
    ("--config", "PORTRAIT_CONFIG", "Folder of own seeds and limits (default: config in raw)."),
    ("--country", "PORTRAIT_COUNTRY", "Country of phone numbers without one (default: none)."),
)


def with_settings(*wanted: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of its settings, and the settings as its first argument."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        options = [entry for entry in SETTING_OPTIONS if entry[0] in wanted]

        @wraps(command)
        def wrapped(**arguments: Any) -> None:
            environment = dict(os.environ)
            for option, variable, _ in options:
                value = arguments.pop(option.removeprefix("--").replace("-", "_"))
                if value is not None:
                    environment[variable] = value
            settings = Settings.from_environment(environment)
            limit_databases(settings)
            command(settings, **arguments)

        for option, variable, text in reversed(options):
            wrapped = click.option(option, envvar=variable, show_envvar=True, help=text)(wrapped)
        return wrapped

    return decorate


ALL = tuple(option for option, _, _ in SETTING_OPTIONS)

accept_drift_option = click.option(
    "--accept-drift",
    is_flag=True,
    help="Leave out the comparison with the build before: its change is known.",
)


accept_words_option = click.option(
    "--accept-words",
    is_flag=True,
    help="Publish although words are unknown; the same words are not asked for again.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Build and publish the customer portrait from raw orders and customer records."""


@cli.command()
@accept_drift_option
@accept_words_option
@with_settings(*ALL)
def build(settings: Settings, accept_drift: bool, accept_words: bool) -> None:
    """Land, build, check and publish, and print a summary."""
    from portrait.build.pipeline import build as run_build
    from portrait.build.summary import print_summary

    console = make_console()
    built = run_build(settings, Display(console), pseudonym_key(), accept_drift, accept_words)
    print_summary(console, Warehouse(settings.warehouse), built)


@cli.command()
@with_settings("--raw", "--warehouse", "--timezone", "--config")
def land(settings: Settings) -> None:
    """Read new raw files into the warehouse; a plain `dbt build` works after it."""
    from portrait.build.pipeline import land_files

    console = make_console()
    with (
        Warehouse(settings.warehouse).locked(),
        Display(console).stage("Landing") as stage,
    ):
        land_files(settings, stage)


@cli.command()
@accept_drift_option
@with_settings(*ALL)
def check(settings: Settings, accept_drift: bool) -> None:
    """Run the expectation suites on the last build, published or not."""
    from portrait.build.pipeline import require_expectations, run_expectations
    from portrait.build.summary import shown

    console = make_console()
    warehouse = Warehouse(settings.warehouse)
    with warehouse.locked(), Display(console).stage("Checking") as stage:
        result = run_expectations(settings, warehouse, accept_drift)
        stage.note = (
            f"{result.passed} passed, {result.warned} warned, {result.failed} failed, "
            f"{result.skipped} skipped"
        )
    console.print(f"Data Docs: {shown(result.docs_index)}", soft_wrap=True)
    require_expectations(result)


@cli.command()
@accept_drift_option
@accept_words_option
@with_settings(*ALL)
def publish(settings: Settings, accept_drift: bool, accept_words: bool) -> None:
    """Check and publish what a plain `dbt build` made, if all of it passed."""
    from portrait.build.pipeline import publish_work
    from portrait.build.summary import print_summary

    console = make_console()
    built = publish_work(settings, Display(console), pseudonym_key(), accept_drift, accept_words)
    print_summary(console, Warehouse(settings.warehouse), built)


@cli.command()
@click.argument("build_id", metavar="[BUILD]", required=False)
@with_settings("--warehouse")
def rollback(settings: Settings, build_id: str | None) -> None:
    """Let readers see the build before the current one, or the named one."""
    from portrait.build.summary import shown
    from portrait.publishing.publish import rollback as switch_back

    warehouse = Warehouse(settings.warehouse)
    with warehouse.locked():
        before, after = switch_back(warehouse, build_id)
    make_console().print(
        f"{shown(warehouse.current)} is now {after}; it was {before}.", soft_wrap=True
    )


@cli.command()
@click.option("--to", "address", required=True, metavar="ADDRESS",
              help="Database, as postgresql://user@host/db; a password comes from PGPASSWORD "
              "or ~/.pgpass.")  # fmt: skip
@click.option("--schema", "schemas", type=click.Choice(["marts", "quality"]), multiple=True,
              default=["marts", "quality"], show_default=True,
              help="Schema to copy; may be given more than once.")  # fmt: skip
@with_settings("--warehouse")
def replicate(settings: Settings, address: str, schemas: tuple[str, ...]) -> None:
    """Copy the published build into PostgreSQL, in place of the copy before it."""
    from portrait.publishing.replicate import print_replicated
    from portrait.publishing.replicate import replicate as copy_build

    console = make_console()
    with Display(console).stage("Replicating") as stage:
        done = copy_build(
            settings.project, Warehouse(settings.warehouse), address, schemas, stage.step
        )
    print_replicated(console, done)


@cli.command()
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path),
              default=Path("target/dictionary.html"), show_default=True,
              help="File to write.")  # fmt: skip
@with_settings("--warehouse")
def dictionary(settings: Settings, target: Path) -> None:
    """Write what every published table and column means as one page, in English and Chinese."""
    from portrait.dictionary.page import write_dictionary

    target.parent.mkdir(parents=True, exist_ok=True)
    published = Warehouse(settings.warehouse).current / "portrait.duckdb"
    write_dictionary(published, settings.project, target)
    make_console().print(f"Dictionary: {escape(str(target))}", soft_wrap=True)


@cli.command()
@with_settings("--warehouse")
def builds(settings: Settings) -> None:
    """List the builds that are kept."""
    from portrait.build.summary import print_builds

    print_builds(make_console(), Warehouse(settings.warehouse))


@cli.command()
@click.option("--people", type=int, required=True, help="How many people.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same files."
)
@click.option("--days", type=int, default=365, show_default=True, help="Length of the period.")
@click.option(
    "--profile",
    type=click.Path(),
    help="YAML file of rates and dirt (see docs/generator.md).",
)
@click.option("--out", type=click.Path(), required=True, help="New folder of the raw files.")
@click.option("--truth", type=click.Path(), help="New folder of the truth (default: <out>_truth).")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv",
              show_default=True, help="Format of the raw files.")  # fmt: skip
def generate(
    people: int,
    seed: int,
    days: int,
    profile: str | None,
    out: str,
    truth: str | None,
    file_format: str,
) -> None:
    """Make an invented company's raw files in all systems, by a seed and a profile."""
    from portrait.generator.generate import generate as make_company
    from portrait.generator.profile import load_profile

    console = make_console()
    folder = Path(out).expanduser()
    truth_folder = Path(truth).expanduser() if truth else folder.with_name(f"{folder.name}_truth")
    with Display(console).stage("Generating") as stage:
        company = make_company(
            Settings.from_environment().project, people, seed, days,
            load_profile(Path(profile) if profile else None), folder, truth_folder, file_format,
            stage.step,
        )  # fmt: skip
        stage.note = f"{people:,} people, {sum(company.rows.values()):,} rows"
    for label, rows in company.rows.items():
        console.print(f"  {label:<26} {rows:>12,}")
    console.print(f"Raw files: {folder}, truth: {truth_folder}", soft_wrap=True)


@cli.command()
@with_settings("--warehouse")
def summary(settings: Settings) -> None:
    """Print the summary of the current build."""
    from portrait.build.summary import print_summary

    print_summary(make_console(), Warehouse(settings.warehouse))


@cli.command()
@click.argument("record")
@click.argument("other")
@with_settings("--warehouse")
def why(settings: Settings, record: str, other: str) -> None:
    """Say why two source records are one customer, or why not (as `why shop:123 crm:abc`)."""
    from portrait.identity.why import why as explain

    console = make_console()
    for line in explain(Warehouse(settings.warehouse).current / "portrait.duckdb", record, other):
        console.print(line, soft_wrap=True, markup=False)


@cli.command()
@click.argument("customer")
@with_settings("--warehouse")
def show(settings: Settings, customer: str) -> None:
    """Print a customer's portrait, by customer id or source record (as `show shop:123`)."""
    from portrait.show import print_portrait, read_portrait

    file = Warehouse(settings.warehouse).current / "portrait.duckdb"
    print_portrait(make_console(), read_portrait(file, customer))


@cli.command()
@click.argument("one", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("other", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all-layers", is_flag=True, help="Compare the layers below the marts too.")
@click.option(
    "--rename",
    "tables",
    multiple=True,
    metavar="OLD=NEW",
    help="A table with another name in OTHER, as marts.old=marts.new.",
)
@click.option(
    "--rename-column",
    "columns",
    multiple=True,
    metavar="TABLE.OLD=NEW",
    help="A column with another name in OTHER, as marts.table.old=new (the table as in ONE).",
)
def compare(
    one: Path, other: Path, all_layers: bool, tables: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    """Compare the builds of two warehouses table by table and row by row.

    ONE and OTHER are the folders of the warehouses. The command fails where anything differs but
    what differs between any two builds: which build it is, and the moments of builds and fits.
    """
    from portrait.comparison.warehouses import Renames, compare_warehouses, print_comparison

    console = make_console()
    renames = Renames.parse(tables, columns)
    with Display(console).stage("Comparing") as stage:
        found = compare_warehouses(one, other, renames, all_layers, stage.step)
        wrong = sum(1 for comparison in found if comparison.differences)
        stage.note = f"{len(found)} tables, {wrong} with differences"
    print_comparison(console, found)
    if wrong:
        raise PortraitError(f"{wrong} tables differ between {one} and {other}.")


@cli.command()
@click.option("--kill-worker", is_flag=True, help="Kill one worker of Spark in mid-build.")
@click.option("--all-layers", is_flag=True, help="Compare the layers below the marts too.")
@with_settings(*ALL)
def parity(settings: Settings, kill_worker: bool, all_layers: bool) -> None:
    """Build on DuckDB and on Spark, and compare the tables row by row."""
    from portrait.spark.parity import parity as run_parity
    from portrait.spark.parity import print_parity

    console = make_console()
    spark = SparkSettings.from_environment(settings.project)
    found = run_parity(settings, spark, Display(console), kill_worker, all_layers)
    print_parity(console, found)
    if wrong := sum(1 for comparison in found if comparison.differences):
        raise PortraitError(f"{wrong} tables differ between DuckDB and Spark.")


@cli.group()
def fit() -> None:
    """Fit the statistical models to the data of the last build."""


@fit.command("identity")
@click.option("--discard", is_flag=True, help="Go back to the shipped model instead.")
@with_settings("--warehouse")
def fit_matching(settings: Settings, discard: bool) -> None:
    """Fit the model of scored matching, and say how it differs from the one in force."""
    from portrait.fitting.identity_parameters import fit_identity, go_back_to_shipped, print_fitted

    console = make_console()
    warehouse = Warehouse(settings.warehouse)
    if discard:
        with warehouse.locked():
            version = go_back_to_shipped(settings.project, warehouse)
        console.print(f"The next build scores with the shipped model, {version}.", soft_wrap=True)
        return
    with (
        warehouse.locked(),
        cleared_spill(settings),
        Display(console).stage("Fitting") as stage,
    ):
        fitted = fit_identity(settings.project, warehouse)
        stage.note = fitted.after.version
    print_fitted(console, fitted)


@fit.command("clv")
@click.option("--discard", is_flag=True, help="Put the fits out of force instead.")
@with_settings("--warehouse", "--currency")
def fit_lifetime_value(settings: Settings, discard: bool) -> None:
    """Fit the models of purchases and their value to the purchases of the last build."""
    from portrait.fitting.clv_parameters import discard_fits, fit_clv, print_fits, summary_of

    console = make_console()
    warehouse = Warehouse(settings.warehouse)
    if discard:
        with warehouse.locked():
            discard_fits(warehouse.state)
        console.print(
            "The next build has no lifetime value, until `portrait fit clv` is run.",
            soft_wrap=True,
        )
        return
    with warehouse.locked(), Display(console).stage("Fitting") as stage:
        fits = fit_clv(warehouse.work_build, warehouse.state, settings.currency)
        stage.note = summary_of(fits)
    print_fits(console, fits)


@cli.group()
def audience() -> None:
    """List audiences, ask how large one would be, and export one."""


@audience.command("list")
@with_settings("--warehouse")
def list_audiences(settings: Settings) -> None:
    """List the audiences of the published build."""
    from portrait.publishing.audience_size import listed, print_list

    warehouse = Warehouse(settings.warehouse)
    print_list(make_console(), listed(warehouse.current / "portrait.duckdb", warehouse.state))


@audience.command("size")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings("--raw", "--warehouse", "--config")
def size_audience(settings: Settings, file: Path) -> None:
    """Say how many customers the audience in FILE would have, from the published build."""
    from portrait.publishing.audience_size import print_size, size_of

    published = Warehouse(settings.warehouse).current / "portrait.duckdb"
    print_size(make_console(), size_of(settings, published, file))


@audience.command("export")
@click.argument("name")
@click.option("--channel", type=click.Choice(["mail", "sms", "ads"]), required=True,
              help="What takes the file; ads gets hashed addresses.")  # fmt: skip
@click.option("--purpose", default="marketing", show_default=True, help="What for; it is logged.")
@click.option("--campaign",
              help="Id of the campaign in crm/campaigns (default: the export's own).")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="New file (default: in exports/).")
@click.option("--cap", type=click.IntRange(0),
              help="Leave out whoever was written to so often; 0 for no cap (default: the "
              "variable contact_cap_count of the project).")  # fmt: skip
@click.option("--cap-days", type=click.IntRange(1),
              help="In this many days (default: contact_cap_days).")  # fmt: skip
@click.option(
    "--suppress",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV file of people to leave out: a column customer_id, email or phone.",
)
@with_settings("--warehouse")
def export_audience(
    settings: Settings,
    name: str,
    channel: str,
    purpose: str,
    campaign: str | None,
    out: Path | None,
    cap: int | None,
    cap_days: int | None,
    suppress: Path | None,
) -> None:
    """Write the audience NAME as a file for a tool, and log how many of it were sent."""
    from portrait.publishing.audience_export import Cap, print_export, usual_cap
    from portrait.publishing.audience_export import export_audience as export

    warehouse, usual = Warehouse(settings.warehouse), usual_cap()
    own_cap = Cap(usual.count if cap is None else cap, cap_days or usual.days)
    with warehouse.locked():
        exported = export(
            warehouse, name, channel, purpose=purpose, campaign=campaign, target=out,
            cap=own_cap, suppress=suppress,
        )  # fmt: skip
    print_export(make_console(), exported)


class ImportCommands(click.Group):
    """The adapters as commands, found by the names of their files."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The adapters, and the commands that are none."""
        from portrait.landing.adapters import adapter_names

        names = adapter_names(Settings.from_environment().project)
        return sorted({*super().list_commands(ctx), *names})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of an adapter: all of them take the same."""
        from portrait.landing.adapters import adapter_names

        found = super().get_command(ctx, name)
        if found or name not in adapter_names(Settings.from_environment().project):
            return found
        return click.Command(
            name,
            callback=partial(_import_exports, name),
            params=list(import_exports.params),
            help=f"Turn exports of {name} in FOLDER into raw files.",
        )


@cli.group("import", cls=ImportCommands)
def import_group() -> None:
    """Turn the files that other systems export into raw files of the source contract."""


encoding_option = click.option(
    "--encoding", help="Encoding of the files, such as gb18030 (default: as each file shows)."
)


@import_group.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@encoding_option
def check_exports(folder: Path, encoding: str | None) -> None:
    """Say what each file in FOLDER seems to be."""
    from portrait.landing.imports import check_folder

    console = make_console()
    for line in check_folder(Settings.from_environment().project, folder, encoding):
        console.print(line, soft_wrap=True, markup=False)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--to", "raw", type=click.Path(path_type=Path), required=True,
              help="Folder of raw files, as `portrait build --raw` takes it.")  # fmt: skip
@click.option("--load-date", type=click.DateTime(["%Y-%m-%d"]),
              help="Day on which the rows arrived, for repeated imports.")  # fmt: skip
@click.option("--instance", help="Name of the system, where several of a kind are delivered.")
@click.option("--currency", help="Currency of amounts that name none, such as USD.")
@encoding_option
def import_exports(**_: Any) -> None:
    """Holds the parameters of the adapters' commands."""


def _import_exports(
    name: str,
    folder: Path,
    raw: Path,
    load_date: datetime | None,
    instance: str | None,
    currency: str | None,
    encoding: str | None,
) -> None:
    from portrait.landing.imports import import_folder, print_import

    done = import_folder(
        Settings.from_environment().project, name, folder, raw,
        load_date=load_date.date() if load_date else None, instance=instance,
        encoding=encoding, currency=currency,
    )  # fmt: skip
    print_import(make_console(), done)


@cli.group()
def restate() -> None:
    """Write again what earlier builds have kept."""


@restate.command("history")
@click.option("--from", "month", required=True, help="First month to write again, as 2026-01.")
@click.option("--reason", required=True, help="Why, in a sentence; it is kept.")
@with_settings("--warehouse")
def restate_segment_history(settings: Settings, month: str, reason: str) -> None:
    """Let the next build calculate kept months of customer_segment_history again."""
    from portrait.state.segment_history import restate_history

    warehouse = Warehouse(settings.warehouse)
    with warehouse.locked():
        first_day = restate_history(warehouse, month, reason)
    make_console().print(
        f"The next build writes the months from {first_day:%Y-%m} on again.", soft_wrap=True
    )


@cli.group()
def spark() -> None:
    """Build on Spark; start and stop a cluster on this machine."""


@spark.command("build")
@with_settings(*ALL)
def build_spark(settings: Settings) -> None:
    """Land, build on the target spark, and publish what passed."""
    from portrait.spark.build import build_on_spark

    build_on_spark(settings, Display(make_console()))


@spark.command()
def up() -> None:
    """Start a master, two workers and a thrift server, unless they run."""
    local_cluster().up()


@spark.command()
def down() -> None:
    """Stop the cluster."""
    local_cluster().down()


def local_cluster() -> Cluster:
    """The cluster that the environment names, which says what it does on the console."""
    console = make_console()
    settings = SparkSettings.from_environment(Settings.from_environment().project)
    return Cluster(settings, lambda text: console.print(text, soft_wrap=True))


def _terminated(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _published_now() -> str:
    """The build that this process let readers see; empty where it did not."""
    publishing = sys.modules.get("portrait.publishing.publish")
    for warehouse, build_id in publishing.last_switch if publishing else ():
        if warehouse.current_build() == build_id:
            return str(build_id)
    return ""


def _trouble(error: Exception) -> str:
    """What the system or the database refused, in a sentence."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}."
    return f"{str(error).splitlines()[0]}. {how_to_fit(str(error))}".rstrip()


def main() -> None:
    """Run the command line; a PortraitError ends it with its sentence and status 1.

    So do a full disk and a file that cannot be read or written; everything else has a traceback.
    """
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal does not know must not end a build.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    console = make_console(stderr=True)
    try:
        cli.main(standalone_mode=False, prog_name="portrait")
    except PortraitError as error:
        from portrait.build.failures import show_failure
        from portrait.build.pipeline import BuildFailed

        if isinstance(error, BuildFailed):
            show_failure(console, error)
        console.print(f"[bold red]Error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        console.print(f"[bold red]Error:[/] {escape(_trouble(error))}", soft_wrap=True)
        if build := _published_now():
            console.print(f"The build {build} is published all the same.")
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        build = _published_now()
        console.print(
            f"Stopped. {build} is what is published now; the next command finishes the rest."
            if build
            else "Stopped. What is published is as it was."
        )
        sys.exit(130)


if __name__ == "__main__":
    main()
