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


class _Relation(str):
    """A table as dbt hands it to a generic test."""

    @property
    def identifier(self) -> str:
        return str(self)


def _graph(key: list[str] | None) -> dict[str, Any]:
    """dbt's graph: the model `tested` with its key, and others that a test must not take for it."""
    return {
        "nodes": {
            name: {"resource_type": kind, "alias": name.split(".")[1], "config": {"meta": meta}}
            for name, kind, meta in (
                ("model.other", "model", {"key": ["c"]}),
                ("model.tested", "model", {"key": key} if key is not None else {}),
                ("test.tested", "test", {"key": ["c"]}),
            )
        }
    }


def _failing_rows(
    project_dir: Path,
    name: str,
    table: str,
    query: str = "",
    key: list[str] | None = None,
    **arguments: Any,
) -> int:
    """Return how many rows the generic test `name` finds in a table, given as values or query."""
    text = (project_dir / "tests" / "generic" / f"{name}.sql").read_text(encoding="utf-8")
    # A generic test is a Jinja macro under another word.
    text = re.sub(r"\{% test (\w+)\(", r"{% macro \1(", text).replace("endtest", "endmacro")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.globals.update(
        exceptions=_Exceptions,
        graph=_graph(key),
        execute=True,
        # the macro that a generic test calls, as far as it matters here
        status_word=lambda column: f"lower({column})",
    )
    macro = getattr(environment.from_string(text).module, name)
    with duckdb.connect() as connection:
        query = query or f"select * from (values {table}) as t (a, b)"
        connection.execute(f"create table tested as {query}")
        return len(connection.execute(macro(model=_Relation("tested"), **arguments)).fetchall())


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
    ("table", "key", "failures"),
    [
        ("(1, 1), (1, 2), (2, 1)", ["a", "b"], 0),
        ("(1, 1), (1, 2), (1, 1)", ["a", "b"], 1),
        ("(1, 1), (1, 2), (2, 1)", ["a"], 1),
        ("(1, 1), (2, null)", ["a"], 0),
        ("(1, 1), (2, null)", ["a", "b"], 1),  # a key that lacks a part
        ("(1, 1), (null, 1)", ["a"], 1),
        ("(null, 1), (null, 2)", ["a"], 1),
        ("(1, null), (1, null), (2, null), (3, 3)", ["a", "b"], 2),
    ],
)
def test_key_is_unique(project_dir: Path, table: str, key: list[str], failures: int) -> None:
    assert _failing_rows(project_dir, "key_is_unique", table, key=key) == failures


@pytest.mark.parametrize("key", [None, []])
def test_key_is_unique_without_a_key_is_refused(project_dir: Path, key: list[str] | None) -> None:
    with pytest.raises(CompilerError, match="finds no key"):
        _failing_rows(project_dir, "key_is_unique", "(1, 1)", key=key)


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


@pytest.mark.parametrize(
    ("table", "failures"),
    [("('paid', 1), ('on hold', 2), (null, 3)", 0), ("('Paid', 1), ('on hold', 2)", 1)],
)
def test_is_written_as_looked_up(project_dir: Path, table: str, failures: int) -> None:
    found = _failing_rows(project_dir, "is_written_as_looked_up", table, word_column="a")
    assert found == failures


def test_every_generic_test_is_tried_here(project_dir: Path) -> None:
    tried = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    names = {path.stem for path in (project_dir / "tests" / "generic").glob("*.sql")}
    assert names <= tried
