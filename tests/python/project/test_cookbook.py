"""docs/cookbook.md lists the analyses by topic, as their exposures describe them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cookbook
import pytest

WRITE = ".venv/bin/python tests/python/project/cookbook.py writes the page again"


def _exposure(name: str, file: str, **meta: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": "Who buys,\n  and what?\n",
        "config": {"meta": {"file": file} | meta},
        "depends_on": ["ref('fct_orders')", "ref('build_info')"],
    }


SCHEMAS = {"fct_orders": "marts", "build_info": "quality"}


def test_the_page_is_what_the_exposures_say() -> None:
    written = cookbook.page(cookbook.exposures(), cookbook.schemas())
    assert cookbook.PAGE.read_text("utf-8") == written, WRITE


def test_every_topic_has_a_folder_with_questions(project_dir: Path) -> None:
    folders = {file.parent.name for file in (project_dir / "analyses").rglob("*.sql")}
    assert folders == set(cookbook.TOPICS)


def test_every_file_starts_with_the_question_of_its_exposure(project_dir: Path) -> None:
    """So whoever opens the file, the page or the notebook reads the same question."""
    asked = {
        one["config"]["meta"]["file"]: " ".join(one["description"].split())
        for one in cookbook.exposures()
    }
    files = {
        file.relative_to(project_dir).as_posix(): cookbook.question_of(file.read_text("utf-8"))
        for file in (project_dir / "analyses").rglob("*.sql")
    }
    assert files == {name: asked.get(name) for name in files}


def test_the_page_names_question_file_and_tables() -> None:
    exposures = [
        _exposure("who_sells", "analyses/products/who_sells.sql", needs_whole_file=True),
        _exposure("who_buys", "analyses/products/who_buys.sql"),
        _exposure("readme", "README.md"),
    ]
    rows = [line for line in cookbook.page(exposures, SCHEMAS).splitlines() if "](../" in line]
    reads = "`quality.build_info`, `marts.fct_orders` |"
    assert rows == [
        f"| [Who buys, and what?](../analyses/products/who_buys.sql) | {reads}",
        f"| [Who buys, and what?](../analyses/products/who_sells.sql) \\* | {reads}",
    ]


@pytest.mark.parametrize("file", ["analyses/who_buys.sql", "analyses/others/who_buys.sql"])
def test_an_analysis_without_a_topic_is_refused(file: str) -> None:
    with pytest.raises(ValueError, match="lies in no folder of a topic"):
        cookbook.page([_exposure("who_buys", file)], SCHEMAS)


def test_the_question_ends_with_the_first_comment() -> None:
    sql = "-- Who buys,\n-- and what?\nselect 1\n-- Not this.\n"
    assert cookbook.question_of(sql) == "Who buys, and what?"
    assert cookbook.question_of("select 1\n-- Not this.\n") == ""
