"""What docs/adding_a_system.md says is all that a further system takes.

The files and lines are taken from the page, put into a copy of the project, and built on the data
of the page. A step that the page does not name would be missing here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from builds import PROJECT, copied_project, dbt_passed, environment, landed

PAGE = PROJECT / "docs" / "adding_a_system.md"
# A file's name on a line of its own, and the block below it.
BLOCK = re.compile(r"^`([^`\n]+)`\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHECKS = (
    "assert_every_landed_row_is_staged_once",
    "assert_every_accepted_row_is_a_fact_or_accounted_for",
    "assert_channel_report_agrees_with_the_sources",
    "assert_every_order_has_one_customer_or_is_a_guest",
)


def blocks() -> list[tuple[str, str, str]]:
    """Return (path, language, text) of each block of the page that is a file or lines of one."""
    return BLOCK.findall(PAGE.read_text("utf-8"))


def with_lines_added(text: str, lines: str) -> str:
    """Return `text` with each indented line below the unindented one that stands above it."""
    place = ""
    for line in lines.splitlines():
        if not line.startswith(" "):
            place = line
            assert text.count(place) == 1, f"{place} is not one line of the file"
        else:
            text = text.replace(place, f"{place}\n{line}")
            place = line
    return text


def follow_the_page(project: Path, raw: Path) -> None:
    """Write the page's new files and lines into a copy of the project, its data into `raw`."""
    contract = next(text for path, _, text in blocks() if path.endswith("sources.yml"))
    tables = [table["name"] for table in yaml.safe_load(contract)["sources"][0]["tables"]]
    for path, language, text in blocks():
        if path.startswith("<raw>/"):
            target = raw / path.removeprefix("<raw>/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        elif language == "jinja":
            target = project / path
            target.write_text(with_lines_added(target.read_text("utf-8"), text), "utf-8")
        elif language == "rows":
            target = project / path
            target.write_text(target.read_text("utf-8") + text, "utf-8")
        else:
            for table in tables if "<table>" in path else [""]:
                target = project / path.replace("<table>", table)
                assert not target.exists()
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text.replace("<table>", table), "utf-8")


@pytest.fixture(scope="module")
def built_kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the marts of a company that has kiosks and nothing else."""
    folder = tmp_path_factory.mktemp("kiosk")
    raw, warehouse = folder / "raw", folder / "warehouse"
    project = copied_project(folder / "project")
    follow_the_page(project, raw)
    landed(raw, warehouse, project)
    printed = dbt_passed(
        [
            "build",
            # The singular tests of conservation and what they read: others would cost time.
            *("--indirect-selection", "empty", "--exclude-resource-type", "unit_test"),
            *(
                "--select",
                "rejected_rows",
                "+stg_kiosk__customers",
                *(f"+{name}" for name in CHECKS),
            ),
        ],
        environment(raw, warehouse),
        folder,
        project,
    )
    assert all(check in printed for check in CHECKS), printed
    with duckdb.connect(str(warehouse / "work" / "portrait.duckdb"), read_only=True) as connection:
        yield connection


def test_its_orders_and_customers_are_in_the_marts(built_kiosk: duckdb.DuckDBPyConnection) -> None:
    assert built_kiosk.execute(
        "select order_id, customer_kind, realised_amount, items_count, payment_method, is_paid"
        " from marts.fct_orders order by order_id"
    ).fetchall() == [
        ("kiosk:1", "known", 25, 2, "cash", True),
        ("kiosk:2", "guest", 0, 1, "cash", True),
    ]
    assert built_kiosk.execute(
        "select full_name, phone from marts.dim_customers inner join marts.fct_orders"
        " using (customer_id) where order_id = 'kiosk:1'"
    ).fetchall() == [("王小明", "+8613800001234")]


def test_its_bad_rows_are_accounted_for(built_kiosk: duckdb.DuckDBPyConnection) -> None:
    assert built_kiosk.execute(
        "select table_name, reason from quality.rejected_rows where system = 'kiosk'"
    ).fetchall() == [("sales", "invalid_sold_at")]
    assert built_kiosk.execute(
        "select subject, bucket, rows_count, amount_local from quality.reconciliation"
        " where topic = 'outside_facts'"
    ).fetchall() == [("sale_lines", "line_without_order", 1, 12.5)]


def test_the_page_names_every_file_of_the_example() -> None:
    """New files lie in the system's own folder; two lists and a seed of the project grow."""
    changed = [path for path, language, _ in blocks() if language in ("jinja", "rows")]
    assert changed == [
        "macros/systems/staged_models.sql",
        "macros/systems/staged_tables.sql",
        "seeds/identity/system_trust.csv",
    ]
    others = [
        path
        for path, language, _ in blocks()
        if language not in ("jinja", "rows")
        and not path.startswith(("models/staging/kiosk/", "<raw>/kiosk/"))
    ]
    assert others == []


def test_a_line_that_the_file_does_not_hold_is_an_error() -> None:
    with pytest.raises(AssertionError, match="is not one line"):
        with_lines_added("a: {\n}", "b: {\n    c")
    assert with_lines_added("a: {\n}", "a: {\n    b\n    c\n") == "a: {\n    b\n    c\n}"
