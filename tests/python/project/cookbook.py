"""Writes docs/cookbook.md, the index of the analyses, from models/_exposures.yml.

Run it after a change of an exposure: `.venv/bin/python tests/python/project/cookbook.py`. A test
holds that the page is what this writes.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[3]
PAGE = PROJECT / "docs" / "cookbook.md"
# The folders of `analyses/` in the order of the page: the heading, and where to read more.
TOPICS = {
    "revenue": ("Revenue", "[Money](money.md), [operations](operations.md)"),
    "customers": ("Customers", "[The portrait](portrait.md)"),
    "retention": ("Who stays and who leaves", "[Value](value.md)"),
    "segments": ("Segments, tags and audiences", "[Value](value.md), [audiences](audiences.md)"),
    "products": ("Products", "[Marketing](marketing.md)"),
    "marketing": ("Campaigns, coupons and channels", "[Marketing](marketing.md)"),
    "behavior": ("Visits", "[Behavior](behavior.md)"),
    "operations": ("Service, order checks and abuse", "[Operations](operations.md)"),
    "quality": ("Gaps and doubts in the data", "[Staging](staging.md), [identity](identity.md)"),
}
INTRODUCTION = """\
# Cookbook

Each question is a SQL file in `analyses/`, in the folder of its topic. It reads published tables
only, so it runs in any client that opens the file ([BI tools](bi.md)):

    file=analyses/segments/how_large_is_each_segment.sql
    duckdb -readonly warehouse/current/portrait.duckdb < $file

All of them run on `portrait.duckdb`. Those marked \\* need a table or a column that the analysts'
file does not hold ([publishing](publishing.md#what-the-analysts-file-is-and-what-it-is-not)); the
others run on `analyst.duckdb` too. The tests ask each question of the sample. What the words mean
stands in the [glossary](glossary.md).

`make notebook` opens five of the questions with charts in a browser, in
[marimo](https://docs.marimo.io). It reads `analyst.duckdb` and runs on this machine, without the
internet. The notebook, `notebooks/five_questions.py`, takes the SQL from the files below. What you
change in it is kept only when you save it. `make notebook NOTEBOOK=notebooks/mine.py` opens one of
your own. The file of a notebook is Python, without the results. `__marimo__/` beside it, which git
does not keep, holds the last results.

![Two of the five questions in the notebook](pictures/notebook.png)

The exposures of dbt (`models/_exposures.yml`) say what stands here, and
`tests/python/project/cookbook.py` writes it.
"""


def exposures() -> list[dict[str, Any]]:
    """The exposures of the project as they are written down."""
    text = (PROJECT / "models" / "_exposures.yml").read_text("utf-8")
    found: list[dict[str, Any]] = yaml.safe_load(text)["exposures"]
    return found


def schemas() -> dict[str, str]:
    """The schema of each published table."""
    return {
        file.stem: schema
        for schema in ("marts", "quality")
        for file in (PROJECT / "models" / schema).rglob("*.sql")
    }


def question_of(sql: str) -> str:
    """The comment that a file starts with, on one line; empty where there is none."""
    lines = re.match(r"(?:-- .*\n)*", sql)
    return " ".join(line.removeprefix("-- ") for line in lines[0].splitlines()) if lines else ""


def page(exposures: list[dict[str, Any]], schemas: dict[str, str]) -> str:
    """The text of the page.

    exposures: as in the YAML; those of other files than analyses are left out.
    schemas: the schema of each published table.

    Raises:
        ValueError: an analysis lies in no folder of a topic.
    """
    rows: dict[str, list[str]] = {topic: [] for topic in TOPICS}
    for exposure in sorted(exposures, key=lambda exposure: str(exposure["name"])):
        meta = exposure["config"]["meta"]
        file = PurePosixPath(meta["file"])
        if file.parts[0] != "analyses":
            continue
        if len(file.parts) != 3 or file.parts[1] not in TOPICS:
            raise ValueError(f"{file} lies in no folder of a topic: {', '.join(TOPICS)}")
        question = " ".join(exposure["description"].split())
        mark = " \\*" if meta.get("needs_whole_file") else ""
        tables = sorted(re.findall(r"ref\('(\w+)'\)", " ".join(exposure["depends_on"])))
        names = ", ".join(f"`{schemas[table]}.{table}`" for table in tables)
        rows[file.parts[1]].append(f"| [{question}](../{file}){mark} | {names} |")
    parts = [INTRODUCTION, _links([heading for heading, _ in TOPICS.values()])]
    for topic, (heading, more) in TOPICS.items():
        table = "\n".join(["| Question | Reads |", "|---|---|", *rows[topic]])
        parts.append(f"## {heading}\n`analyses/{topic}/`. More: {more}.\n\n{table}\n")
    return "\n".join(parts)


def _links(headings: list[str]) -> str:
    anchors = [(heading, re.sub(r"[^\w -]", "", heading.lower())) for heading in headings]
    links = [f"[{heading}](#{anchor.replace(' ', '-')})" for heading, anchor in anchors]
    return f"Topics: {', '.join(links)}.\n"


if __name__ == "__main__":
    PAGE.write_text(page(exposures(), schemas()), "utf-8")
