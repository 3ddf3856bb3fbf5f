"""Where a model may write `*` instead of its columns.

`star_problems` takes the SQL of a model as written and returns a sentence for each star that hides
something. Three stars hide nothing:

- an import: `orders as (select * from {{ ref('int_orders_priced') }})`;
- a CTE that takes over all columns of one table and adds some (`select orders.*, … as net_amount`),
  or keeps some of its rows (`select * from ranked where order_rank = 1`);
- the last line, `select * from final`.

A star is refused in a union, which pairs columns by position; beside distinct and group by, which
depend on every column; with a second star; where an added column has a name that the star brings
already, since DuckDB then reads the first of the two in silence; and in the `final` of a mart or a
quality model, which lists what it publishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sql_text import PLACEHOLDER, bracketed, read_sql, split_terms

IMPORT_CTE = re.compile(
    r"^\s*(?P<name>[\w{} ]+) as \(\s*select \* from"
    r" \{\{ (?:ref|source)\((?P<arguments>[^{}]*)\) \}\}\s*\),?$",
    re.MULTILINE,
)
# A star in a select list: after the name of its table, or after `select` or a comma where no factor
# follows it. `count(*)` and `a * b` are none.
STAR = re.compile(
    r"\w\s*\.\s*\*"
    r"|\b(?:select|distinct|all)\s+\*"
    r"|(?<![(\s])\s*\*(?=\s*(?:,|\)|$|\bfrom\b))"
)
STAR_TERM = re.compile(r"(?:(?P<table>\w+)\s*\.\s*)?\*")
SET_OPERATION = re.compile(r"\b(union|intersect|except)\b")
TABLES = re.compile(r"\b(?:from|join)\s+(\w+)(?:\s+as\s+(\w+))?")
ADDED_NAME = re.compile(r"(?:\bas\s+|^\w+\s*\.\s*|^)(\w+)$")


@dataclass(frozen=True)
class Cte:
    """A CTE of a model: its name and the SQL within its brackets."""

    name: str
    body: str

    @property
    def outer(self) -> str:
        """Return the SQL of the body with the contents of all brackets left out."""
        return _without_brackets(self.body)

    @property
    def terms(self) -> list[str]:
        """Return the terms of the (first) select list; none where the body is no select."""
        match = re.match(r"\s*select\s+(?:distinct\s+|all\s+)?", self.body)
        if not match:
            return []
        end = _outside_of_brackets(self.body, re.compile(r"\bfrom\b"))
        return split_terms(self.body[match.end() : end])

    @property
    def tables(self) -> dict[str, str]:
        """Return alias -> table of what the body reads."""
        return {alias or table: table for table, alias in TABLES.findall(self.outer)}


def star_problems(
    raw_code: str, *, may_end_in_star: bool, columns_of: Mapping[str, set[str]]
) -> list[str]:
    """Return what is wrong with the stars of a model.

    may_end_in_star: whether `final` may hold one: not where the model publishes its columns.
    columns_of: the columns of each model, seed and source that is described.
    """
    text = re.sub(r"--[^\n]*", "", raw_code)
    imports = {
        match["name"].strip(): _last_argument(match["arguments"])
        for match in IMPORT_CTE.finditer(text)
    }
    code = read_sql(IMPORT_CTE.sub("", text)).code
    code = re.sub(r"\bselect\s+\*\s+from\s+final\s*$", "", code)
    ctes = {cte.name: cte for cte in _ctes(code)}
    columns = {name: columns_of.get(table, set()) for name, table in imports.items()}
    found = []
    for cte in ctes.values():
        found += [f"{cte.name}: {problem}" for problem in _problems_of(cte, may_end_in_star)]
        found += [
            f"{cte.name}: adds {name}, which its star brings already"
            for name in _added_twice(cte, columns)
        ]
        columns[cte.name] = _columns_of(cte, columns)
    stars_of_ctes = sum(len(STAR.findall(cte.body)) for cte in ctes.values())
    if len(STAR.findall(code)) > stars_of_ctes:
        found.append("select * outside of a CTE")
    return found


def _problems_of(cte: Cte, may_end_in_star: bool) -> Iterator[str]:
    stars = len(STAR.findall(cte.body))
    if not stars:
        return
    terms, outer = cte.terms, cte.outer
    star = STAR_TERM.fullmatch(terms[0]) if terms else None
    if not star:
        yield "a star that is not the first term of the CTE's select list"
        return
    if stars > 1:
        yield "more than one star"
    if cte.name == "final" and not may_end_in_star:
        yield "final lists its columns: a mart says what it publishes"
    if SET_OPERATION.search(outer):
        yield "a star in a union, which pairs columns by position"
    if re.search(r"\bselect\s+distinct\b|\bgroup\s+by\b", outer):
        yield "a star with distinct or group by, which depend on every column"
    if not star["table"] and len(cte.tables) > 1:
        yield "a star of several tables: name the one that it is of"
    if len(terms) == 1 and not re.search(r"\bwhere\b|\binner\s+join\b", outer):
        yield "a star that adds no column and keeps all rows: read the table itself"
    unnamed = [term for term in terms[1:] if not ADDED_NAME.search(term)]
    if unnamed:
        yield f"columns without a name beside the star ({', '.join(unnamed)})"


def _added_twice(cte: Cte, columns: Mapping[str, set[str]]) -> list[str]:
    brought = _star_columns(cte, columns)
    return [name for name in _added(cte) if name in brought]


def _columns_of(cte: Cte, columns: Mapping[str, set[str]]) -> set[str]:
    """Return the columns of a CTE, as far as its text tells them."""
    return {*_star_columns(cte, columns), *_added(cte)}


def _star_columns(cte: Cte, columns: Mapping[str, set[str]]) -> set[str]:
    star = STAR_TERM.fullmatch(cte.terms[0]) if cte.terms else None
    if not star:
        return set()
    tables = cte.tables
    table = tables.get(star["table"], "") if star["table"] else next(iter(tables.values()), "")
    return columns.get(table, set())


def _added(cte: Cte) -> list[str]:
    names = [ADDED_NAME.search(term) for term in cte.terms if not STAR_TERM.fullmatch(term)]
    return [name[1] for name in names if name and PLACEHOLDER not in name[1]]


def _ctes(code: str) -> Iterator[Cte]:
    position = 0
    heading = re.compile(r"(\w+)\s+as\s*\(")
    while match := heading.search(code, position):
        body = bracketed(code, match.end() - 1)
        yield Cte(name=match[1], body=body)
        position = match.end() + len(body) + 1


def _last_argument(arguments: str) -> str:
    return arguments.split(",")[-1].strip().strip("'\"")


def _without_brackets(code: str) -> str:
    kept, depth = [], 0
    for character in code:
        depth -= character == ")"
        if depth == 0:
            kept.append(character)
        depth += character == "("
    return "".join(kept)


def _outside_of_brackets(code: str, pattern: re.Pattern[str]) -> int:
    """Return where `pattern` first stands outside of brackets; the end of `code` without it."""
    for match in pattern.finditer(code):
        before = code[: match.start()]
        if before.count("(") == before.count(")"):
            return match.start()
    return len(code)
