"""What an audience is compiled to: pieces of SQL of the project's own, and values as values.

A text of a person never becomes part of a piece. It stays a `Text` until an engine quotes it; so it
cannot leave its place, whatever it holds. Windows and quotients stay open too, since each engine
writes them in its own way. `audience_steps` (macros/audiences) writes them for dbt, `duckdb_sql`
for a published file.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portrait.sql import sql_text


@dataclass(frozen=True)
class Text:
    """A text to compare with."""

    text: str


@dataclass(frozen=True)
class Window:
    """Whether the date of a column lies in the window of so many days that ends on `as_of`."""

    column: str
    as_of: str
    days: int


@dataclass(frozen=True)
class Quotient:
    """One column divided by another; null where that is zero."""

    numerator: str
    denominator: str


Part = str | Text | Window | Quotient


@dataclass(frozen=True)
class Step:
    """A table of the query, by its name, that reads those before it."""

    name: str
    parts: tuple[Part, ...]


def joined(separator: str, lists: Iterable[Sequence[Part]]) -> tuple[Part, ...]:
    """The lists in one, with the separator between."""
    found: list[Part] = []
    for parts in lists:
        if found:
            found.append(separator)
        found += parts
    return tuple(found)


def as_json(parts: Iterable[Part]) -> str:
    """The pieces as the macro reads them."""
    return json.dumps([_plain(part) for part in _merged(parts)], ensure_ascii=False)


def _merged(parts: Iterable[Part]) -> list[Part]:
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def _plain(part: Part) -> str | dict[str, str | list[str]]:
    match part:
        case Text(text):
            return {"text": text}
        case Window(column, as_of, days):
            return {"window": [column, as_of, f"{days}d"]}
        case Quotient(numerator, denominator):
            return {"quotient": [numerator, denominator]}
    return part


def duckdb_sql(parts: Iterable[Part]) -> str:
    """The pieces as DuckDB reads them; tests hold the macro to the same answers."""
    return "".join(map(_on_duckdb, parts))


def _on_duckdb(part: Part) -> str:
    match part:
        case Text(text):
            return sql_text(text)
        case Window(column, as_of, days):
            return f"cast(date_diff('day', {column}, {as_of}) as integer) between 0 and {days - 1}"
        case Quotient(numerator, denominator):
            return (
                f"cast(cast({numerator} as double) / nullif(cast({denominator} as double), 0)"
                " as double)"
            )
    return part
