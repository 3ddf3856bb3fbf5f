"""Compares the tables of two warehouses row by row: the rows before a change and after it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from portrait.comparison.rows import Side, compare_rows
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.publishing.analyst import PSEUDONYM
from portrait.sql import one_value, sql_name, sql_text
from portrait.warehouse import Warehouse

# What always differs between two builds of the same input: tables that are left out, with the
# reason, and columns of which only the result of their SQL expression is compared.
LEFT_OUT = {
    "quality.build_info": "says which build it is",
    "quality.test_results": "holds the moments and durations of its builds",
}
# A fit is named by its moment, and so is the build that first published an id.
WHETHER_FITTED = "regexp_replace({column}, '^fitted-.*', 'fitted')"
WHETHER_THERE = "({column} is not null)"
COMPARED_IN_PART = {
    "model_version": WHETHER_FITTED,
    "fitted_at": WHETHER_THERE,
    "own_id_first_build_id": WHETHER_THERE,
}

TABLE_RENAME = re.compile(r"([^.=]+\.[^.=]+)=([^.=]+\.[^.=]+)")
COLUMN_RENAME = re.compile(r"([^.=]+\.[^.=]+)\.([^.=]+)=([^.=]+)")


@dataclass(frozen=True)
class Renames:
    """What has another name in the second warehouse; tables as `marts.fct_orders`.

    `columns` are by table, under its name in the first warehouse.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, tables: Iterable[str], columns: Iterable[str]) -> "Renames":
        """Read `marts.old=marts.new` and `marts.table.old=new`; PortraitError where it is not."""
        renamed_tables: dict[str, str] = {}
        renamed_columns: dict[str, dict[str, str]] = {}
        for text in tables:
            match = TABLE_RENAME.fullmatch(text)
            if not match:
                raise PortraitError(f"A table is renamed as marts.old=marts.new, not as {text!r}.")
            renamed_tables[match[1]] = match[2]
        for text in columns:
            match = COLUMN_RENAME.fullmatch(text)
            if not match:
                raise PortraitError(f"A column is renamed as marts.table.old=new, not as {text!r}.")
            renamed_columns.setdefault(match[1], {})[match[2]] = match[3]
        return cls(renamed_tables, renamed_columns)


@dataclass
class TableComparison:
    """The result of the comparison of one table; `left_out` says why it was not compared."""

    file: str
    name: str
    rows: int | None = None
    differences: list[str] = field(default_factory=list)
    left_out: str = ""

    @property
    def result(self) -> str:
        """The result in a few words."""
        if self.left_out:
            return f"left out: {self.left_out}"
        return "differs" if self.differences else "same"


@dataclass(frozen=True)
class _Place:
    """A file in one of the warehouses: the name that it is attached by, its tables and folder."""

    alias: str
    tables: Mapping[str, Mapping[str, str]]
    folder: str

    def relation(self, table: str) -> str:
        schema, name = table.split(".")
        return f"{self.alias}.{sql_name(schema)}.{sql_name(name)}"


def compare_warehouses(
    one: Path,
    other: Path,
    renames: Renames | None = None,
    all_layers: bool = False,
    report: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> list[TableComparison]:
    """Compare the published files of two warehouses, with `all_layers` the layers below them too.

    `report` hears how many tables of how many are done, and which one comes next.

    Raises:
        PortraitError: a warehouse has no published build, or a file cannot be read now; a rename
        names what is not there.
    """
    renames = renames or Renames()
    if one.resolve() == other.resolve():
        raise PortraitError(f"{one} and {other} are the same folder.")
    files, other_files = _files(one, all_layers), _files(other, all_layers)
    with connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        pairs = {
            name: (
                _attached(connection, files[name], f"{name}_one", str(one)),
                _attached(connection, other_files[name], f"{name}_other", str(other)),
            )
            for name in files
        }
        _require_renamed(renames, pairs.values())
        found: list[TableComparison] = []
        total = sum(len(place.tables) for place, _ in pairs.values())
        for file, (place, other_place) in pairs.items():
            for table in place.tables:
                report(len(found), total, table)
                found.append(_compared(connection, file, place, other_place, table, renames))
            expected = {renames.tables.get(table, table) for table in place.tables}
            found += [
                TableComparison(file, table, differences=[f"only in {other}"])
                for table in other_place.tables
                if table not in expected
            ]
    return found


def _files(folder: Path, all_layers: bool) -> dict[str, Path]:
    """The files of a warehouse that are compared, by the names that they are shown with."""
    warehouse = Warehouse(folder)
    # The folder of the build itself: the link may be switched meanwhile.
    current = warehouse.current.resolve()
    files = {"published": current / "portrait.duckdb", "analysts": current / "analyst.duckdb"}
    if all_layers:
        files["work"] = warehouse.work_build
    for file in files.values():
        if not file.is_file():
            raise PortraitError(f"{folder} has no {file.name}: make it with portrait build.")
    return files


def _attached(connection: duckdb.DuckDBPyConnection, file: Path, alias: str, folder: str) -> _Place:
    try:
        connection.execute(f"attach {sql_text(file)} as {alias} (read_only)")
    except duckdb.Error as error:
        raise PortraitError(f"{file} cannot be read: {error}") from error
    tables: dict[str, dict[str, str]] = {}
    for schema, table, column, kind in connection.execute(
        "select columns.schema_name, columns.table_name, columns.column_name, columns.data_type"
        " from duckdb_columns() as columns semi join duckdb_tables() as tables"
        " on columns.database_oid = tables.database_oid and columns.table_oid = tables.table_oid"
        " where columns.database_name = ?"
        " order by columns.schema_name, columns.table_name, columns.column_index",
        [alias],
    ).fetchall():
        tables.setdefault(f"{schema}.{table}", {})[column] = kind
    return _Place(alias, tables, folder)


def _require_renamed(renames: Renames, pairs: Iterable[tuple[_Place, _Place]]) -> None:
    """Refuse a rename of which one name is nowhere: it was mistyped."""
    pairs = list(pairs)
    for old, new in renames.tables.items():
        if not any(old in one.tables and new in other.tables for one, other in pairs):
            raise PortraitError(f"There is no table {old} that has become {new}.")
    for table, columns in renames.columns.items():
        renamed = renames.tables.get(table, table)
        for old, new in columns.items():
            if not any(
                old in one.tables.get(table, {}) and new in other.tables.get(renamed, {})
                for one, other in pairs
            ):
                raise PortraitError(f"There is no column {old} of {table} that has become {new}.")


def _compared(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    one: _Place,
    other: _Place,
    table: str,
    renames: Renames,
) -> TableComparison:
    renamed = renames.tables.get(table, table)
    comparison = TableComparison(file, table if renamed == table else f"{table} = {renamed}")
    if table in LEFT_OUT:
        comparison.left_out = LEFT_OUT[table]
        return comparison
    if renamed not in other.tables:
        comparison.differences.append(f"only in {one.folder}")
        return comparison
    columns, other_columns = one.tables[table], other.tables[renamed]
    new_names = {name: renames.columns.get(table, {}).get(name, name) for name in columns}
    comparison.differences += [
        f"column {name} only in {one.folder}"
        for name, new in new_names.items()
        if new not in other_columns
    ]
    comparison.differences += [
        f"column {name} only in {other.folder}"
        for name in other_columns
        if name not in new_names.values()
    ]
    shared = {name: new for name, new in new_names.items() if new in other_columns}
    selected, other_selected = [], []
    for name, new in shared.items():
        part = COMPARED_IN_PART.get(name, "{column}")
        if file == "analysts" and columns[name] == other_columns[new] == "VARCHAR":
            counts = [
                _pseudonyms(connection, place.relation(in_place), column)
                for place, in_place, column in ((one, table, name), (other, renamed, new))
            ]
            if all(counts):
                part = WHETHER_THERE
                if counts[0] != counts[1]:
                    comparison.differences.append(
                        f"{name}: {counts[0]:,} and {counts[1]:,} pseudonyms"
                    )
        selected.append(f"{part.format(column=sql_name(name))} as {sql_name(new)}")
        other_selected.append(f"{part.format(column=sql_name(new))} as {sql_name(new)}")
    if shared:
        found = compare_rows(
            connection,
            Side(f"select {', '.join(selected)} from {one.relation(table)}", f"in {one.folder}"),
            Side(
                f"select {', '.join(other_selected)} from {other.relation(renamed)}",
                f"in {other.folder}",
            ),
        )
        comparison.rows = found.rows
        comparison.differences += found.differences
    return comparison


def _pseudonyms(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> int | None:
    """How many pseudonyms a column holds; None where it holds anything else, or nothing.

    They are hashes with a key: another key gives other ones, and as many of them.
    """
    name = sql_name(column)
    count: int | None = one_value(
        connection,
        f"select case when bool_and(regexp_full_match({name}, '{PSEUDONYM}'))"
        f" then count(distinct {name}) end from {relation}",
    )
    return count


def print_comparison(console: Console, found: list[TableComparison]) -> None:
    """Print a line per table, and below them what differs."""
    wrong = sum(1 for comparison in found if comparison.differences)
    table = Table(box=box.SIMPLE, show_footer=True)
    table.add_column("file")
    table.add_column("table", f"{len(found)} tables")
    table.add_column("rows", f"{sum(one.rows or 0 for one in found):,}", justify="right")
    table.add_column("result", f"{wrong} differ" if wrong else "all the same")
    for one in found:
        rows = "" if one.rows is None else f"{one.rows:,}"
        table.add_row(one.file, one.name, rows, one.result)
    console.print(table)
    for one in found:
        for difference in one.differences:
            console.print(f"{one.file} {one.name}: {difference}", markup=False, soft_wrap=True)
