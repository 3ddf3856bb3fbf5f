"""The suites on staging and marts: numbers of a table within limits, and their drift.

All numbers of a table come from one query. They are one row of an in-memory table of their
own, and great-expectations holds each column of it against its limits: so a number's value is seen
in Data Docs also where it is within them, and no value of a single person can get there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from portrait.contract import Table
from portrait.errors import PortraitError
from portrait.expectations.config import LayerConfig, Measure
from portrait.expectations.results import Check, Layer
from portrait.expectations.suites import Expectation, Plan
from portrait.settings import Settings
from portrait.sql import sql_name

# How many words a warning shows, and how much of each.
MOST_WORDS, LONGEST_WORD = 10, 40

# A measure's number and the rows that it is about.
Value = tuple[float | None, int]


@dataclass(frozen=True)
class _Words:
    """Finds the words that a measure outside of its limits is about."""

    connection: duckdb.DuckDBPyConnection
    names: Mapping[str, str]
    file: str

    def of(self, measure: Measure, value: float) -> str:
        """The words with their rows, as ` (2 words in 5 rows: 'a' (3), 'b' (2))`; else nothing."""
        if not measure.words or _is_within(measure, value):
            return ""
        try:
            found = self.connection.execute(_fill(measure.words, self.names)).fetchall()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise PortraitError(
                f"{self.file}: the words of {measure.name} cannot be found ({reason})."
            ) from error
        if not found:
            return ""
        total = f"{_counted(len(found), 'word')} in {_counted(sum(n for _, n in found), 'row')}"
        if measure.words_are_personal:
            return f" ({total})"
        listed = ", ".join(f"{_short(word)} ({rows:,})" for word, rows in found[:MOST_WORDS])
        return f" ({total}: {listed}{', …' if len(found) > MOST_WORDS else ''})"


def _is_within(measure: Measure, value: float) -> bool:
    too_low = measure.at_least is not None and value < measure.at_least
    too_high = measure.at_most is not None and value > measure.at_most
    return not (too_low or too_high)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _short(word: str) -> str:
    return repr(word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "…")


@dataclass(frozen=True)
class _Known:
    """A measure with its value, ready to be compared with its limits."""

    measure: Measure
    check: Check
    value: float
    shown: str


def plan_staging(
    connection: duckdb.DuckDBPyConnection,
    contract: Iterable[Table],
    config: LayerConfig,
    plan: Plan,
) -> None:
    """Add a suite for each `base_<system>__<table>` of the contract.

    Raises:
        PortraitError: the build lacks such a table, or a measure cannot be computed.
    """
    tables = {f"base_{table.system}__{table.name}": table for table in contract}
    if unknown := set(config.tables) - set(tables):
        raise PortraitError(
            f"staging.yml names {', '.join(sorted(unknown))}, "
            "which is no table of the source contract."
        )
    for base, table in tables.items():
        own = config.tables.get(base, ())
        own_names = {measure.name for measure in own}
        every = (m for m in config.every_table if m.name not in own_names)
        measures = (*every, *own)
        source = f"build.staging.{sql_name(base)}"
        names = {"broken": _broken(connection, table)}
        values = _values(connection, source, measures, names, "staging.yml")
        words = _Words(connection, {"source": source}, "staging.yml")
        known = _known("staging", base, measures, values, words, plan)
        _add(connection, "staging", base, known, plan)


def _broken(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """The number of records of a table that landing could not read, as SQL."""
    rows = connection.execute(
        "select coalesce(sum(broken_rows), 0) from build.landing.files "
        "where schema_name = ? and table_name = ?",
        [table.schema, table.name],
    ).fetchone()
    return str(int(rows[0])) if rows else "0"


def plan_marts(
    connection: duckdb.DuckDBPyConnection,
    config: LayerConfig,
    settings: Settings,
    has_previous: bool,
    accept_drift: bool,
    plan: Plan,
) -> None:
    """Add a suite for each mart that marts.yml names.

    Raises:
        PortraitError: the build lacks such a mart, or a measure cannot be computed.
    """
    why_not = _why_no_drift(connection, settings, has_previous, accept_drift)
    own_seeds = "" if why_not else _change_of_own_seeds(connection)
    for mart in dict.fromkeys([*config.tables, *config.drift]):
        measures = config.tables.get(mart, ())
        names = {"marts": "portrait.marts", "source": f"portrait.marts.{sql_name(mart)}"}
        values = _values(connection, names["source"], measures, names, "marts.yml")
        words = _Words(connection, names, "marts.yml")
        known = _known("marts", mart, measures, values, words, plan)
        known += _known_drift(
            connection, mart, config.drift.get(mart, ()), why_not, own_seeds, plan
        )
        _add(connection, "marts", mart, known, plan)


def _values(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    measures: Iterable[Measure],
    names: Mapping[str, str],
    file: str,
) -> dict[str, Value]:
    """The value of each measure and the rows behind it, in one query over the table.

    A name in braces stands for a relation: {source} the table itself, {marts} the schema of the
    marts; {broken} for the number of broken lines.
    """
    measures = list(measures)
    if not measures:
        return {}
    names = {"source": source, **names}
    numbers = [
        f"cast({_fill(m.measure, names)} as double), {_fill(m.over, names)}" for m in measures
    ]
    try:
        row = connection.execute(f"select {', '.join(numbers)} from {source}").fetchone()
    except duckdb.Error as error:
        raise PortraitError(
            f"{file}: {_culprit(connection, source, measures, names, error)}"
        ) from error
    assert row is not None
    return {m.name: (row[2 * i], row[2 * i + 1] or 0) for i, m in enumerate(measures)}


def _fill(sql: str, names: Mapping[str, str]) -> str:
    for name, relation in names.items():
        sql = sql.replace(f"{{{name}}}", relation)
    return sql


def _culprit(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    measures: list[Measure],
    names: Mapping[str, str],
    error: duckdb.Error,
) -> str:
    """Which of the measures the query fails on, as a sentence."""
    for measure in measures:
        sql = f"select {_fill(measure.measure, names)}, {_fill(measure.over, names)} from {source}"
        try:
            connection.execute(sql)
        except duckdb.Error as one:
            return f"{measure.name} cannot be measured on {source} ({str(one).splitlines()[0]})."
    return f"nothing can be measured on {source} ({str(error).splitlines()[0]})."


def _known(
    layer: Layer,
    table: str,
    measures: Iterable[Measure],
    values: Mapping[str, Value],
    words: _Words,
    plan: Plan,
) -> list[_Known]:
    """The measures that have a value; the others are skipped, with the reason."""
    known = []
    for measure in measures:
        value, rows = values[measure.name]
        check = _check(layer, table, measure)
        if why := _why_not_measured(value, rows, measure.minimum_rows):
            plan.skip(check, why)
        else:
            assert value is not None
            shown = _number(value) + words.of(measure, value)
            known.append(_Known(measure, check, value, shown))
    return known


def _why_not_measured(value: float | None, rows: int, minimum: int) -> str | None:
    if rows == 0:
        return "there are no rows that it is about"
    if rows < minimum:
        return f"it is about {rows:,} rows only, and says nothing below {minimum:,}"
    return "the table holds nothing to measure it by" if value is None else None


def _known_drift(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    measures: tuple[Measure, ...],
    why_not: str | None,
    own_seeds: str,
    plan: Plan,
) -> list[_Known]:
    """The changes since the previous build; those that cannot be calculated are skipped."""
    checks = {measure.name: _check("marts", mart, measure) for measure in measures}
    if why_not is None:
        now = _values(connection, f"portrait.marts.{sql_name(mart)}", measures, {}, "marts.yml")
        try:
            then = _values(
                connection, f"previous.marts.{sql_name(mart)}", measures, {}, "marts.yml"
            )
        except PortraitError:
            why_not = "the previous build does not know it"
    if why_not is not None:
        for check in checks.values():
            plan.skip(check, why_not)
        return []
    known = []
    for measure in measures:
        (new, _), (old, rows) = now[measure.name], then[measure.name]
        # The drift that matters most: nothing is left of what there was.
        new = 0.0 if new is None and measure.change == "percent" else new
        if measure.follows_seeds and own_seeds:
            plan.skip(checks[measure.name], own_seeds)
        elif why := _why_not_measured(old, rows, measure.minimum_rows):
            plan.skip(checks[measure.name], f"in the previous build: {why}")
        elif new is None:
            plan.skip(checks[measure.name], "this build holds nothing to measure it by")
        elif old is None or (measure.change == "percent" and old == 0):
            plan.skip(checks[measure.name], "it was zero in the previous build")
        else:
            change = new - old if measure.change == "points" else 100 * (new - old) / abs(old)
            unit = "points" if measure.change == "points" else "%"
            shown = f"{change:+,.1f} {unit} (from {_number(old)} to {_number(new)})"
            known.append(_Known(measure, checks[measure.name], change, shown))
    return known


def _why_no_drift(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    has_previous: bool,
    accept_drift: bool,
) -> str | None:
    """Why this build cannot be compared with the previous one, as a clause; None where it can."""
    if not has_previous:
        return "there is no earlier published build"
    if accept_drift:
        return "the drift was accepted for this build"
    try:
        before = connection.execute(
            "select currency, timezone, raw_folder, as_of_date from previous.quality.build_info"
        ).fetchone()
    except duckdb.Error:
        before = None
    if before is None:
        return None
    currency, timezone, raw_folder, as_of = before
    if currency != settings.currency:
        return f"the previous build reports in {currency}"
    if timezone != settings.timezone:
        return f"the previous build has the business time zone {timezone}"
    if raw_folder != settings.raw.name:
        return f"the previous build was made from other raw files ({raw_folder})"
    today = _as_of(connection)
    if today and as_of and today < as_of:
        return f"the previous build is for a later as-of date ({as_of})"
    return None


def _change_of_own_seeds(connection: duckdb.DuckDBPyConnection) -> str:
    """Why the segments cannot be compared: the company's own seeds changed; empty if not."""
    files = (
        "select file, sha256 from {}.quality.configuration_files where subject != 'expectations'"
    )
    try:
        now = set(connection.execute(files.format("portrait")).fetchall())
    except duckdb.Error:
        return ""
    try:
        then = set(connection.execute(files.format("previous")).fetchall())
    except duckdb.Error:
        then = set()
    changed = sorted({f"config/{file}" for file, _ in now ^ then})
    return f"the company's own seeds changed ({', '.join(changed)})" if changed else ""


def _as_of(connection: duckdb.DuckDBPyConnection) -> date | None:
    try:
        row = connection.execute(
            "select max(as_of_date) from portrait.marts.customer_rfm"
        ).fetchone()
    except duckdb.Error:
        return None
    return row[0] if row else None


def _add(
    connection: duckdb.DuckDBPyConnection,
    layer: Layer,
    table: str,
    known: list[_Known],
    plan: Plan,
) -> None:
    """Write the values into a one-row table, and add the suite that holds its columns' limits."""
    relation = f"{layer}_{table}"
    if not known:
        return
    columns = ", ".join(f"{sql_name(one.measure.name)} double" for one in known)
    marks = ", ".join("?" for _ in known)
    connection.execute(f"create table {relation} ({columns})")
    connection.execute(f"insert into {relation} values ({marks})", [one.value for one in known])
    plan.add(layer, table, relation, [_expectation(one) for one in known])


def _expectation(one: _Known) -> Expectation:
    limits = {"min_value": one.measure.at_least, "max_value": one.measure.at_most}
    return Expectation(
        type="ExpectColumnMaxToBeBetween",
        arguments={
            "column": one.measure.name,
            **{name: limit for name, limit in limits.items() if limit is not None},
        },
        check=one.check,
        describe=lambda _: one.shown,
        details=f"Measured: {one.shown}." if one.measure.change else "",
    )


def _check(layer: Layer, table: str, measure: Measure) -> Check:
    limits: dict[str, Any] = {
        "at_least": _plain(measure.at_least),
        "at_most": _plain(measure.at_most),
        "fall": _plain(-measure.at_least if measure.at_least is not None else None),
        "rise": _plain(measure.at_most),
    }
    sentence = measure.says
    for name, limit in limits.items():
        sentence = sentence.replace(f"{{{name}}}", limit)
    return Check(
        layer=layer,
        table=table,
        name=measure.name,
        sentence=sentence,
        status="skipped",
        observed="",
        reason=measure.reason,
        owner=measure.owner,
        severity=measure.severity,
        mend=measure.mend,
    )


def _plain(limit: float | None) -> str:
    return "" if limit is None else f"{limit:,.4f}".rstrip("0").rstrip(".")


def _number(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")
