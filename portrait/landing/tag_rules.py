"""Checks lines of tag_registry, portrait_facts and strategies before dbt compiles them.

A condition compares columns of customer_portrait. Its text becomes part of a query, so it is read
here word by word, and what is no comparison is refused.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from portrait.errors import PortraitError
from portrait.landing.configuration import Configuration
from portrait.landing.seeds import Seed, load_seeds
from portrait.yaml_text import load_yaml

PORTRAIT = Path("models/marts/portrait/customer_portrait.yml")
REGISTRY, FACTS, STRATEGIES = "tag_registry", "portrait_facts", "strategies"
TAG_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+){2,}")
STRATEGY_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
# What customer_strategy calls it where nothing is done.
LEAVE_ALONE = "leave_alone"
LONGEST_CODE = 60
SHOWN = 10
WORD = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?[0-9]+(?:\.[0-9]+)?)(?![a-z0-9_])"
    r"|(?P<name>[a-z][a-z0-9_]*)|(?P<sign><=|>=|<>|=|<|>|\(|\)|,))"
)
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
KEYWORDS = ("and", "not", "is", "null", "in")
NUMBERS = ("int", "integer", "bigint", "double", "decimal")

Word = tuple[str, str]


class _Unreadable(Exception):
    """A condition that is none, with the reason."""


def require_readable_tags(project: Path, configuration: Configuration) -> None:
    """Refuse tags, facts and strategies that name no column, or whose condition is no comparison.

    A project without these seeds has no tags to read.

    Raises:
        PortraitError: with the file, the line and the reason of each, at most ten.
    """
    seeds = load_seeds(project)
    checks = {
        REGISTRY: _tag_problems, FACTS: _fact_problems, STRATEGIES: _strategy_problems,
    }  # fmt: skip
    if not checks.keys() & seeds.keys():
        return
    columns = portrait_columns(project)
    problems = [
        f"{place}: {problem}"
        for seed, check in checks.items()
        if seed in seeds
        for place, row in _rows(seeds[seed], configuration)
        for problem in check(row, columns)
    ]
    if problems:
        shown = "\n  ".join(problems[:SHOWN])
        more = f"\n  and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise PortraitError(f"Tags or strategies could not be read:\n  {shown}{more}")


def portrait_columns(project: Path) -> dict[str, str]:
    """The columns of customer_portrait with their kinds: number, text, boolean or date."""
    (model,) = load_yaml((project / PORTRAIT).read_text("utf-8"))["models"]
    return {column["name"]: kind_of(column["data_type"]) for column in model["columns"]}


def tags_in_force(project: Path, configuration: Configuration) -> list[str]:
    """The codes of the tags of the registry, with the company's own; none without a registry."""
    return [row["tag_code"] or "" for row in tag_rows(project, configuration)]


def tag_rows(project: Path, configuration: Configuration) -> list[Mapping[str, str | None]]:
    """The rows of the registry, with the company's own; none without a registry."""
    seeds = load_seeds(project)
    if REGISTRY not in seeds:
        return []
    return [row for _, row in _rows(seeds[REGISTRY], configuration)]


def kind_of(data_type: str) -> str:
    """What a column of that type holds: number, text, boolean, date, or the type itself."""
    name = data_type.partition("(")[0].strip()
    return "number" if name in NUMBERS else "text" if name == "string" else name


def _rows(
    seed: Seed, configuration: Configuration
) -> Iterator[tuple[str, Mapping[str, str | None]]]:
    """The rows in force, each with the file and the line to name."""
    company = next((one for one in configuration.seeds if one.seed.name == seed.name), None)
    if company:
        suffix = ".replace" if company.is_whole else ""
        for number, cells in enumerate(company.rows, start=2):
            row = dict(zip(seed.columns, cells, strict=True))
            yield f"config/seeds/{seed.name}{suffix}.csv, line {number}", row
        if company.is_whole:
            return
    own = {
        tuple(dict(zip(seed.columns, cells, strict=True))[name] for name in seed.key)
        for cells in (company.rows if company else ())
    }
    for number, shipped in enumerate(seed.rows(), start=2):
        if tuple(shipped[name] for name in seed.key) not in own:
            place = f"{seed.path.parent.name}/{seed.path.name}, line {number}"
            yield place, {name: value or None for name, value in shipped.items()}


def _tag_problems(row: Mapping[str, str | None], columns: Mapping[str, str]) -> Iterator[str]:
    code = row["tag_code"] or ""
    if not TAG_CODE.fullmatch(code) or len(code) > LONGEST_CODE:
        yield (
            f"{code or 'an empty code'} is no code of a tag: capitals and digits in at least three "
            f"parts, as THEME_DIMENSION_DETAIL, and at most {LONGEST_CODE} characters."
        )
        return
    if row["grain"] != "customer":
        yield f"{code}: the grain is {row['grain']}; tags are of customers."
    if problem := problem_of(row["condition"] or "", columns):
        yield f"{code}: {problem}"
    for name, kind in (
        ("value_column", None), ("confidence_column", "number"), ("evidence_date_column", "date"),
    ):  # fmt: skip
        column = row[name]
        if column and column not in columns:
            yield f"{code}: {name} is {column}, which is no column of customer_portrait."
        elif column and kind and columns[column] != kind:
            yield f"{code}: {name} is {column}, a {columns[column]} and no {kind}."
    for name in ("name_en", "name_zh", "definition"):
        if not row[name]:
            yield f"{code}: {name} is empty."
    if row["expires_after_days"] and int(row["expires_after_days"]) < 1:
        days = row["expires_after_days"]
        yield f"{code}: expires_after_days is {days}; a tag lasts a day or more."
    if row["expires_after_days"] and not row["evidence_date_column"]:
        yield f"{code}: expires_after_days needs an evidence_date_column to count from."


def _fact_problems(row: Mapping[str, str | None], columns: Mapping[str, str]) -> Iterator[str]:
    if row["fact"] not in columns:
        yield f"{row['fact']} is no column of customer_portrait."


def _strategy_problems(row: Mapping[str, str | None], columns: Mapping[str, str]) -> Iterator[str]:
    code = row["strategy_code"] or ""
    if not STRATEGY_CODE.fullmatch(code):
        yield f"{code or 'an empty code'} is no code of a strategy: small letters, digits and _."
        return
    if code == LEAVE_ALONE:
        yield f"{code} is what a customer gets for whom there is no strategy: choose another code."
    if problem := problem_of(row["condition"] or "", columns):
        yield f"{code}: {problem}"


def problem_of(condition: str, columns: Mapping[str, str]) -> str | None:
    """What is wrong with a condition; None where it compares columns of these kinds."""
    try:
        words = list(_words(condition))
        clause: list[Word] = []
        for word in [*words, ("name", "and")]:
            if word == ("name", "and"):
                _read(clause, columns)
                clause = []
            else:
                clause.append(word)
    except _Unreadable as error:
        return f"{error} in the condition `{condition}`."
    return None


def _words(condition: str) -> Iterator[Word]:
    place = 0
    end = len(condition.rstrip())
    while place < end:
        match = WORD.match(condition, place)
        if not match:
            unread = condition[place:].strip()[:20]
            raise _Unreadable(f"`{unread}` cannot be read (a text stands in single quotes)")
        place = match.end()
        kind = match.lastgroup or ""
        yield kind, match[kind]


def _read(clause: Sequence[Word], columns: Mapping[str, str]) -> None:
    """Read one comparison; raise _Unreadable where it is none."""
    if not clause:
        raise _Unreadable("a comparison is missing")
    texts = [text for _, text in clause]
    if texts[0] == "not":
        if len(clause) != 2 or _operand(clause[1], columns) != "boolean":
            raise _Unreadable("`not` stands before a column of true and false, and nothing else")
    elif len(clause) == 1:
        if _operand(clause[0], columns) != "boolean":
            raise _Unreadable(f"`{texts[0]}` is compared with nothing")
    elif texts[1:] in (["is", "null"], ["is", "not", "null"]):
        _column(clause[0], columns)
    elif len(clause) == 3 and texts[1] in COMPARISONS:
        one, other = _operand(clause[0], columns), _operand(clause[2], columns)
        if one != other:
            raise _Unreadable(f"`{texts[0]}` is a {one} and `{texts[2]}` a {other}")
    elif len(clause) >= 5 and texts[1] == "in" and texts[2] == "(" and texts[-1] == ")":
        kind = _column(clause[0], columns)
        for number, word in enumerate(clause[3:-1]):
            if number % 2 and word != ("sign", ","):
                raise _Unreadable("a comma is missing in the list")
            if not number % 2 and (word[0] not in ("text", "number") or word[0] != kind):
                raise _Unreadable(f"`{word[1]}` is no {kind}")
        if not len(clause) % 2:
            raise _Unreadable("the list ends with a comma")
    else:
        raise _Unreadable(
            f"`{' '.join(texts)}` is no comparison of a column with a value; comparisons are "
            "joined by `and`, and there is no `or` and no function"
        )


def _column(word: Word, columns: Mapping[str, str]) -> str:
    kind, text = word
    if kind != "name" or text in KEYWORDS:
        raise _Unreadable(f"`{text}` is no column")
    if text not in columns:
        raise _Unreadable(f"customer_portrait has no column {text}")
    return columns[text]


def _operand(word: Word, columns: Mapping[str, str]) -> str:
    return word[0] if word[0] in ("text", "number") else _column(word, columns)
