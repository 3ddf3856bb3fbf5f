"""Lands one Parquet file: in place where it has the contract's shape, else rewritten as text."""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from portrait.contract import RESERVED_COLUMNS, Column
from portrait.errors import PortraitError
from portrait.landing.csv_files import Landed, check_names, meta_columns
from portrait.landing.deliveries import told_names
from portrait.landing.raw_files import RawFile
from portrait.sql import one_row, sql_name, sql_path, sql_text

_SIGNED = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"})
_INTEGERS = _SIGNED | {f"U{name}" for name in _SIGNED}
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_TIMESTAMPS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_ZONED = frozenset({"TIMESTAMP WITH TIME ZONE"})

# Per contract type: the Parquet types that carry it beside text, and how to name them to the user.
# A decimal without places counts as INTEGER.
_CARRIERS: dict[str, tuple[frozenset[str], str]] = {
    "text": (_INTEGERS | {"UUID"}, "text or integer"),
    "currency": (frozenset(), "text"),
    "decimal": (_INTEGERS | _FLOATS | {"DECIMAL"}, "a number or text"),
    "rate": (_INTEGERS | _FLOATS | {"DECIMAL"}, "a number or text"),
    "date": (_TIMESTAMPS | {"DATE"}, "date, timestamp without zone or text"),
    "timestamp": (_TIMESTAMPS | _ZONED | {"DATE"}, "timestamp, date or text"),
    "count": (_INTEGERS | _FLOATS | {"DECIMAL"}, "a number or text"),
    "boolean": (_INTEGERS | {"BOOLEAN"}, "boolean, integer or text"),
}

# Columns that readers of a file in place add to it: a file that already has one is rewritten.
_ADDED_BY_READERS = frozenset({*RESERVED_COLUMNS, "filename", "file_row_number", "file_index"})


@dataclass(frozen=True)
class _Field:
    """A column of a Parquet file: its name as written and its type in DuckDB's words."""

    name: str
    type: str

    @property
    def kind(self) -> str:
        kind = re.sub(r"\(.*", "", self.type)
        if kind == "DECIMAL" and self.type.endswith(",0)"):
            return "INTEGER"
        return kind


@dataclass(frozen=True)
class _Contents:
    """The numbers of a file: rows, and per column the values that are not null, and not NaN."""

    rows: int
    filled: dict[str, int]
    values: dict[str, int]


def land_parquet(connection: duckdb.DuckDBPyConnection, raw_file: RawFile, target: Path) -> Landed:
    """Name a Parquet file in place, or write its rows as text to the Parquet file `target`.

    In place takes: every column of the contract under its exact name, of a type that carries it, no
    NaN, and no glob character in the path. The whole file is read either way, so that a damaged one
    is found here.

    Raises:
        PortraitError: the file is unreadable, a required column is absent, or a type cannot carry
        the contract's.
    """
    source = f"read_parquet({sql_path(raw_file.path)}, hive_partitioning = false)"
    try:
        fields = _fields(connection, raw_file, source)
        check_names(raw_file.file, raw_file.table, tuple(field.name for field in fields))
        by_name = {field.name.strip().lower(): field for field in fields}
        told = told_names(raw_file.table, tuple(by_name))
        known = [(column, by_name.get(column.name)) for column in raw_file.table.columns]
        _require_known(raw_file, known, fields)
        contents = _read_whole(connection, source, [field for _, field in known if field])
        for column, field in known:
            if field and contents.values[field.name]:
                _require_carrier(raw_file, column, field)
        is_in_place = not told and _fits_in_place(raw_file, fields, known, contents)
        if not is_in_place:
            texts = {name: f"cast({sql_name(by_name[name].name)} as varchar)" for name in told}
            added = meta_columns(raw_file, texts)
            _rewrite(connection, source, known, contents, added, target)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(
            f"{raw_file.file}: could not be read ({reason}), expected a Parquet file."
        ) from error
    names = {*raw_file.table.column_names, *told}
    return Landed(
        rows=contents.rows,
        extra_columns=tuple(f.name for f in fields if f.name.strip().lower() not in names),
        absent_columns=tuple(column.name for column, field in known if field is None),
        is_in_place=is_in_place,
    )


def _fields(connection: duckdb.DuckDBPyConnection, raw_file: RawFile, source: str) -> list[_Field]:
    """The columns of the file, names as written (DuckDB renames those that occur twice)."""
    schema = connection.execute(
        f"select name, coalesce(num_children, 0) from parquet_schema({sql_path(raw_file.path)})"
    ).fetchall()
    names = []
    position = 1
    while position < len(schema):
        names.append(schema[position][0])
        open_nodes = 1
        while open_nodes:
            open_nodes += schema[position][1] - 1
            position += 1
    check_names(raw_file.file, raw_file.table, tuple(names))
    types = connection.execute(f"describe select * from {source}").fetchall()
    return [_Field(name, row[1]) for name, row in zip(names, types, strict=True)]


def _require_known(
    raw_file: RawFile, known: list[tuple[Column, _Field | None]], fields: list[_Field]
) -> None:
    if not any(field for _, field in known):
        found = ", ".join(field.name for field in fields[:12])
        raise PortraitError(
            f"{raw_file.file}: no known column (found: {found}), expected columns of "
            f"{raw_file.table.label} ({', '.join(raw_file.table.column_names[:12])})."
        )


def _require_carrier(raw_file: RawFile, column: Column, field: _Field) -> None:
    carriers, expected = _CARRIERS[column.data_type]
    is_nested = field.type.endswith("]") or field.kind in ("STRUCT", "MAP")
    if is_nested or field.kind not in carriers | {"VARCHAR"}:
        shown = field.type if len(field.type) <= 60 else f"{field.type[:57]}..."
        raise PortraitError(
            f"{raw_file.file}: column {column.name} of {raw_file.table.label} is {shown}, "
            f"expected {expected}."
        )


def _read_whole(
    connection: duckdb.DuckDBPyConnection, source: str, fields: list[_Field]
) -> _Contents:
    """Read every value of the known columns; without the hash the statistics would do."""
    measures = ["count(*)", f"bit_xor(hash({', '.join(sql_name(f.name) for f in fields)}))"]
    for field in fields:
        name = sql_name(field.name)
        measures.append(f"count({name})")
        is_float = field.type in _FLOATS
        measures.append(f"count(*) filter (not isnan({name}))" if is_float else f"count({name})")
    row = one_row(connection, f"select {', '.join(measures)} from {source}")
    names = [field.name for field in fields]
    filled = dict(zip(names, row[2::2], strict=True))
    values = dict(zip(names, row[3::2], strict=True))
    return _Contents(rows=row[0], filled=filled, values=values)


def _fits_in_place(
    raw_file: RawFile,
    fields: list[_Field],
    known: list[tuple[Column, _Field | None]],
    contents: _Contents,
) -> bool:
    if re.search(r"[\[\]*?]", str(raw_file.path)):
        return False
    if _ADDED_BY_READERS.intersection(field.name.lower() for field in fields):
        return False
    for column, field in known:
        if field is None or field.name != column.name:
            return False
        if field.kind not in _CARRIERS[column.data_type][0] | {"VARCHAR"}:
            return False
        if column.data_type == "date" and field.kind in _TIMESTAMPS:
            return False
        if contents.values[field.name] != contents.filled[field.name]:
            return False
    return True


def _rewrite(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    known: list[tuple[Column, _Field | None]],
    contents: _Contents,
    added: list[str],
    target: Path,
) -> None:
    texts = [
        f"{_as_text(column, field, contents)} as {sql_name(column.name)}" for column, field in known
    ]
    select = ", ".join([*texts, *added])
    connection.execute(
        f"copy (select {select} from {source}) to {sql_text(target)} "
        "(format parquet, compression zstd)"
    )


def _as_text(column: Column, field: _Field | None, contents: _Contents) -> str:
    """The column as text: NaN is null, and a midnight in a date column is written as a date."""
    if field is None or not contents.values[field.name]:
        return "cast(null as varchar)"
    name = sql_name(field.name)
    text = f"cast({name} as varchar)"
    if field.type in _FLOATS:
        return f"case when not isnan({name}) then {text} end"
    if column.data_type == "date" and field.kind in _TIMESTAMPS:
        day = f"cast({name} as date)"
        return f"case when {name} = {day} then cast({day} as varchar) else {text} end"
    return text
