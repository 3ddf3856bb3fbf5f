"""The suites on the landed files, made from the source contract: a column gone wrong fails here.

These suites do not look for single bad rows: staging rejects those, with their reason. As on the
later layers, the numbers of a table come from one look at its rows, and great-expectations holds
each against its limit (measures.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path

import duckdb

from portrait.contract import RESERVED_COLUMNS, Column, Table
from portrait.errors import PortraitError
from portrait.expectations.config import Rule
from portrait.expectations.landed_columns import ColumnCounter, Counts
from portrait.expectations.patterns import EXAMPLES, NULL_WORDS, PATTERNS, WORDS, pattern_of
from portrait.expectations.results import Check
from portrait.expectations.suites import Expectation, Plan
from portrait.sql import sql_name


def plan_landing(
    connection: duckdb.DuckDBPyConnection,
    contract: Iterable[Table],
    rules: Mapping[str, Rule],
    plan: Plan,
    kept: Path | None = None,
) -> None:
    """Add a suite for each raw table that holds rows.

    `kept` is the folder of what is kept by file from build to build (landed_columns.py).

    Raises:
        PortraitError: the build has no relation for a table of the contract.
    """
    found = _columns(connection)
    nothing = ("null", *_words(connection, *NULL_WORDS))
    patterns = {
        data_type: pattern_of(
            data_type, _words(connection, *WORDS[data_type]) if data_type in WORDS else ()
        )
        for data_type in PATTERNS
    }
    counter = ColumnCounter(connection, patterns, nothing, kept)
    for table in contract:
        actual = found.get((table.schema, table.name))
        if actual is None:
            raise PortraitError(
                f"The build holds no relation {table.schema}.{table.name}: "
                "run `dbt build` before the checks."
            )
        _plan_table(connection, table, actual, rules, counter.count(table, actual), plan)
    counter.save()


def _plan_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    actual: list[str],
    rules: Mapping[str, Rule],
    counts: Counts,
    plan: Plan,
) -> None:
    suite = _LandingSuite(table, rules, counts)
    measured = [suite.columns(actual)]
    for column in table.columns:
        if column.name not in counts.present:
            continue
        if column.required:
            measured.append(suite.filled(column))
        if column.name in counts.parsed:
            measured.append(suite.parsed(column))
    if all(name in actual for name in table.key):
        measured.append(suite.distinct_key())
    ready = []
    for one in measured:
        if not counts.rows:
            plan.skip(one.check, "no rows were delivered")
        elif not one.values:
            plan.skip(one.check, "no values were delivered")
        elif one.at_least == 0:
            plan.skip(one.check, f"{one.values} values are too few to tell")
        else:
            ready.append(one)
    if not ready:
        return
    relation = f"landing_{table.schema}_{table.name}"
    columns = ", ".join(f"{sql_name(one.check.name)} double" for one in ready)
    marks = ", ".join("?" for _ in ready)
    connection.execute(f"create table {relation} ({columns})")
    connection.execute(f"insert into {relation} values ({marks})", [one.share for one in ready])
    plan.add("landing", suite.table, relation, [_expectation(one) for one in ready])


@dataclass(frozen=True)
class _Measured:
    """A share of the values that an expectation is about, with the least that it may be."""

    check: Check
    values: int
    share: float
    at_least: float
    shown: str
    failures: int | None = None


def _expectation(one: _Measured) -> Expectation:
    return Expectation(
        type="ExpectColumnMaxToBeBetween",
        arguments={"column": one.check.name, "min_value": one.at_least},
        check=one.check,
        describe=lambda _: one.shown,
        failures=one.failures,
    )


class _LandingSuite:
    """Measures what is expected of one raw table."""

    def __init__(self, table: Table, rules: Mapping[str, Rule], counts: Counts) -> None:
        self.table = f"{table.schema}.{table.name}"
        self._contract = table
        self._rules = rules
        self._counts = counts

    def columns(self, actual: list[str]) -> _Measured:
        expected = [*self._contract.column_names, *RESERVED_COLUMNS]
        return _Measured(
            self._check(
                "columns", "columns", "The columns are those of the source contract, in its order."
            ),
            values=self._counts.rows,
            share=float(actual == expected),
            at_least=1,
            shown=_columns_difference(expected, actual),
        )

    def filled(self, column: Column) -> _Measured:
        rows, present = self._counts.rows, self._counts.present[column.name]
        share = self._share("filled", rows)
        return _Measured(
            self._check(
                "filled",
                f"{column.name}_is_filled",
                f"At least {self._limit('filled', share)} of the rows have "
                f"a value in {column.name}.",
            ),
            values=rows,
            share=_part(present, rows),
            at_least=share,
            shown=f"{rows - present:,} of {rows:,} rows have none",
            failures=rows - present,
        )

    def parsed(self, column: Column) -> _Measured:
        values, parsed = self._counts.present[column.name], self._counts.parsed[column.name]
        share = self._share("parsed", values)
        article = "an" if column.data_type[0] in "aeiou" else "a"
        return _Measured(
            self._check(
                "parsed",
                f"{column.name}_reads_as_{column.data_type}",
                f"At least {self._limit('parsed', share)} of the values of {column.name} read as "
                f"{article} {column.data_type} (such as {EXAMPLES[column.data_type]}).",
            ),
            values=values,
            share=_part(parsed, values),
            at_least=share,
            shown=f"{values - parsed:,} of {values:,} values do not",
            failures=values - parsed,
        )

    def distinct_key(self) -> _Measured:
        at_least = self._rules["distinct_key"].at_least_pct / 100
        key = ", ".join(self._contract.key)
        share = _part(self._counts.distinct_keys, self._counts.rows)
        return _Measured(
            self._check(
                "distinct_key",
                "key_is_distinct",
                f"The key ({key}) is distinct in at least {_percent(at_least)} of the rows of a "
                "file.",
            ),
            values=self._counts.rows,
            share=share,
            at_least=at_least,
            shown=f"{_percent(share)} are distinct",
        )

    def _share(self, rule: str, values: int) -> float:
        """The share that must hold, so that a few bad values fail no small table."""
        limits = self._rules[rule]
        spared = max(0.0, 1 - limits.spared_rows / values) if values else 0.0
        return floor(min(limits.at_least_pct / 100, spared) * 10_000) / 10_000

    def _limit(self, rule: str, share: float) -> str:
        """The share as text; where nothing can be measured, the one for a large table."""
        return _percent(share or self._rules[rule].at_least_pct / 100)

    def _check(self, rule: str, name: str, sentence: str) -> Check:
        return Check(
            layer="landing",
            table=self.table,
            name=name,
            sentence=sentence,
            status="skipped",
            observed="",
            reason=self._rules[rule].reason,
            owner=self._rules[rule].owner,
        )


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    rows = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where database_name = 'build' order by schema_name, table_name, column_index"
    ).fetchall()
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in rows:
        columns.setdefault((schema, table), []).append(column)
    return columns


def _words(connection: duckdb.DuckDBPyConnection, seed: str, column: str) -> tuple[str, ...]:
    """The words of a seed; none where the build has not loaded it."""
    try:
        rows = connection.execute(f"select {column} from build.reference.{seed}").fetchall()
    except duckdb.CatalogException:
        return ()
    return tuple(str(word) for (word,) in rows)


def _columns_difference(expected: list[str], found: list[str]) -> str:
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    parts = [
        f"{word} {', '.join(names)}"
        for word, names in (("missing:", missing), ("extra:", extra))
        if names
    ]
    if parts:
        return "; ".join(parts)
    return f"{len(found)} columns" if found == expected else "another order"


def _part(number: int, of: int) -> float:
    return number / of if of else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"
