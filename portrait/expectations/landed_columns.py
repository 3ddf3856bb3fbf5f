"""Counts the values of landed columns: by file, and once in the life of a file.

What is counted of a file depends on its content, on the contract of its table and on the rules
here. So it is kept by them from build to build (`<warehouse>/kept/column_counts.json`): numbers
only, which may be deleted at any time; then the next build counts anew.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from portrait.contract import Table
from portrait.expectations.patterns import PATTERNS
from portrait.sql import sql_name, sql_path, sql_text

KEPT_FILE = "column_counts.json"
# What is kept is counted anew when the way of counting changes.
VERSION = 1
# Blanks that the ends of a text are cleared of: the ASCII ones, the no-break and the ideographic
# space.
_BLANKS = " \t\r\n\v\f\u00a0\u3000"
# Types of a Parquet file whose values read as a type of the contract by their nature.
_TIMES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL")
_CARRIERS = {
    "date": ("DATE",),
    "timestamp": _TIMES,
    "decimal": _NUMBERS,
    "rate": _NUMBERS,
    "boolean": ("BOOLEAN",),
}


@dataclass
class Counts:
    """Numbers of some rows: all, those with a value in a column, those whose value reads as its
    type, and the keys that are distinct within their file.
    """

    rows: int = 0
    distinct_keys: int = 0
    present: dict[str, int] = field(default_factory=dict)
    parsed: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        """The numbers of both."""
        return Counts(
            self.rows + other.rows,
            self.distinct_keys + other.distinct_keys,
            _added(self.present, other.present),
            _added(self.parsed, other.parsed),
        )


@dataclass(frozen=True)
class _File:
    """A landed file: its name in the table, the key of its numbers, and its path if it is typed."""

    name: str
    key: str
    typed_path: str | None


class ColumnCounter:
    """Counts tables, with what an earlier build counted of the same files."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        patterns: Mapping[str, str],
        nothing: Sequence[str],
        kept: Path | None = None,
    ) -> None:
        """Take the patterns by type, the words for nothing, and the folder of what is kept."""
        self._connection = connection
        self._patterns = patterns
        self._nothing = nothing
        self._kept = kept / KEPT_FILE if kept else None
        self._known = self._read()
        self._used: dict[str, Counts] = {}

    def count(self, table: Table, actual: Sequence[str]) -> Counts:
        """The numbers of a table whose relation has the columns `actual`."""
        files = self._files(table, actual)
        for file in files:
            if file.key in self._known:
                self._used[file.key] = self._known[file.key]
        new = [file for file in files if file.key not in self._used]
        if not files:
            return sum(self._count(table, actual, []).values(), _nothing_of(table, actual))
        if new:
            counted = self._count(table, actual, new)
            for file in new:
                self._used[file.key] = counted.get(file.name, _nothing_of(table, actual))
        return sum((self._used[file.key] for file in files), _nothing_of(table, actual))

    def save(self) -> None:
        """Write the numbers of the files that were counted; those of others are dropped."""
        if self._kept is None or self._used == self._known:
            return
        self._kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._kept.with_suffix(".tmp")
        part.write_text(
            json.dumps({key: asdict(counts) for key, counts in self._used.items()}),
            encoding="utf-8",
        )
        part.replace(self._kept)

    def _read(self) -> dict[str, Counts]:
        if self._kept is not None:
            # What cannot be read is counted again.
            with suppress(OSError, ValueError, TypeError, AttributeError):
                kept = json.loads(self._kept.read_text(encoding="utf-8"))
                return {key: Counts(**numbers) for key, numbers in kept.items()}
        return {}

    def _files(self, table: Table, actual: Sequence[str]) -> list[_File]:
        """The files of a table as landing lists them; none where there is no list."""
        try:
            rows = self._connection.execute(
                "select file, sha256, is_in_place, landed_path from build.landing.files"
                " where schema_name = ? and table_name = ? order by file",
                [table.schema, table.name],
            ).fetchall()
        except duckdb.Error:
            return []
        kinds = [(column.name, column.data_type) for column in table.columns]
        rules = repr((VERSION, kinds, table.key, list(actual), self._patterns, self._nothing))
        return [
            _File(
                name,
                hashlib.sha256(f"{rules} {name} {content}".encode()).hexdigest(),
                path if is_in_place else None,
            )
            for name, content, is_in_place, path in rows
        ]

    def _count(
        self, table: Table, actual: Sequence[str], files: Sequence[_File]
    ) -> dict[str, Counts]:
        """The numbers of some files by name; of all rows where no files are given."""
        columns = _columns(table, actual)
        counted: dict[str, Counts] = {}
        for carried, source in self._sources(table, columns, files):
            query = self._query(table, actual, carried, source)
            for name, rows, keys, present, parsed in self._connection.execute(query).fetchall():
                counted[name] = Counts(
                    rows,
                    keys,
                    dict(zip(columns, present, strict=True)),
                    dict(zip(_typed(table, columns), parsed, strict=True)),
                )
        return counted

    def _sources(
        self, table: Table, columns: Sequence[str], files: Sequence[_File]
    ) -> list[tuple[dict[str, str], str]]:
        """The rows of files of one kind as a query, with the columns that carry their type."""
        sources: dict[tuple[tuple[str, str], ...], list[str]] = {}
        texts = [sql_text(file.name) for file in files if file.typed_path is None]
        if texts or not files:
            relation = f"build.{sql_name(table.schema)}.{sql_name(table.name)}"
            where = f" where _file in ({', '.join(texts)})" if texts else ""
            sources[()] = [f"select * from {relation}{where}"]
        for file in files:
            if file.typed_path is None:
                continue
            source = f"read_parquet({sql_path(Path(file.typed_path))}, hive_partitioning = false)"
            types = {
                name: kind.partition("(")[0]
                for name, kind, *_ in self._connection.execute(f"describe from {source}").fetchall()
            }
            carried = tuple(
                (column.name, types[column.name])
                for column in table.columns
                if types.get(column.name) in _CARRIERS.get(column.data_type, ())
            )
            names = ", ".join(sql_name(name) for name in columns)
            sources.setdefault(carried, []).append(
                f"select {names}, {sql_text(file.name)} as _file from {source}"
            )
        return [(dict(carried), " union all ".join(parts)) for carried, parts in sources.items()]

    def _query(
        self, table: Table, actual: Sequence[str], carried: Mapping[str, str], source: str
    ) -> str:
        columns = _columns(table, actual)
        types = {column.name: column.data_type for column in table.columns}
        values = [
            f"{self._value(name, types[name], carried)} as {sql_name(name)}" for name in columns
        ]
        keys = ", ".join(sql_name(name) for name in table.key if name in actual)
        present = ", ".join(f"count({sql_name(name)})" for name in columns)
        parsed = ", ".join(
            f"count({sql_name(name)})"
            if name in carried
            else f"count(*) filter (regexp_matches({sql_name(name)}, "
            f"{sql_text(self._patterns[types[name]])}))"
            for name in _typed(table, columns)
        )
        file = "_file" if "_file" in actual else "''"
        key = f"hash(concat_ws(chr(31), {keys}))" if keys else "0"
        return (
            f"select file, count(*), count(distinct key), [{present}], [{parsed}]"
            f" from (select {', '.join([*values, f'{file} as file', f'{key} as key'])}"
            f" from ({source})) group by file"
        )

    def _value(self, name: str, data_type: str, carried: Mapping[str, str]) -> str:
        """A value as SQL; null where the row gives none.

        Blank texts give none, and neither do the words that stand for nothing where a value has a
        type, or the days of programs that stand for it: those before the year 1000.
        """
        column = sql_name(name)
        if carried.get(name) in _TIMES:
            return f"case when {column} >= cast('1000-01-01' as date) then {column} end"
        if name in carried:
            return column
        text = f"nullif(trim(cast({column} as varchar), {sql_text(_BLANKS)}), '')"
        if data_type in PATTERNS:
            words = ", ".join(sql_text(word) for word in self._nothing)
            text = f"case when lower({text}) not in ({words}) then {text} end"
        return text


def _columns(table: Table, actual: Sequence[str]) -> list[str]:
    return [column.name for column in table.columns if column.name in actual]


def _typed(table: Table, columns: Sequence[str]) -> list[str]:
    types = {column.name: column.data_type for column in table.columns}
    return [name for name in columns if types[name] in PATTERNS]


def _nothing_of(table: Table, actual: Sequence[str]) -> Counts:
    columns = _columns(table, actual)
    return Counts(
        present=dict.fromkeys(columns, 0), parsed=dict.fromkeys(_typed(table, columns), 0)
    )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}
