"""Match levels are addressed by their names, never by their numbers.

What a number says changes with each level that is added before it (macro match_level).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest

FOLDERS = ("models", "macros", "tests", "analyses")
COMPARISON_NAME = re.compile(r"^ +'name': '(\w+)',$", re.MULTILINE)
TWO_LEVELS = [{"name": "equal", "number": 1}, {"name": "different", "number": 0}]


class Returned(Exception):
    """What dbt's `return` does: it ends the macro with a value."""


class CompilerError(Exception):
    """What dbt raises for exceptions.raise_compiler_error."""


class _Exceptions:
    @staticmethod
    def raise_compiler_error(message: str) -> None:
        raise CompilerError(message)


def _return(value: Any) -> None:
    raise Returned(value)


def numbered_levels(sql: str, comparisons: list[str]) -> list[str]:
    """Return where SQL compares a level of a comparison with a number."""
    levels = f"(?:{'|'.join(comparisons)})_level\\b"
    number = r"(?:\(\s*)?\d"
    return [
        match[0]
        for match in re.finditer(
            rf"\b{levels}[^\n=<>]{{0,12}}(?:[=<>]+|\bin)\s*{number}|\d\s*[=<>]+\s*(?:\w+\.)?{levels}",
            sql,
        )
    ]


@pytest.fixture(scope="module")
def comparisons(project_dir: Path) -> list[str]:
    text = (project_dir / "macros" / "matching" / "match_comparisons.sql").read_text("utf-8")
    return COMPARISON_NAME.findall(text)


def test_no_sql_writes_a_level_as_a_number(project_dir: Path, comparisons: list[str]) -> None:
    assert {"first_name", "birth_date", "other_number"} <= set(comparisons)
    found = [
        f"{path.relative_to(project_dir)}: {place}"
        for folder in FOLDERS
        for path in sorted((project_dir / folder).rglob("*.sql"))
        for place in numbered_levels(path.read_text(encoding="utf-8"), comparisons)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "sql",
    [
        "scored.first_name_level = 6",
        "scored.first_name_level in (1, 2)",
        "coalesce(compared.birth_date_level, 0) <= 1",
        "{{ pair }}.first_name_level >= 1",
        "0 = nearest.birth_date_level",
    ],
)
def test_a_number_is_found(sql: str) -> None:
    assert numbered_levels(sql, ["first_name", "birth_date"])


@pytest.mark.parametrize(
    "sql",
    [
        "first_name_level = 'equal'",
        "max(nearest.first_name_level) as first_name_level, 1 as one",
        "customers.tier_level >= 2",
    ],
)
def test_a_name_is_left_alone(sql: str) -> None:
    assert not numbered_levels(sql, ["first_name", "birth_date"])


def _match_level(project_dir: Path, comparison: str, level: str) -> None:
    """Call the macro on a comparison `gender` with two levels."""
    text = (project_dir / "macros" / "matching" / "match_level.sql").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.globals |= {
        "exceptions": _Exceptions,
        "return": _return,
        "match_comparisons": lambda: [{"name": "gender", "levels": TWO_LEVELS}],
    }
    environment.from_string(text).module.match_level(comparison, level)


def test_a_level_has_the_number_of_its_name(project_dir: Path) -> None:
    with pytest.raises(Returned, match=r"^1$"):
        _match_level(project_dir, "gender", "equal")
    with pytest.raises(Returned, match=r"^0$"):
        _match_level(project_dir, "gender", "different")


@pytest.mark.parametrize(("comparison", "level"), [("gender", "near"), ("city", "equal")])
def test_an_unknown_level_is_refused(project_dir: Path, comparison: str, level: str) -> None:
    with pytest.raises(CompilerError, match=f"'{comparison}' with a level '{level}'"):
        _match_level(project_dir, comparison, level)
