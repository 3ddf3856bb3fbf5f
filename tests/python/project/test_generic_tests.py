"""Each generic data test refuses a bad table and accepts a good one: none always passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest


class CompilerError(Exception):
    """What dbt raises for exceptions.raise_compiler_error."""


class _Exceptions:
    @staticmethod
    def raise_compiler_error(message: str) -> None:
        raise CompilerError(message)


def _failing_rows(
    project_dir: Path, name: str, table: str, query: str = "", **arguments: Any
) -> int:
    """Return how many rows the generic test `name` finds in a table, given as values or query."""
    text = (project_dir / "tests" / "generic" / f"{name}.sql").read_text(encoding="utf-8")
    # A generic test is a Jinja macro under another word.
    text = re.sub(r"\{% test (\w+)\(", r"{% macro \1(", text).replace("endtest", "endmacro")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.globals["exceptions"] = _Exceptions
    macro = getattr(environment.from_string(text).module, name)
    with duckdb.connect() as connection:
        query = query or f"select * from (values {table}) as t (a, b)"
        connection.execute(f"create table tested as {query}")
        return len(connection.execute(macro(model="tested", **arguments)).fetchall())


@pytest.mark.parametrize(
    ("table", "failures"),
    [
        ("(1, 1), (1, 2), (2, 1)", 0),
        ("(1, 1), (1, 2), (1, 1)", 1),
        ("(1, null), (2, null)", 0),
        ("(1, null), (1, null)", 1),
        ("(null, null), (null, null), (null, null)", 1),
    ],
)
def test_unique_combination(project_dir: Path, table: str, failures: int) -> None:
    found = _failing_rows(project_dir, "unique_combination", table, columns=["a", "b"])
    assert found == failures


@pytest.mark.parametrize(
    ("columns", "failures"), [(["a"], 1), (["b"], 2), (["a", "b"], 2), (["c"], 0)]
)
def test_not_null_columns(project_dir: Path, columns: list[str], failures: int) -> None:
    table = "(1, 1), (2, null), (null, null)"
    table = f"select *, 1 as c from (values {table}) as v (a, b)"
    found = _failing_rows(project_dir, "not_null_columns", "(0, 0)", columns=columns, query=table)
    assert found == failures


@pytest.mark.parametrize(
    ("limits", "failures"),
    [
        ({"min": 1, "max": 3}, 0),
        ({"min": 2, "max": 3}, 1),
        ({"min": 1, "max": 2}, 1),
        ({"min": 2}, 1),
        ({"max": 0}, 3),
        ({"min": 0}, 0),
    ],
)
def test_accepted_range(project_dir: Path, limits: dict[str, int], failures: int) -> None:
    table = "(1, 0), (2, 0), (3, 0), (null, 0)"
    assert (
        _failing_rows(project_dir, "accepted_range", table, column_name="a", **limits) == failures
    )


def test_accepted_range_without_limits_is_refused(project_dir: Path) -> None:
    with pytest.raises(CompilerError, match="needs a min or a max"):
        _failing_rows(project_dir, "accepted_range", "(1, 1)", column_name="a")


@pytest.mark.parametrize(
    ("table", "failures"),
    [
        ("(1, 1), (2, 2)", 0),
        ("(1, 1), (2, 3)", 1),
        ("(1, 1), (2, null)", 1),
        ("(null, null)", 1),
    ],
)
def test_expression_is_true(project_dir: Path, table: str, failures: int) -> None:
    assert _failing_rows(project_dir, "expression_is_true", table, expression="a = b") == failures


@pytest.mark.parametrize(
    ("table", "findings"),
    [
        ("(0, 3), (3, 9), (9, null)", 0),
        ("(null, 3), (3, null)", 0),
        ("(-5, null)", 0),
        ("(9, null), (0, 3), (3, 9)", 0),
        ("(1, 3), (3, null)", 1),  # nothing below 1
        ("(0, 3), (4, null)", 1),  # nothing from 3 to 4
        ("(0, 3), (2, null)", 1),  # two from 2 on
        ("(0, null), (3, null)", 1),  # two from 3 on
        ("(null, null), (null, null)", 1),  # two everywhere
        ("(0, 3), (3, 9)", 1),  # nothing from 9 on
        ("(0, 3), (3, 3), (3, null)", 1),  # one holds nothing
        ("(0, 9), (3, 5), (9, null)", 2),  # one within another
    ],
)
def test_ranges_are_total(project_dir: Path, table: str, findings: int) -> None:
    found = _failing_rows(
        project_dir,
        "ranges_are_total",
        table,
        from_column="a",
        to_column="b",
        starts={"all": 0},
    )
    assert found == findings


@pytest.mark.parametrize(
    ("starts", "findings"),
    [({"1": 0}, 0), ({"1": 0, "2": 0}, 1), ({"1": 0, "3": None}, 1), ({"2": None}, 1)],
)
def test_ranges_are_total_in_the_groups_named(
    project_dir: Path, starts: dict[str, int | None], findings: int
) -> None:
    """Group 1 holds every value; group 2 does not begin at 0, and need not if it is not named."""
    found = _failing_rows(
        project_dir,
        "ranges_are_total",
        "(0, 1), (5, 2)",
        from_column="a",
        to_column="cast(null as integer)",
        starts=starts,
        group_column="cast(b as varchar)",
    )
    assert found == findings


@pytest.mark.parametrize(
    ("table", "names", "findings"),
    [
        ("(1, 5), (2, null)", [], 0),
        ("(1, null)", ["1"], 0),
        ("(1, 5), (2, 7)", [], 1),  # nothing takes what remains
        ("(1, null), (2, 7)", [], 1),  # the second waits for nobody
        ("(1, null), (2, null)", [], 1),
        ("(1, 5), (2, null)", ["1", "3"], 1),  # there is no 3
    ],
)
def test_last_rule_takes_everybody(
    project_dir: Path, table: str, names: list[str], findings: int
) -> None:
    found = _failing_rows(
        project_dir,
        "last_rule_takes_everybody",
        table,
        priority="a",
        conditions=["b"],
        name_column="cast(a as varchar)",
        names=names,
    )
    assert found == findings


def test_every_generic_test_is_tried_here(project_dir: Path) -> None:
    tried = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    names = {path.stem for path in (project_dir / "tests" / "generic").glob("*.sql")}
    assert names <= tried
