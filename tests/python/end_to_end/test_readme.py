"""The questions of the pages give the answers printed there; the page of marts names every mart."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[3]
README, VALUE = PROJECT / "README.md", PROJECT / "docs" / "value.md"
GLOSSARY = PROJECT / "docs" / "glossary.md"
PORTRAIT = PROJECT / "docs" / "portrait.md"
MARKETING = PROJECT / "docs" / "marketing.md"
AUDIENCES = PROJECT / "docs" / "audiences.md"
OPERATIONS = PROJECT / "docs" / "operations.md"
MARTS = PROJECT / "docs" / "marts.md"
GUIDES = sorted((PROJECT / "docs" / "guides").glob("*.md"))
QUESTION = re.compile(
    r"\*\*(?P<question>[^*\n]+\?)\*\*[^\n]*(?:\n[^\n]+)*\n\n"
    r"```sql\n(?P<sql>.*?)```\n\n(?P<table>(?:\|[^\n]*\n)+)",
    re.S,
)


def questions(page: Path) -> list[tuple[str, str, str]]:
    """Return each question of a page with its SQL and its printed answer."""
    text = page.read_text(encoding="utf-8")
    return [(match["question"], match["sql"], match["table"]) for match in QUESTION.finditer(text)]


PAGES = (README, VALUE, GLOSSARY, PORTRAIT, MARKETING, AUDIENCES, OPERATIONS, *GUIDES)
ASKED = [question for page in PAGES for question in questions(page)]


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Run the SQL and return its result as the Markdown table that the README prints."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    rows = [
        names,
        ["---"] * len(names),
        *([str(cell) for cell in row] for row in result.fetchall()),
    ]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def test_every_query_of_readme_and_guides_is_asked() -> None:
    """A query in a block of SQL without a question or an answer would not be run."""
    assert len(GUIDES) == 4
    for page in (README, *GUIDES):
        asked = [sql for _, sql, _ in questions(page)]
        assert asked == re.findall(r"```sql\n(.*?)```", page.read_text("utf-8"), re.S), page
        assert asked, page


def test_there_is_a_question_for_each_table_of_value() -> None:
    assert len(questions(GLOSSARY)) == 1
    asked = " ".join(sql for _, sql, _ in questions(VALUE))
    folder = PROJECT / "models" / "marts"
    marts = {file.stem for area in ("value", "reports") for file in (folder / area).glob("*.sql")}
    assert {mart for mart in marts if f"marts.{mart}" in asked} == marts


def test_the_page_of_the_portrait_asks_each_of_its_tables() -> None:
    asked = " ".join(sql for _, sql, _ in questions(PORTRAIT))
    marts = {file.stem for file in (PROJECT / "models" / "marts" / "portrait").glob("*.sql")}
    assert len(marts) > 10
    assert not sorted(mart for mart in marts if f"marts.{mart}" not in asked)


def test_the_page_of_audiences_asks_each_of_its_tables() -> None:
    asked = " ".join(sql for _, sql, _ in questions(AUDIENCES))
    marts = {file.stem for file in (PROJECT / "models" / "marts" / "audiences").glob("*.sql")}
    assert len(marts) > 6
    assert not sorted(mart for mart in marts if f"marts.{mart}" not in asked)


def test_the_page_of_marketing_asks_each_of_its_tables() -> None:
    asked = " ".join(sql for _, sql, _ in questions(MARKETING))
    marts = {file.stem for file in (PROJECT / "models" / "marts" / "marketing").glob("*.sql")}
    assert marts
    assert not sorted(mart for mart in marts if f"marts.{mart}" not in asked)


@pytest.mark.parametrize(("question", "sql", "table"), ASKED, ids=[asked[0] for asked in ASKED])
def test_answer_is_true(published_sample: Path, question: str, sql: str, table: str) -> None:
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        assert answer(connection, sql) == table, question


def test_the_page_of_marts_is_complete(published_sample: Path) -> None:
    named = re.findall(r"^\| `(marts|quality)\.(\w+)`", MARTS.read_text("utf-8"), re.M)
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        there = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    assert sorted(named) == sorted(there)


def test_the_records_that_readme_opens_are_in_the_sample(published_sample: Path) -> None:
    """Also the one of the guides; one more is of the export that README imports."""
    texts = "".join(page.read_text("utf-8") for page in (README, *GUIDES))
    named = set(re.findall(r"(?:customer_id=|portrait show )(\w+:\w+)", texts)) - {"shop:C1"}
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        there = connection.execute("select record_id from marts.bridge_customer_identities")
        missing = named - {record for (record,) in there.fetchall()}
    assert missing == {"shop:7210448301122"}
    export = PROJECT / "tests" / "adapters" / "shopify" / "customers_export.csv"
    assert "7210448301122" in export.read_text("windows-1252")
