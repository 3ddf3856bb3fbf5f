"""The pages lead somewhere: links exist, and every seed is named where a reader looks for it."""

from __future__ import annotations

import csv
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from portrait.publishing.publish import BuildInfo

PROJECT = Path(__file__).resolve().parents[3]
SEEDS_PAGE = PROJECT / "docs" / "seeds.md"
STAGING_PAGE = PROJECT / "docs" / "staging.md"
GLOSSARY = PROJECT / "docs" / "glossary.md"
TABLES = PROJECT / "tests" / "macros"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "tests/**/*.md", "benchmarks/*.md")
    for path in PROJECT.glob(pattern)
)
LINK = re.compile(r"\[[^\[\]]*\]\((?P<target>[^()\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ +(?P<title>.+?) *$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the names of a page's headings in links, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = [match["title"] for match in HEADING.finditer(text)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def dead_links(page: Path) -> list[str]:
    """Return the links of a page that point at no file, or at no heading of it."""
    found = []
    for match in LINK.finditer(CODE.sub("", page.read_text("utf-8"))):
        path, _, anchor = match["target"].partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        file = page.parent / path if path else page
        is_page = file.suffix == ".md"
        if not file.exists() or (anchor and is_page and anchor not in anchors(file)):
            found.append(match["target"])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_of_a_page_exist(page: Path) -> None:
    assert not dead_links(page)


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading, with `code`\n", "utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#a-heading-with-code) [c](https://example.com) `[d](code.md)`\n"
        "[e](none.md) [f](other.md#no-heading) [g](#nowhere)\n",
        "utf-8",
    )
    assert dead_links(page) == ["none.md", "other.md#no-heading", "#nowhere"]


def test_every_seed_has_a_row_on_the_page_of_seeds(manifest: dict[str, Any]) -> None:
    named = re.findall(r"^\| `(\w+)` \|", SEEDS_PAGE.read_text("utf-8"), re.MULTILINE)
    seeds = [node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert sorted(named) == sorted(seeds)


def test_every_seed_lies_in_the_folder_of_its_subject(manifest: dict[str, Any]) -> None:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            folder, subject, _ = Path(node["original_file_path"]).parts
            assert node["patch_path"].endswith(f"://{folder}/{subject}/_{subject}__seeds.yml")


def examples_of_staging() -> list[tuple[str, list[str]]]:
    """Return macro and cells (what is given, then the answer) of each example."""
    found = []
    for line in STAGING_PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 2 and (TABLES / f"{cells[0].strip('`')}.csv").exists():
            # A last cell without code marks is a remark.
            said = [cell for cell in cells[1:] if cell == "nothing" or cell.startswith("`")]
            values = ["null" if cell == "nothing" else cell.strip("`") for cell in said]
            found.append((cells[0].strip("`"), values))
    return found


def test_examples_of_staging_are_answers_of_the_macros() -> None:
    examples = examples_of_staging()
    assert len({macro for macro, _ in examples}) >= 15
    for macro, values in examples:
        with (TABLES / f"{macro}.csv").open(encoding="utf-8", newline="") as file:
            answers = [list(row.values())[:-1] for row in csv.DictReader(file)]
        assert values in answers, f"{macro}: {values}"


def columns_of(manifest: dict[str, Any]) -> set[str]:
    """Return `model.column` of every described column, and the name of every model and seed."""
    nodes = [
        node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")
    ]
    columns = {f"{node['name']}.{column}" for node in nodes for column in node["columns"]}
    # Publishing writes this table, not dbt.
    columns |= {f"build_info.{field.name}" for field in fields(BuildInfo)}
    return columns | {node["name"] for node in nodes}


def glossary_places() -> list[str]:
    """Return what the last column of the glossary's tables names."""
    rows = re.findall(r"^\| \*\*.*\| ([^|]*) \|$", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+(?:\.\w+)?)`", row)]


def test_every_column_of_the_glossary_exists(manifest: dict[str, Any]) -> None:
    places = glossary_places()
    assert len(places) > 80
    assert not sorted(set(places) - columns_of(manifest))


def test_every_word_of_the_glossary_has_one_meaning_and_a_place() -> None:
    text = GLOSSARY.read_text("utf-8")
    rows = re.findall(r"^\| (\*\*.*)$", text, re.MULTILINE)
    words = [row.split(" | ")[0] for row in rows]
    assert len(words) == len(set(words))
    assert all(len(row.split(" | ")) == 3 and "`" in row.split(" | ")[2] for row in rows)


def test_the_index_names_every_page() -> None:
    index = (PROJECT / "docs" / "README.md").read_text("utf-8")
    docs = PROJECT / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")} - {"README.md"}
    assert not sorted(page for page in pages if f"]({page})" not in index)


def test_the_readme_leads_to_every_topic_of_the_marts() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    linked = re.findall(r"\(docs/marts\.md#([^)]+)\)", readme)
    topics = anchors(PROJECT / "docs" / "marts.md") - {"the-marts-which-table-answers-what"}
    assert 10 <= len(topics) <= 12
    assert sorted(linked) == sorted(topics)


def said_in_any_language(text: str) -> dict[str, list[str]]:
    """Return what a README has that is the same in each language, by kind.

    Blocks of code with the table of an answer behind them, inline code, links and pictures,
    addresses, and how deep each heading is. Order counts where translating does not change it.
    """
    blocks = re.findall(r"^```.*?^```(?:\n\n(?:\|[^\n]*\n)+)?", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    links = [match["target"] for match in LINK.finditer(prose)]
    return {
        "blocks": blocks,
        "commands": sorted(set(re.findall(r"`[^`\n]+`", prose))),
        "links": sorted(link for link in links if not link.startswith("README")),
        "pictures": re.findall(r"!\[[^\]]*\]\(([^)]+)\)", prose),
        "addresses": re.findall(r"http://[\w.:/?=&]+", prose),
        "headings": re.findall(r"^#+(?= )", prose, re.MULTILINE),
        "rows": [str(len(re.findall(r"^\|", prose, re.MULTILINE)))],
    }


def test_the_chinese_readme_keeps_up_with_the_english_one() -> None:
    english, chinese = (PROJECT / "README.md", PROJECT / "README.zh-CN.md")
    there = said_in_any_language(english.read_text("utf-8"))
    assert len(there["blocks"]) > 5 and len(there["links"]) > 30 and there["pictures"]
    for kind, said in said_in_any_language(chinese.read_text("utf-8")).items():
        assert said == there[kind], kind
    for page, other in ((english, chinese), (chinese, english)):
        assert f"]({other.name})" in page.read_text("utf-8").split("\n\n")[1]


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("blocks", "make a\n```", "make b\n```"),
        ("blocks", "| 1 |", "| 2 |"),
        ("commands", "`--to`", "`--into`"),
        ("links", "(a.md)", "(b.md)"),
        ("pictures", "(a.png)", "(b.png)"),
        ("addresses", ":8501", ":8502"),
        ("headings", "## B", "# B"),
        ("rows", "| c |\n", ""),
    ],
)
def test_a_readme_that_fell_behind_is_found(kind: str, old: str, new: str) -> None:
    text = (
        "# A\n\n```\nmake a\n```\n\n```sql\nselect 1\n```\n\n| a |\n| 1 |\n\n## B\n"
        "`--to` [a](a.md) ![a](a.png) http://127.0.0.1:8501\n\n| b |\n| c |\n"
    )
    other = said_in_any_language(text.replace(old, new))
    assert other[kind] != said_in_any_language(text)[kind]


def test_the_readme_names_the_folders_of_the_package() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    listed = readme[readme.index("## Where things are") :]
    folders = {path.parent.name for path in (PROJECT / "portrait").glob("*/__init__.py")}
    assert len(folders) > 5
    assert not sorted(folder for folder in folders if f"`{folder}/`" not in listed)
