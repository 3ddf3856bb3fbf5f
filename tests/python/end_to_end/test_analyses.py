"""Each analysis runs on the published file of the sample and finds something."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml
from builds import PROJECT

ANALYSES = sorted((PROJECT / "analyses").rglob("*.sql"))
# The sample has no launch that took money from a category, and no rule from two products.
EMPTY = {
    "what_did_our_launches_bring": {"cannibalised_category", "cannibalised_amount"},
    "which_products_sell_each_other": {"and_also"},
}


def test_there_are_at_least_fifty() -> None:
    assert len(ANALYSES) >= 50


@pytest.mark.parametrize("analysis", ANALYSES, ids=[path.stem for path in ANALYSES])
def test_analysis_answers(published_sample: Path, analysis: Path) -> None:
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        found = connection.execute(analysis.read_text(encoding="utf-8"))
        names = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    assert rows, f"{analysis.name} found nothing"
    # A query without `group by` returns a row of nulls and zeros where it finds nothing.
    nothing = {None, 0} if len(rows) == 1 else {None}
    empty = {name for name, *values in zip(names, *rows, strict=True) if set(values) <= nothing}
    assert empty == EMPTY.get(analysis.stem, set())


def test_the_exposures_say_which_need_the_whole_file(published_sample: Path) -> None:
    text = (PROJECT / "models" / "_exposures.yml").read_text("utf-8")
    metas = [exposure["config"]["meta"] for exposure in yaml.safe_load(text)["exposures"]]
    said = {meta["file"] for meta in metas if meta.get("needs_whole_file")}
    refused = set()
    with duckdb.connect(str(published_sample / "analyst.duckdb"), read_only=True) as connection:
        for analysis in ANALYSES:
            try:
                connection.execute(analysis.read_text(encoding="utf-8"))
            except (duckdb.BinderException, duckdb.CatalogException):
                refused.add(str(analysis.relative_to(PROJECT)))
    assert refused == said
