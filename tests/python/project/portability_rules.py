"""What is allowed in SQL that runs on DuckDB and on Spark: functions, operators, types, syntax.

`problems(raw)` takes a file as written, with its Jinja, and returns a sentence for each thing that
one of the engines lacks or means otherwise. It is a scanner with allow-lists, not a parser: what it
does not know, it refuses.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from sql_text import PLACEHOLDER, SqlText, bracketed, read_sql, read_sql_arguments, split_terms
from sql_text import windows as windows_of

REGISTRY: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("portable_functions.yml").read_text(encoding="utf-8")
)
ALLOWED = {name for group in REGISTRY["allowed"] for name in group["names"]}
TRAPS = {name: group for group in REGISTRY["traps"] for name in group["names"]}

# Words before a bracket that are no functions.
KEYWORDS = re.compile(
    r"all|and|any|as|between|by|case|cross|distinct|else|except|exists|filter|from|group|having|in"
    r"|inner|intersect|is|join|limit|not|on|or|order|over|partition|qualify|rows|select|some|then"
    r"|union|using|values|when|where|with|within"
)
TYPES_WITH_BRACKETS = {"decimal", "varchar", "char", "numeric", "timestamp"}
TYPE = re.compile(
    r"string|int|integer|bigint|smallint|double|float|date|timestamp|boolean|decimal ?\(\d+, ?\d+\)"
    rf"|\s*{PLACEHOLDER}\s*"
)
INTEGER = re.compile(r"int|integer|bigint|smallint")
# What is whole before it is cast to an integer: DuckDB rounds a fraction, Spark cuts it off.
WHOLE = re.compile(
    r"null$|-?\d+$|(count|row_number|rank|dense_rank|floor|ceil|round|extract|year|quarter|month|day|hour"
    r"|minute|dayofyear|weekofyear|length|instr)\s*\("
    r"|(\w+\.)?(_row|\w*(count|number|key|days|score|rank|frequency))$"
)
WHOLE_OF = re.compile(r"(sum|min|max|coalesce|abs|greatest|least|nullif)\s*\(")
EXTRACT_PARTS = {"year", "quarter", "month", "week", "day", "hour", "minute"}
OPERATORS = {"+", "-", "*", "%", "=", "<>", "!=", "<", "<=", ">", ">=", "||"}
OPERATOR_HINTS = {
    "/": "divides; a decimal divided by a decimal is a double on DuckDB and a decimal on Spark, and"
    " a zero below gives infinity or null: use divide of macros/cross_db/",
    "//": "divides to integers on DuckDB only: use floor over divide of macros/cross_db/",
    "::": "casts on DuckDB only: write cast(x as t)",
    "~": "is a regular expression on DuckDB only: use regex_matches of macros/cross_db/",
    "!~": "is a regular expression on DuckDB only: use regex_matches of macros/cross_db/",
    "^": "is a power on DuckDB and an exclusive or on Spark: use power()",
    "**": "is a power on DuckDB only: use power()",
    "[": "is a list or an index, which counts from another base: use rows or a cross_db macro",
    '"': "quotes a name on DuckDB and a text on Spark: use plain names and single quotes",
    "->": "is a lambda or a JSON path, spelled differently: use a macro of macros/cross_db/",
    "->>": "is a JSON path on DuckDB only: use a macro of macros/cross_db/",
    "==": "write =",
}
SYNTAX = {
    r"\bqualify\b": "qualify needs Spark 4.2: filter a row_number() in the next CTE",
    r"\binterval\b(?!.*\b(preceding|following)\b)": "an interval added to a date is a timestamp on"
    " DuckDB and a date on Spark: use add_days of macros/cross_db/",
    r"[+-]\s*\(?\s*interval\b": "an interval added to a date is a timestamp on DuckDB and a date on"
    " Spark: use add_days of macros/cross_db/",
    r"\b\w+_(date|at)\b\s*[+-](?!\s*interval)": "date arithmetic differs: use add_days or"
    " days_between of macros/cross_db/",
    r"[+-]\s*(\w+\.)?\w+_(date|at)\b": "date arithmetic differs: use add_days or days_between of"
    " macros/cross_db/",
    r"\*\s*(exclude|replace|rename|except)\s*\(": "* exclude or replace is DuckDB's: list columns",
    r"\bdistinct\s+on\b": "distinct on is DuckDB's: use row_number()",
    r"\brecursive\b": "recursion on Spark stops at 100 levels: use the loop materialisation",
    r"\b(asof|positional|semi|anti)\s+join\b": "this join is spelled differently: use exists",
    r"\b(pivot|unpivot)\b": "pivot is spelled differently: use filter or union all",
    r"\b(tablesample|using\s+sample)\b": "samples differ: filter on a hash",
    r"\b(similar\s+to|glob|rlike|regexp)\b": "regular expressions differ: use regex_matches of"
    " macros/cross_db/",
    r"\w\.\w+\s*\(": "x.f() is DuckDB's: write f(x)",
    r"\b(from|join)\s+''": "a file as a table is DuckDB's: use a source",
    r"\bunion\s+(all\s+)?by\s+name\b": "union by name is DuckDB's: list columns",
    r"\border\s+by\s+all\b": "order by all is not the same: name the columns",
    r"\b(ignore|respect)\s+nulls\b": "ignore nulls stands in another place: filter the nulls first",
    r"\bexclude\s+(current|ties|group|no)\b": "exclude in a window frame is DuckDB's",
    r"\bcurrent_(date|time|timestamp)\b": "reads the clock: use the as-of model",
    r"\b\d+_\d+\b": "digits with _ are DuckDB's: write them out",
    r"\be''": "e'' is DuckDB's: write the character",
}


def problems(raw: str) -> list[str]:
    """Return one sentence for each thing in `raw` that is not the same on both engines."""
    found: list[str] = []
    for text in [read_sql(raw), *filter(_looks_like_sql, read_sql_arguments(raw))]:
        found += _problems_of(text)
    return list(dict.fromkeys(found))


def _looks_like_sql(text: SqlText) -> bool:
    """Return whether a string within Jinja is SQL: no type, no regular expression, no name."""
    if TYPE.fullmatch(text.code) or re.search(r"[\^$\\{]|\[[^\]]*[-:]", text.code):
        return False
    return bool(re.search(r"\w\(|\s([-/*+~]|\|\|)\s|\b(case|interval|qualify)\b|::", text.code))


def _problems_of(text: SqlText) -> list[str]:
    code = text.code
    found = [sentence for pattern, sentence in SYNTAX.items() if re.search(pattern, code)]
    found += [
        f"'{literal}': a backslash in a text means itself on DuckDB and an escape on Spark"
        for literal in text.literals
        if "\\" in literal
    ]
    found += _operators(code)
    found += _functions(code)
    found += _casts(code)
    found += _windows(code)
    return found


def _operators(code: str) -> list[str]:
    found = []
    for run in re.findall(r"[-+*/%=<>!|&^~@?:\[\]{}\"$#\\`]+", code):
        if run in OPERATORS:
            continue
        # `[` and `"` come in runs with what they enclose, and are named separately.
        key = next((mark for mark in ("[", '"') if mark in run), run)
        if run.strip("]"):
            found.append(f"{key} {OPERATOR_HINTS.get(key, 'is no operator of both engines')}")
    return found


def _functions(code: str) -> list[str]:
    found = []
    for match in re.finditer(r"\b([a-z_]\w*)\s*\(", code):
        name = match.group(1)
        if name == PLACEHOLDER:
            # `as {{ type }}(18, 4)` and `in {{ … }} (` would hide a function: write the name out.
            found.append("the name before a bracket comes from Jinja: write it out")
        elif name in TRAPS:
            trap = TRAPS[name]
            found.append(f"{name}(): {trap['differs']} Use {trap['use']}.")
        elif name == "extract":
            part = bracketed(code, match.end() - 1).split()[:1]
            if not part or part[0] not in EXTRACT_PARTS:
                found.append(f"extract({' '.join(part)} …): allowed are {sorted(EXTRACT_PARTS)}")
        elif not _is_known(code, match.start(), name):
            found.append(
                f"{name}(): not known to mean the same on DuckDB and Spark. Use a macro in"
                " macros/cross_db/, or add it to tests/python/project/portable_functions.yml with"
                " what you found on both."
            )
    return found


def _is_known(code: str, start: int, name: str) -> bool:
    """Return whether `name (` at `start` is allowed, or no function at all."""
    if name in ALLOWED or KEYWORDS.fullmatch(name):
        return True
    if name in TYPES_WITH_BRACKETS and re.search(r"\bas\s+$", code[:start]):
        return True
    return _is_common_table_expression(code, start)


def _is_common_table_expression(code: str, start: int) -> bool:
    """Return whether `name (a, b) as (` stands at `start`, a CTE that names its columns."""
    opening = code.index("(", start)
    after = code[opening + len(bracketed(code, opening)) + 2 :]
    return bool(re.match(r"\s*as\s*\(", after))


def _casts(code: str) -> list[str]:
    found = []
    for match in re.finditer(r"\b(try_)?cast\s*\(", code):
        inner = bracketed(code, match.end() - 1)
        # The last ` as ` outside of inner brackets is the cast's own.
        flat = re.sub(r"\([^()]*\)", lambda m: "_" * len(m.group(0)), inner)
        while "(" in flat and ")" in flat:
            shorter = re.sub(r"\([^()]*\)", lambda m: "_" * len(m.group(0)), flat)
            if shorter == flat:
                break
            flat = shorter
        positions = [m.start() for m in re.finditer(r"\sas\s", flat)]
        if not positions:
            continue
        value, kind = inner[: positions[-1]].strip(), inner[positions[-1] + 4 :].strip()
        if not TYPE.fullmatch(kind):
            found.append(
                f"cast to {kind}: not a type of both engines (string, int, bigint, smallint,"
                " double, decimal(p, s), date, timestamp, boolean)"
            )
        elif INTEGER.fullmatch(kind) and match.group(1):
            found.append(
                f"try_cast({value} as {kind}): DuckDB rounds '2.5', Spark gives null: use a macro"
                " of macros/cross_db/"
            )
        elif INTEGER.fullmatch(kind) and not _is_whole(value):
            found.append(
                f"cast({value} as {kind}): DuckDB rounds a fraction, Spark cuts it off: use floor()"
                " or round() first"
            )
    return found


def _is_whole(value: str) -> bool:
    """Return whether an expression is a whole number by its look."""
    value = value.strip()
    # A number that Jinja writes out (a threshold), or a macro that says what it returns.
    if value == PLACEHOLDER:
        return True
    wrapped = WHOLE_OF.match(value)
    if wrapped:
        terms = split_terms(bracketed(value, wrapped.end() - 1))
        return all(_is_whole(term) for term in terms)
    if value.startswith("case "):
        results = re.findall(r"\b(?:then|else)\b\s+(.*?)(?=\bwhen\b|\belse\b|\bend\b)", value)
        return bool(results) and all(_is_whole(result) for result in results)
    parts = re.split(r"\s[-+*]\s", value)
    if len(parts) > 1:
        return all(_is_whole(part) for part in parts)
    return bool(WHOLE.match(value))


def _windows(code: str) -> list[str]:
    found = []
    for _, window in windows_of(code):
        order = re.search(r"\border\s+by\b(.*)", window, re.DOTALL)
        if not order:
            continue
        terms = re.split(r"\b(?:rows|range|groups)\s+(?:between|unbounded|current|\d)", order[1])[0]
        found += [
            f"order by {term} in a window: write nulls first or nulls last"
            for term in split_terms(terms)
            if not re.search(r"\bnulls\s+(first|last)$", term)
        ]
    return found
