"""Writes analyst.duckdb: the marts with pseudonyms, from an allow-list in each mart's YAML.

It is pseudonymous, not anonymous: what is left may single a person out (docs/publishing.md).

A column's `config.meta.analyst` is one of four words; a column without it is not written:

- keep: as it is, and never a column tagged personal
- pseudonym: as a keyed hash; the same value has the same pseudonym in every table, so joins work
- year: a date as its year, `birth_date` as `birth_year`
- month: a date as the first day of its month, `birth_date` as `birth_month`

A mart's `config.meta.analyst_rows` is a condition on the rows that are written; without it all are.
"""

import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.sql import one_row, sql_name, sql_text

STORAGE_VERSION = "v1.4.0"
WORDS = ("keep", "pseudonym", "year", "month")
# What the comment of a column says beyond the published file's.
COARSE_COMMENTS = {"year": " Here its year.", "month": " Here the first day of its month."}
# Of SHA-256, in bytes.
BLOCK_SIZE = 64
PSEUDONYM_LENGTH = 32
PSEUDONYM = f"p_[0-9a-f]{{{PSEUDONYM_LENGTH}}}"


@dataclass(frozen=True)
class AllowedTable:
    """One table of the analyst file: where it lies, and what to do with which column."""

    schema: str
    name: str
    columns: Mapping[str, tuple[str, ...]]
    condition: str = "true"

    @property
    def relation(self) -> str:
        """Schema and name, quoted."""
        return f"{sql_name(self.schema)}.{sql_name(self.name)}"


def allowed_tables(manifest: Mapping[str, Any]) -> list[AllowedTable]:
    """The allow-list of the project, from dbt's manifest.

    PortraitError where a column's tag is no word of it, or keeps personal data.
    """
    tables = []
    for node in manifest.get("nodes", {}).values():
        if node.get("resource_type") != "model":
            continue
        if "analyst" in _meta(node):
            raise PortraitError(
                f"Model {node['name']}: meta.analyst stands on a column, not on the model."
            )
        columns: dict[str, list[str]] = {word: [] for word in WORDS}
        for name, column in (node.get("columns") or {}).items():
            meta = _meta(column)
            if "analyst" in meta:
                columns[_word(f"{node['name']}.{name}", meta)].append(name)
        if any(columns.values()):
            allowed = {word: tuple(names) for word, names in columns.items()}
            tables.append(
                AllowedTable(
                    node["schema"],
                    node.get("alias") or node["name"],
                    allowed,
                    _meta(node).get("analyst_rows", "true"),
                )
            )
    return sorted(tables, key=lambda table: (table.schema, table.name))


def _meta(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**(item.get("meta") or {}), **((item.get("config") or {}).get("meta") or {})}


def _word(place: str, meta: Mapping[str, Any]) -> str:
    word = meta["analyst"]
    if word not in WORDS:
        raise PortraitError(
            f"Column {place}: meta.analyst is one of {', '.join(WORDS)}, not {word}."
        )
    if word == "keep" and meta.get("personal"):
        raise PortraitError(
            f"Column {place}: meta.analyst keeps what is tagged as personal data. "
            "Say pseudonym or year, or leave the tag out."
        )
    return str(word)


def write_analyst_file(
    portrait: Path, target: Path, tables: Iterable[AllowedTable], key: str
) -> bool:
    """Write the file `target` from the published `portrait`; return whether its pseudonyms last.

    Without a key the pseudonyms are made with a random one: they join within this file only.
    Tables and columns carry the comments of the published file.
    PortraitError where a listed table or column does not exist.
    """
    secret = key.encode() or secrets.token_bytes(BLOCK_SIZE)
    with connect(
        str(target), config={"storage_compatibility_version": STORAGE_VERSION}
    ) as connection:
        connection.execute(f"attach {sql_text(portrait)} as portrait (read_only)")
        connection.execute("set preserve_insertion_order = false")
        _create_pseudonym_function(connection, secret)
        tables = list(tables)
        places = Counter(column for table in tables for column in table.columns["pseudonym"])
        for table in tables:
            _write_table(connection, table, places)
        connection.execute("detach portrait")
        connection.execute("checkpoint")
    return bool(key)


def _create_pseudonym_function(connection: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """HMAC-SHA256 (RFC 2104) in vectorised SQL; the key's pads live in the session only."""
    if len(secret) > BLOCK_SIZE:
        secret = connection.execute("select unhex(sha256(?::blob))", [secret]).fetchall()[0][0]
    block = secret.ljust(BLOCK_SIZE, b"\0")
    connection.execute("set variable inner_pad = ?::blob", [bytes(byte ^ 0x36 for byte in block)])
    connection.execute("set variable outer_pad = ?::blob", [bytes(byte ^ 0x5C for byte in block)])
    connection.execute(
        "create temp macro pseudonym_of(value) as 'p_' || left(sha256(getvariable('outer_pad') || "
        "unhex(sha256(getvariable('inner_pad') || encode(value)))), "
        f"{PSEUDONYM_LENGTH})"
    )


def _write_table(
    connection: duckdb.DuckDBPyConnection, table: AllowedTable, places: Mapping[str, int]
) -> None:
    """Write a table; `places` counts the tables that hold pseudonyms of a column."""
    source = f"portrait.{table.relation}"
    present = dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() where database_name = 'portrait' "
            "and schema_name = ? and table_name = ? order by column_index",
            [table.schema, table.name],
        ).fetchall()
    )
    if not present:
        raise PortraitError(
            f"{table.schema}.{table.name} has columns for analysts, but was not built."
        )
    if absent := [c for names in table.columns.values() for c in names if c not in present]:
        raise PortraitError(
            f"{table.schema}.{table.name}: meta.analyst stands on {', '.join(absent)}, "
            "no column of it."
        )
    joined = {
        column: f"p{i}"
        for i, column in enumerate(table.columns["pseudonym"])
        if places[column] > 1 or _repeats_values(connection, source, column)
    }
    for column in joined:
        _add_pseudonyms(connection, source, column)
    # In the order of the mart's own columns.
    selected = [_expression(table, column, joined) for column in present]
    joins = "".join(
        f" left join {_pseudonyms_of(column)} as {alias}"
        f" on {alias}.value = cast(mart.{sql_name(column)} as varchar)"
        for column, alias in joined.items()
    )
    listed = ", ".join(filter(None, selected))
    connection.execute(f"create schema if not exists {sql_name(table.schema)}")
    connection.execute(
        f"create table {table.relation} as select {listed} from {source} as mart{joins}"
        f" where {table.condition}"
    )
    _copy_comments(connection, table, present)


def _repeats_values(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> bool:
    """Whether a value stands in two rows on average, so that hashing each once saves time."""
    name = sql_name(column)
    (is_so,) = one_row(
        connection, f"select 2 * approx_count_distinct({name}) <= count({name}) from {source}"
    )
    return bool(is_so)


def _add_pseudonyms(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> None:
    """Hash the values of a column that no table before held in a column of that name."""
    known = _pseudonyms_of(column)
    connection.execute(
        f"create temp table if not exists {known}"
        " (value varchar not null, pseudonym varchar not null)"
    )
    connection.execute(
        f"insert into {known} select value, pseudonym_of(value) from ("
        f"select distinct cast({sql_name(column)} as varchar) as value from {source}) as seen "
        f"where value is not null and value not in (select value from {known})"
    )


def _pseudonyms_of(column: str) -> str:
    """The table of the pseudonyms of a column: one for all ids would make each join a large one."""
    return sql_name(f"pseudonyms_of_{column}")


def _copy_comments(
    connection: duckdb.DuckDBPyConnection, table: AllowedTable, columns: Mapping[str, str | None]
) -> None:
    (comment,) = connection.execute(
        "select any_value(comment) from duckdb_tables() where database_name = 'portrait' "
        "and schema_name = ? and table_name = ?",
        [table.schema, table.name],
    ).fetchall()[0]
    if comment:
        connection.execute(f"comment on table {table.relation} is {sql_text(comment)}")
    for word, names in table.columns.items():
        for name in names:
            if text := columns[name]:
                written = coarse_name(name, word) if word in COARSE_COMMENTS else name
                text += COARSE_COMMENTS.get(word, "")
                connection.execute(
                    f"comment on column {table.relation}.{sql_name(written)} is {sql_text(text)}"
                )


def _expression(table: AllowedTable, column: str, joined: Mapping[str, str]) -> str | None:
    name = f"mart.{sql_name(column)}"
    if column in table.columns["keep"]:
        return f"{name} as {sql_name(column)}"
    if column in joined:
        return f"{joined[column]}.pseudonym as {sql_name(column)}"
    if column in table.columns["pseudonym"]:
        return f"pseudonym_of(cast({name} as varchar)) as {sql_name(column)}"
    if column in table.columns["year"]:
        return f"cast(year({name}) as integer) as {sql_name(coarse_name(column, 'year'))}"
    if column in table.columns["month"]:
        return (
            f"cast(date_trunc('month', {name}) as date) as {sql_name(coarse_name(column, 'month'))}"
        )
    return None


def coarse_name(column: str, unit: str) -> str:
    """The name of a date kept as its year or month: `birth_date` becomes `birth_year`."""
    return f"{re.sub(r'_(date|at|on)$', '', column)}_{unit}"
