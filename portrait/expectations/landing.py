"""The suites on the landed files, made from the source contract: a column gone wrong fails here.

These suites do not look for single bad rows: staging rejects those, with their reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Any

import duckdb

from portrait.contract import RESERVED_COLUMNS, Column, Table
from portrait.errors import PortraitError
from portrait.expectations.config import Rule
from portrait.expectations.patterns import EXAMPLES, NULL_WORDS, PATTERNS, WORDS, pattern_of
from portrait.expectations.results import Check
from portrait.expectations.suites import Expectation, Plan
from portrait.sql import sql_name, sql_text

# Blanks that the ends of a text are cleared of: the ASCII ones, the no-break and the ideographic
# space.
_BLANKS = " \t\r\n\v\f\u00a0\u3000"
_KEY = "_key"


def plan_landing(
    connection: duckdb.DuckDBPyConnection,
    contract: Iterable[Table],
    rules: Mapping[str, Rule],
    plan: Plan,
) -> None:
    """Add a suite for each raw table that holds rows.

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
    for table in contract:
        actual = found.get((table.schema, table.name))
        if actual is None:
            raise PortraitError(
                f"The build holds no relation {table.schema}.{table.name}: "
                "run `dbt build` before the checks."
            )
        _plan_table(connection, table, actual, rules, patterns, nothing, plan)


def _plan_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    actual: list[str],
    rules: Mapping[str, Rule],
    patterns: Mapping[str, str],
    nothing: Sequence[str],
    plan: Plan,
) -> None:
    suite = _LandingSuite(table, rules, patterns)
    relation = f"landing_{table.schema}_{table.name}"
    connection.execute(_view(relation, table, actual, nothing))
    counted = [column.name for column in table.columns if column.name in actual]
    numbers = ", ".join(["count(*)", *(f"count({sql_name(name)})" for name in counted)])
    counts = connection.execute(f"select {numbers} from {relation}").fetchone()
    assert counts is not None
    rows, present = counts[0], dict(zip(counted, counts[1:], strict=True))
    expectations = [(suite.columns(), rows)]
    for column in table.columns:
        if column.name not in present:
            continue
        if column.required:
            expectations.append((suite.filled(column, rows), rows))
        if column.data_type in PATTERNS:
            values = present[column.name]
            expectations.append((suite.parsed(column, values), values))
    if all(name in actual for name in table.key):
        expectations.append((suite.distinct_key(), rows))
    measurable = []
    for expectation, values in expectations:
        if not rows:
            plan.skip(expectation.check, "no rows were delivered")
        elif not values:
            plan.skip(expectation.check, "no values were delivered")
        elif expectation.arguments.get("mostly") == 0:
            plan.skip(expectation.check, f"{values} values are too few to tell")
        else:
            measurable.append(expectation)
    plan.add("landing", suite.table, relation, measurable)


class _LandingSuite:
    """Makes the expectations of one raw table."""

    def __init__(
        self, table: Table, rules: Mapping[str, Rule], patterns: Mapping[str, str]
    ) -> None:
        self.table = f"{table.schema}.{table.name}"
        self._contract = table
        self._rules = rules
        self._patterns = patterns

    def columns(self) -> Expectation:
        expected = [*self._contract.column_names, *RESERVED_COLUMNS]
        return Expectation(
            type="ExpectTableColumnsToMatchOrderedList",
            arguments={"column_list": [*expected, _KEY]},
            check=self._check(
                "columns", "columns", "The columns are those of the source contract, in its order."
            ),
            describe=lambda result: _columns_difference(expected, result),
        )

    def filled(self, column: Column, rows: int) -> Expectation:
        share = self._share("filled", rows)
        return Expectation(
            type="ExpectColumnValuesToNotBeNull",
            arguments={"column": column.name, "mostly": share},
            check=self._check(
                "filled",
                f"{column.name}_is_filled",
                f"At least {self._limit('filled', share)} of the rows have "
                f"a value in {column.name}.",
            ),
            describe=lambda result: _count(result, "rows have none"),
        )

    def parsed(self, column: Column, values: int) -> Expectation:
        share = self._share("parsed", values)
        article = "an" if column.data_type[0] in "aeiou" else "a"
        return Expectation(
            type="ExpectColumnValuesToMatchRegex",
            arguments={
                "column": column.name,
                "regex": self._patterns[column.data_type],
                "mostly": share,
            },
            check=self._check(
                "parsed",
                f"{column.name}_reads_as_{column.data_type}",
                f"At least {self._limit('parsed', share)} of the values of {column.name} read as "
                f"{article} {column.data_type} (such as {EXAMPLES[column.data_type]}).",
            ),
            describe=lambda result: _count(result, "values do not"),
        )

    def distinct_key(self) -> Expectation:
        share = self._rules["distinct_key"].at_least_pct / 100
        key = ", ".join(self._contract.key)
        return Expectation(
            type="ExpectColumnProportionOfUniqueValuesToBeBetween",
            arguments={"column": _KEY, "min_value": share},
            check=self._check(
                "distinct_key",
                "key_is_distinct",
                f"The key ({key}) is distinct in at least {_percent(share)} of the rows of a file.",
            ),
            describe=lambda result: f"{_percent(result.get('observed_value') or 0)} are distinct",
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


def _view(relation: str, table: Table, actual: list[str], nothing: Sequence[str]) -> str:
    """A view of the raw table with a row's key within its file.

    Blank texts are null, and so are the words that stand for nothing where a value has a type.
    """
    blanks, words = sql_text(_BLANKS), ", ".join(sql_text(word) for word in nothing)
    typed = {column.name for column in table.columns if column.data_type in PATTERNS}
    columns = []
    for name in actual:
        text = f"nullif(trim(cast({sql_name(name)} as varchar), {blanks}), '')"
        if name in typed:
            text = f"case when lower({text}) not in ({words}) then {text} end"
        columns.append(
            sql_name(name) if name in RESERVED_COLUMNS else f"{text} as {sql_name(name)}"
        )
    key = [sql_name(name) for name in ("_file", *table.key) if name in actual]
    columns.append(f"concat_ws(chr(31), {', '.join(key)}) as {_KEY}" if key else f"'' as {_KEY}")
    return (
        f"create view {relation} as select {', '.join(columns)} "
        f"from build.{sql_name(table.schema)}.{sql_name(table.name)}"
    )


def _columns_difference(expected: list[str], result: dict[str, Any]) -> str:
    found = [name for name in result.get("observed_value") or [] if name != _KEY]
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


def _count(result: dict[str, Any], what: str) -> str:
    values = (result.get("element_count") or 0) - (result.get("missing_count") or 0)
    return f"{result.get('unexpected_count') or 0:,} of {values:,} {what}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"
