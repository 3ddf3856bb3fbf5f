"""How long the views of the app take on the published file of a million customers.

    python -m benchmarks.app_speed [--people 100000] [--times 10] [--folder target/bench-app]

A company of the build's benchmark is built once and kept. A whole build of a million people takes
far longer than what is asked here, so its published file is multiplied: every table of people and
of what they did gets a copy of its rows for each time, with keys of their own; totals stay as they
are. Each view is then opened in a process of its own, which has no answer yet; benchmarks/app_views
says how. The report holds the median of several processes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
import duckdb

from benchmarks.app_views import VIEWS, Customers
from benchmarks.build_speed.company import company_of
from benchmarks.measuring import PROJECT, MeasuredWarehouse
from portrait.sql import one_row, one_value, sql_name, sql_text
from portrait.warehouse import Warehouse

REPORT = PROJECT / "benchmarks" / "app_speed.md"
PYTHON = PROJECT / (os.environ.get("PORTRAIT_APP_ENV") or ".venv-app") / "bin" / "python"
MOST_SECONDS = 1.0
# What a person has of their own; products, campaigns and shops stay as many as they are.
KEYS = re.compile(
    r"(\w+_)?(customer|record|household|identifier|order|order_line|order_event|payment|session"
    r"|ticket|interaction|review|campaign_contact|social_profile|cost)_id(_then)?"
)
TOTALS = re.compile(r"rpt_\w+|identity_quarantine|test_results|reconciliation")
# Rows of which a larger company has more, though they name nobody.
ROWS = ("rejected_rows", "doubtful_versions")

# Of each part of a process (start, first, again) the seconds by the clock and of the processors.
Measured = dict[str, dict[str, float]]


@dataclass
class Opening:
    """The seconds of a view: its server's start, its first opening, and once more.

    `slowest` is the slowest first opening, `cpu` what the processors took for a first opening.
    """

    view: str
    start: float
    first: float
    slowest: float
    cpu: float
    again: float


def published_company(folder: Path, people: int, seed: int) -> Path:
    """The published file of a company, which is built where the folder has none."""
    place = MeasuredWarehouse(folder, "")
    file = Warehouse(place.warehouse).current / "portrait.duckdb"
    if not file.exists():
        company = company_of(folder / "company", people, seed)
        shutil.rmtree(place.raw, ignore_errors=True)
        company.deliver(company.history, place.raw)
        place.portrait("build")
    return file


def multiply(source: Path, target: Path, times: int) -> None:
    """Write a published file with `times` as many people, each table in the order that it has."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target), config={"memory_limit": "6GB"}) as connection:
        connection.execute(f"attach {sql_text(source)} as source (read_only)")
        connection.execute("create schema marts; create schema quality")
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'source'"
            " order by all"
        ).fetchall():
            name = f"{sql_name(schema)}.{sql_name(table)}"
            copies = copies_of(connection, name, table, times)
            if len(copies) > 1 and is_by_customer(connection, name):
                together = " union all ".join(copies)
                connection.execute(f"create table {name} as {together} order by customer_id")
                continue
            connection.execute(f"create table {name} as {copies[0]}")
            for copy in copies[1:]:
                connection.execute(f"insert into {name} {copy}")
        connection.execute("checkpoint")


def copies_of(
    connection: duckdb.DuckDBPyConnection, name: str, table: str, times: int
) -> list[str]:
    """A query for each copy of a table's rows; only the first for a table that does not grow."""
    keys = [
        sql_name(column)
        for column, kind, *_ in connection.execute(f"describe source.{name}").fetchall()
        if kind == "VARCHAR" and KEYS.fullmatch(column)
    ]
    if TOTALS.fullmatch(table) or not (keys or table in ROWS):
        times = 1
    copies = [f"select * from source.{name}"]
    for copy in range(1, times):
        others = ", ".join(f"{key} || '-{copy}' as {key}" for key in keys)
        copies.append(f"select *{f' replace ({others})' if keys else ''} from source.{name}")
    return copies


def is_by_customer(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the rows of a table stand in the order of their customers."""
    columns = [row[0] for row in connection.execute(f"describe source.{name}").fetchall()]
    if "customer_id" not in columns:
        return False
    backward = one_value(
        connection,
        "select count(*) from (select customer_id,"
        f" lag(customer_id) over (order by rowid) as before_id from source.{name})"
        " where customer_id < before_id",
    )
    return backward == 0


def some_customers(file: Path) -> Customers:
    """A customer with as many orders as any, and one with two."""
    counts = (
        "select customer_id, count(*) as orders_count from marts.fct_orders"
        " where customer_id is not null group by customer_id"
    )
    with duckdb.connect(str(file), read_only=True) as connection:
        most = one_value(
            connection,
            f"select customer_id from ({counts}) order by orders_count desc, customer_id limit 1",
        )
        few = one_value(
            connection,
            f"select min(customer_id) from ({counts}) where orders_count = 2",
        )
    return Customers(most, few)


def opened(view: str, customers: Customers, environment: dict[str, str]) -> Measured:
    """Open a view in a process of its own.

    Raises:
        RuntimeError: the view failed.
    """
    done = subprocess.run(
        [str(PYTHON), "-m", "benchmarks.app_views", view, *customers],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{view}:\n{done.stderr[-3000:]}")
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(
    views: Sequence[str], warehouse: Path, raw: Path, repeats: int, tell: Callable[[str], None]
) -> list[Opening]:
    """Open each view so many times; the rounds go over all views, so that all share a slow hour."""
    customers = some_customers(warehouse / "current" / "portrait.duckdb")
    environment = {
        **{name: value for name, value in os.environ.items() if "PORTRAIT_" not in name},
        "PYTHONPATH": str(PROJECT),
        "PORTRAIT_RAW": str(raw),
        "PORTRAIT_WAREHOUSE": str(warehouse),
    }
    runs = [{view: opened(view, customers, environment) for view in views} for _ in range(repeats)]
    found = []
    for view in views:
        firsts = [run[view]["first"] for run in runs]
        one = Opening(
            view,
            start=median(run[view]["start"]["seconds"] for run in runs),
            first=median(first["seconds"] for first in firsts),
            slowest=max(first["seconds"] for first in firsts),
            cpu=median(first["cpu"] for first in firsts),
            again=median(run[view]["again"]["seconds"] for run in runs),
        )
        tell(f"  {view}: {one.first:.2f} s (cpu {one.cpu:.2f} s), again {one.again:.2f} s")
        found.append(one)
    return found


def report(openings: Sequence[Opening], file: Path, repeats: int, load: float) -> str:
    """The page that says how long each view took; `load` is what others had running before."""
    with duckdb.connect(str(file), read_only=True) as connection:
        customers, tags, orders, sessions = one_row(
            connection,
            "select (select count(*) from marts.dim_customers),"
            " (select count(*) from marts.customer_tags), (select count(*) from marts.fct_orders),"
            " (select count(*) from marts.fct_sessions)",
        )
    processors = os.cpu_count() or 1
    missed = [one for one in openings if one.first > MOST_SECONDS]
    lines = [
        "# How fast the app is",
        "",
        "`python -m benchmarks.app_speed` writes this page; its docstring says how it measures.",
        "",
        f"A published file of {customers:,} customers, {tags:,} tags, {orders:,} orders and"
        f" {sessions:,} visits ({file.stat().st_size / 2**30:.1f} GiB);"
        f" {processors} processors; the median of {repeats} processes for each view."
        f" Before, {load:.1f} processes of others ran or waited on average"
        + (
            f": more than {processors}, so that the seconds by the clock are too many."
            if load > processors
            else "."
        ),
        "",
        "*First opening* is a view of which the server knows nothing: it opens the file, reads the"
        " texts and asks each question. *Slowest* is the slowest of these processes, *processor*"
        " the seconds of all processors together, which others on the machine hardly change."
        " *Again* is the same view once more, its answers kept. What a server loads once, before"
        " its first view (Streamlit, Altair, pandas, DuckDB, and what they prepare at a first"
        f" page), takes {median(one.start for one in openings):.1f} s more and is in no line. What"
        " the browser takes to draw is in none either.",
        "",
        "| View | First opening, s | Slowest, s | Processor, s | Again, s |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {one.view} | {one.first:.2f} | {one.slowest:.2f} | {one.cpu:.2f}"
            f" | {one.again:.2f} |"
            for one in openings
        ),
        "",
        f"Of {len(openings)} views, {len(openings) - len(missed)} open within"
        f" {MOST_SECONDS:g} s the first time.",
        "",
    ]
    return "\n".join(lines)


@click.command()
@click.option("--people", default=100_000, show_default=True, help="People of the company.")
@click.option("--times", default=10, show_default=True, help="Copies of each of them.")
@click.option("--repeats", default=5, show_default=True, help="Processes per view.")
@click.option(
    "--view", "views", multiple=True, type=click.Choice(list(VIEWS)), help="Default: all."
)
@click.option("--seed", default=15, show_default=True)
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("target/bench-app"),
    show_default=True, help="Where the company is kept, built and multiplied.",
)  # fmt: skip
@click.option(
    "--report", "report_file", type=click.Path(path_type=Path), default=REPORT, show_default=True,
    help="The Markdown file to write, where all views are measured.",
)  # fmt: skip
def main(
    people: int,
    times: int,
    repeats: int,
    views: tuple[str, ...],
    seed: int,
    folder: Path,
    report_file: Path,
) -> None:
    """Measure the views of the app on a company that is multiplied."""
    if not PYTHON.exists():
        raise click.ClickException(f"There is no {PYTHON}: run `make app-env` first.")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    source = published_company(folder, people, seed)
    warehouse = folder / f"multiplied-{times}"
    file = warehouse / "current" / "portrait.duckdb"
    if not file.exists():
        multiply(source, file, times)
    click.echo(f"{people:,} people, {times} times")
    load = os.getloadavg()[0]
    found = measure(views or list(VIEWS), warehouse, folder / "raw", repeats, click.echo)
    if not views:
        report_file.write_text(report(found, file, repeats, load))
        click.echo(f"Report: {report_file}")


if __name__ == "__main__":
    main()
