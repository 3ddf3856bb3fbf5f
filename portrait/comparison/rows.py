"""Compares two queries row by row in DuckDB: floats to a tolerance, everything else exactly.

Rows count as often as they occur, in any order. Columns and their types count too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from portrait.sql import one_value, sql_name

# Of the greater of two floats, the part by which they may differ.
FLOAT_TOLERANCE = 1e-9
FLOATS = ("FLOAT", "DOUBLE")
# How many rows of a difference are shown, and how many characters of each.
SHOWN_ROWS = 3
SHOWN_CHARACTERS = 400


@dataclass(frozen=True)
class Side:
    """One of the two sides: a SQL query for its rows, and where they are, such as `on Spark`."""

    query: str
    place: str


@dataclass
class Found:
    """The result of a comparison: rows of the first side, and a sentence for each difference."""

    rows: int | None = None
    differences: list[str] = field(default_factory=list)


def compare_rows(
    connection: duckdb.DuckDBPyConnection,
    one: Side,
    other: Side,
    key: Sequence[str] = (),
    with_types: bool = True,
) -> Found:
    """Compare the rows of two queries, which must have the same columns.

    `key` pairs the rows whose floats are compared; without one they are paired in the order of all
    their columns. Without `with_types` another type is no difference: both are compared in a type
    that holds the values of both.
    """
    found = Found()
    for name, side in (("one", one), ("other", other)):
        connection.execute(f"create or replace temp view {name} as {side.query}")
    types, other_types = column_types(connection, "one"), column_types(connection, "other")
    if list(types) != list(other_types):
        found.differences.append(f"columns: {list(types)} and {list(other_types)}")
        return found
    if with_types:
        found.differences += [
            f"type of {name}: {types[name]} and {other_types[name]}"
            for name in types
            if types[name] != other_types[name]
        ]
    columns = {name: _common(types[name], other_types[name]) for name in types}
    casts = ", ".join(
        f"cast({sql_name(name)} as {kind}) as {sql_name(name)}" for name, kind in columns.items()
    )
    for name in ("one", "other"):
        connection.execute(
            f"create or replace temp table {name}_rows as select {casts} from {name}"
        )
    found.rows = one_value(connection, "select count(*) from one_rows")
    found.differences += _row_differences(connection, columns, key, one.place, other.place)
    return found


def column_types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """The type of each column of a relation or query, in their order."""
    return {row[0]: row[1] for row in connection.execute(f"describe {relation}").fetchall()}


def _common(one: str, other: str) -> str:
    """The type to compare in, where an intermediate model leaves its type to the engine."""
    if one == other:
        return one
    if "DOUBLE" in (one, other):
        return "DOUBLE"
    if one.startswith("DECIMAL") or other.startswith("DECIMAL"):
        places = max(
            int(kind.rstrip(")").split(",")[1]) if "," in kind else 0 for kind in (one, other)
        )
        return f"DECIMAL(38, {places})"
    return "HUGEINT" if "INT" in one and "INT" in other else "VARCHAR"


def _row_differences(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    key: Sequence[str],
    one_place: str,
    other_place: str,
) -> list[str]:
    exact = [name for name, kind in columns.items() if kind not in FLOATS]
    if found := [
        *_rows_only(connection, exact, ("one", "other"), one_place),
        *_rows_only(connection, exact, ("other", "one"), other_place),
    ]:
        if differing := [name for name in exact if _differs(connection, name)]:
            found.append(f"columns whose values differ: {', '.join(differing)}")
        return found
    floats = [name for name in columns if name not in exact]
    return _float_differences(connection, exact, floats, key) if floats else []


def _rows_only(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], sides: tuple[str, str], place: str
) -> list[str]:
    """Say which rows the first side has more of than the second, by the named columns."""
    # Without a column to compare by, a table still has its number of rows.
    compared = ", ".join(sql_name(name) for name in names) or "1"
    left, right = sides
    alone = f"select {compared} from {left}_rows except all select {compared} from {right}_rows"
    count = one_value(connection, f"select count(*) from ({alone})")
    if not count:
        return []
    rows = connection.execute(f"select * from ({alone}) limit {SHOWN_ROWS}").fetchall()
    return [f"{count:,} rows {place} only: {'; '.join(_shortened(str(row)) for row in rows)}"]


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …"


def _differs(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether a column has other values, or other numbers of them, on the two sides."""
    return any(
        one_value(
            connection,
            f"select count(*) from (select {sql_name(column)} from {left}_rows"
            f" except all select {sql_name(column)} from {right}_rows)",
        )
        for left, right in (("one", "other"), ("other", "one"))
    )


def _float_differences(
    connection: duckdb.DuckDBPyConnection,
    exact: Sequence[str],
    floats: Sequence[str],
    key: Sequence[str],
) -> list[str]:
    """Differences of floats, in rows that are otherwise the same and paired by key or order."""
    order = ", ".join(sql_name(name) for name in (*(key or exact), *floats))
    for side in ("one", "other"):
        connection.execute(
            f"create or replace temp table {side}_paired as "
            f"select *, row_number() over (order by {order}) as pair from {side}_rows"
        )
    found = []
    for name in floats:
        one, other = f"one.{sql_name(name)}", f"other.{sql_name(name)}"
        near = (
            f"isfinite({one}) and isfinite({other}) and "
            f"abs({one} - {other}) <= {FLOAT_TOLERANCE} * greatest(abs({one}), abs({other}))"
        )
        differs = f"{one} is distinct from {other} and not coalesce({near}, false)"
        rows = connection.execute(
            f"select {one}, {other} from one_paired as one "
            f"inner join other_paired as other using (pair) where {differs}"
        ).fetchall()
        if rows:
            found.append(f"{name}: {len(rows):,} values, such as {rows[:SHOWN_ROWS]}")
    return found
