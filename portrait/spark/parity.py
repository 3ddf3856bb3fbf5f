"""Builds the same input on DuckDB and on Spark, and compares what came out row by row.

The tables lie in DuckDB files on one side and in Parquet on the other, so DuckDB compares them.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from portrait.build.dbt_runner import MODELS_AND_SEEDS, DbtResult, run_dbt
from portrait.build.outcomes import read_artifact
from portrait.build.pipeline import clear_work, dbt_environment, land_files, require_dbt_success
from portrait.comparison.rows import Side, column_types, compare_rows
from portrait.console import Display, Stage
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.settings import Settings
from portrait.spark.cluster import Cluster, SparkSettings
from portrait.sql import sql_name, sql_text
from portrait.warehouse import Warehouse

# The share of the Spark build that is done when a worker is killed.
KILL_AT = 0.5
COMPARED_LAYERS = ("marts", "quality", "reference")
INSTANT = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class Node:
    """A table that both engines made: where each has it, and how long each took (seconds)."""

    name: str
    layer: str
    duckdb_relation: str
    spark_table: str
    key: tuple[str, ...]
    duckdb_seconds: float
    spark_seconds: float
    statements: int
    is_table: bool


@dataclass
class Comparison:
    """The result of the comparison of one table: its rows, and a sentence for each difference."""

    node: Node
    rows: int | None = None
    differences: list[str] = field(default_factory=list)

    @property
    def is_compared(self) -> bool:
        """Whether it was compared at all: a view, or a layer below the marts, need not be."""
        return self.rows is not None or bool(self.differences)

    @property
    def result(self) -> str:
        """The result in a word."""
        return "differs" if self.differences else "same" if self.is_compared else ""


def parity(
    settings: Settings,
    spark: SparkSettings,
    display: Display,
    kill_worker: bool = False,
    all_layers: bool = False,
) -> list[Comparison]:
    """Build on both engines and compare; a cluster that is not up is started, and stopped again.

    `settings.warehouse` is a separate folder, which is written again. With `kill_worker` one
    worker is killed in the middle of Spark's build.
    """
    warehouse = Warehouse(settings.warehouse)
    with warehouse.locked():
        with display.stage("Landing") as stage:
            land_files(settings, stage)
        clear_work(warehouse)
        with display.stage("DuckDB") as stage:
            on_duckdb = _built(settings, warehouse, "duckdb", stage, {})
        with _cluster(spark, display) as cluster, _schema(spark) as schema:
            with display.stage("Spark") as stage:
                killer = _Killer(cluster, stage) if kill_worker else None
                environment = spark_environment(spark, schema)
                on_spark = _built(settings, warehouse, "spark", stage, environment, killer)
            nodes = _nodes(warehouse, on_duckdb, on_spark)
            with display.stage("Comparing") as stage:
                found = _compared(warehouse, spark, nodes, all_layers)
                compared = [comparison for comparison in found if comparison.is_compared]
                wrong = sum(1 for comparison in compared if comparison.differences)
                stage.note = f"{len(compared)} tables, {wrong} with differences"
        return found


def spark_environment(spark: SparkSettings, schema: str) -> dict[str, str]:
    """The settings of the target spark as dbt reads them."""
    return {
        "PORTRAIT_SPARK_HOST": spark.host,
        "PORTRAIT_SPARK_PORT": str(spark.port),
        "PORTRAIT_SPARK_SCHEMA": schema,
    }


class _Killer:
    """Kills a worker once, when that share of the build is done."""

    def __init__(self, cluster: Cluster, stage: Stage) -> None:
        self.cluster = cluster
        self.stage = stage
        self.is_done = False

    def hear(self, done: int, total: int) -> None:
        if not self.is_done and total and done >= KILL_AT * total:
            self.is_done = True
            killed = self.cluster.kill_worker()
            self.stage.remark(f"killed {killed.name} (process {killed.pid}) at {done} of {total}")


@contextmanager
def _cluster(spark: SparkSettings, display: Display) -> Iterator[Cluster]:
    cluster = Cluster(spark, lambda text: None)
    was_up = cluster.is_up
    with display.stage("Cluster") as stage:
        cluster.report = stage.say
        cluster.up()
    try:
        yield cluster
    finally:
        if not was_up:
            cluster.down()


@contextmanager
def _schema(spark: SparkSettings) -> Iterator[str]:
    """The name that the schemas of a build begin with; they are dropped at the end."""
    name = f"parity_{secrets.token_hex(4)}"
    try:
        yield name
    finally:
        with statements_on(spark) as execute:
            for (schema,) in execute(f"show schemas like '{name}*'"):
                execute(f"drop schema {schema} cascade")


@contextmanager
def statements_on(spark: SparkSettings) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """A function that sends a statement to the cluster of this machine and returns its rows."""
    from pyhive import hive

    with contextlib.closing(hive.connect(host=spark.host, port=spark.port)) as connection:

        def execute(statement: str) -> list[tuple[Any, ...]]:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

        yield execute


def _built(
    settings: Settings,
    warehouse: Warehouse,
    target: str,
    stage: Stage,
    environment: Mapping[str, str],
    killer: _Killer | None = None,
) -> DbtResult:
    def progress(done: int, total: int, text: str) -> None:
        stage.step(done, total, text)
        if killer:
            killer.hear(done, total)

    result = run_dbt(
        settings.project,
        _target(warehouse, target),
        warehouse.work / f"logs_{target}",
        {**dbt_environment(settings), **environment},
        progress,
        MODELS_AND_SEEDS,
        target,
    )
    require_dbt_success(result)
    if killer and not killer.is_done:
        raise PortraitError("The build ended before a worker was killed.")
    models = [outcome for outcome in result.outcomes if outcome.kind == "model"]
    stage.note = (
        f"{len(models)} models, {sum(result.statements.values())} statements, "
        f"{result.seconds / len(models):.1f} s per model"
    )
    return result


def _target(warehouse: Warehouse, target: str) -> Path:
    return warehouse.work / f"target_{target}"


def _nodes(warehouse: Warehouse, on_duckdb: DbtResult, on_spark: DbtResult) -> list[Node]:
    nodes = {
        target: read_artifact(_target(warehouse, target), "manifest.json")["nodes"]
        for target in ("duckdb", "spark")
    }
    seconds = {
        target: {
            result["unique_id"]: result["execution_time"]
            for result in read_artifact(_target(warehouse, target), "run_results.json")["results"]
        }
        for target in ("duckdb", "spark")
    }
    found = []
    for unique_id, node in nodes["duckdb"].items():
        if node["resource_type"] not in ("model", "seed") or unique_id not in seconds["spark"]:
            continue
        other = nodes["spark"][unique_id]
        found.append(
            Node(
                name=node["name"],
                layer=node["schema"],
                duckdb_relation=".".join(
                    sql_name(node[part]) for part in ("database", "schema", "alias")
                ),
                spark_table=f"{other['schema']}.db/{other['alias']}",
                key=tuple(node["config"].get("meta", {}).get("key", ())),
                duckdb_seconds=seconds["duckdb"][unique_id],
                spark_seconds=seconds["spark"][unique_id],
                statements=on_spark.statements.get(unique_id, 0),
                is_table=node["config"]["materialized"] != "view",
            )
        )
    return sorted(found, key=lambda node: (node.layer, node.name))


def _compared(
    warehouse: Warehouse, spark: SparkSettings, nodes: list[Node], all_layers: bool
) -> list[Comparison]:
    with connect(warehouse.work_build, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"attach {sql_text(warehouse.work_portrait)} as portrait (read_only true)"
        )
        return [
            compare(connection, node, spark.home / "warehouse" / node.spark_table)
            if node.is_table and (all_layers or node.layer in COMPARED_LAYERS)
            else Comparison(node)
            for node in nodes
        ]


def compare(connection: duckdb.DuckDBPyConnection, node: Node, folder: Path) -> Comparison:
    """Compare a table of DuckDB with the Parquet files that Spark wrote of it."""
    files = sorted(folder.glob("*.parquet"))
    if not files:
        return Comparison(node, differences=["Spark wrote no files"])
    source = f"read_parquet([{', '.join(sql_text(file) for file in files)}])"
    # Spark's timestamps are instants, written as such; here all are in UTC.
    columns = ", ".join(
        f"cast({sql_name(name)} as {kind.replace(INSTANT, 'TIMESTAMP')}) as {sql_name(name)}"
        for name, kind in column_types(connection, f"select * from {source}").items()
    )
    found = compare_rows(
        connection,
        Side(f"select * from {node.duckdb_relation}", "on DuckDB"),
        Side(f"select {columns} from {source}", "on Spark"),
        node.key,
        with_types=node.layer in COMPARED_LAYERS,
    )
    return Comparison(node, found.rows, found.differences)


def print_parity(console: Console, found: list[Comparison]) -> None:
    """Print a line per node: rows, seconds on both engines, statements of Spark, and the result."""
    compared = [comparison for comparison in found if comparison.is_compared]
    wrong = sum(1 for comparison in compared if comparison.differences)
    totals = {
        "rows": f"{sum(comparison.rows or 0 for comparison in compared):,}",
        "DuckDB s": f"{sum(comparison.node.duckdb_seconds for comparison in found):.1f}",
        "Spark s": f"{sum(comparison.node.spark_seconds for comparison in found):.1f}",
        "statements": str(sum(comparison.node.statements for comparison in found)),
    }
    table = Table(box=box.SIMPLE, show_footer=True)
    table.add_column("", f"{len(found)} nodes")
    for name, total in totals.items():
        table.add_column(name, total, justify="right")
    table.add_column("result", f"{wrong} differ" if wrong else "all the same")
    for comparison in found:
        node = comparison.node
        table.add_row(
            f"{node.layer}.{node.name}",
            "" if comparison.rows is None else f"{comparison.rows:,}",
            f"{node.duckdb_seconds:.1f}",
            f"{node.spark_seconds:.1f}",
            str(node.statements),
            comparison.result,
        )
    console.print(table)
    for comparison in compared:
        for difference in comparison.differences:
            name = f"{comparison.node.layer}.{comparison.node.name}"
            console.print(f"{name}: {difference}", markup=False, soft_wrap=True)
