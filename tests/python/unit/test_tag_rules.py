"""Which conditions of tags are read, and what is said of the others."""

import csv
import re
from pathlib import Path

import pytest

from portrait.errors import PortraitError
from portrait.landing.configuration import Configuration, read_configuration
from portrait.landing.tag_rules import portrait_columns, problem_of, require_readable_tags

PROJECT = Path(__file__).parents[3]
COLUMNS = {
    "recency_days": "number",
    "frequency": "number",
    "region": "text",
    "city": "text",
    "is_overdue": "boolean",
    "next_date": "date",
    "as_of_date": "date",
}
HEADER = (
    "tag_code,name_en,name_zh,definition,tag_kind,theme,grain,owner_model,condition,"
    "evidence_date_column,expires_after_days\n"
)


@pytest.mark.parametrize(
    "condition",
    [
        "recency_days <= 30",
        "recency_days <= 30 and frequency >= 2.5 and region = 'it''s'",
        "recency_days > frequency",
        "recency_days = -1",
        "next_date <= as_of_date",
        "region in ('a', 'b')",
        "frequency in (1)",
        "region is null and city is not null",
        "is_overdue and not is_overdue",
        "  recency_days=1 ",
    ],
)
def test_a_comparison_is_read(condition: str) -> None:
    assert problem_of(condition, COLUMNS) is None


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("", "a comparison is missing"),
        ("frequency = 1 and", "a comparison is missing"),
        ("recency_dys <= 30", "customer_portrait has no column recency_dys"),
        ("recency_days <= '30'", "`recency_days` is a number and `'30'` a text"),
        ("region = city or true", "is no comparison"),
        ("region = 'a'; drop table x", "`; drop table x` cannot be read"),
        ("region = (select 1)", "is no comparison"),
        ("frequency", "`frequency` is compared with nothing"),
        ("not frequency", "`not` stands before a column of true and false"),
        ("region in ('a' 'b')", "a comma is missing"),
        ("region in ('a', )", "the list ends with a comma"),
        ("region in (1)", "`1` is no text"),
        ("region in ()", "is no comparison"),
        ("is null", "is no comparison"),
        ("null is null", "`null` is no column"),
        ("frequency = 1e9", "cannot be read"),
        ("region = 'open", "cannot be read"),
        ("frequency = 1 -- and region", "cannot be read"),
    ],
)
def test_anything_else_is_refused_with_its_reason(condition: str, said: str) -> None:
    problem = problem_of(condition, COLUMNS)
    assert problem
    assert said in problem


def test_the_shipped_tags_are_readable() -> None:
    assert "customer_id" in portrait_columns(PROJECT)
    require_readable_tags(PROJECT, Configuration())


def test_a_bad_line_of_the_company_is_named_with_its_row(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    rows = [
        "CONS_OWN_TAG_GOOD,a,b,c,rule,consumption,customer,customer_rfm,frequency >= 3,,",
        "CONS_OWN_TAG_BAD,a,b,c,rule,consumption,customer,customer_rfm,frequenzy >= 3,,",
        "lower_case_code,a,b,c,rule,consumption,customer,customer_rfm,frequency >= 3,,",
        "CONS_OWN_TAG_LASTS,a,b,c,rule,consumption,customer,customer_rfm,frequency >= 3,,30",
        "CONS_OWN_TAG_DATED,a,b,c,rule,consumption,customer,customer_rfm,frequency > 3,frequency,3",
    ]
    (seeds / "tag_registry.csv").write_text(HEADER + "\n".join(rows) + "\n")
    with pytest.raises(PortraitError) as error:
        require_readable_tags(PROJECT, read_configuration(PROJECT, tmp_path))
    message = str(error.value)
    assert (
        "config/seeds/tag_registry.csv, line 3: CONS_OWN_TAG_BAD: customer_portrait has no"
        in message
    )
    assert "line 4: lower_case_code is no code of a tag" in message
    assert "line 5: CONS_OWN_TAG_LASTS: expires_after_days needs an evidence_date_column" in message
    assert "line 6: CONS_OWN_TAG_DATED: evidence_date_column is frequency, a number" in message
    assert "CONS_OWN_TAG_GOOD" not in message


def test_a_fact_of_the_company_is_a_column(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "portrait_facts.csv").write_text("fact,fact_weight,filled_from\nshoe_size,1,crm\n")
    with pytest.raises(PortraitError, match="line 2: shoe_size is no column of customer_portrait"):
        require_readable_tags(PROJECT, read_configuration(PROJECT, tmp_path))


def test_the_registry_names_who_uses_a_tag() -> None:
    """A tag is used where an analysis, a page or the README names it; the others are unused."""
    pages = [*PROJECT.glob("analyses/**/*.sql"), *PROJECT.glob("docs/*.md"), PROJECT / "README.md"]
    words = {
        str(page.relative_to(PROJECT)): set(re.findall(r"\w+", page.read_text("utf-8").lower()))
        for page in sorted(pages)
    }
    with (PROJECT / "seeds/portrait/tag_registry.csv").open(encoding="utf-8", newline="") as file:
        for tag in csv.DictReader(file):
            used_by = [page for page, found in words.items() if tag["tag_code"].lower() in found]
            assert tag["used_by"] == "; ".join(used_by), tag["tag_code"]


def test_a_strategy_of_the_company_is_read_like_a_tag(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    header = (PROJECT / "seeds/strategy/strategies.csv").read_text(encoding="utf-8").splitlines()[0]
    rows = [
        "own_good,a,b,frequency >= 3,promotion,contact,false,5,why,为何",
        "own_bad,a,b,frequenzy >= 3,promotion,contact,false,5,why,为何",
        "leave_alone,a,b,frequency >= 3,promotion,contact,false,5,why,为何",
        "Own Bad,a,b,frequency >= 3,promotion,contact,false,5,why,为何",
    ]
    (seeds / "strategies.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    with pytest.raises(PortraitError) as error:
        require_readable_tags(PROJECT, read_configuration(PROJECT, tmp_path))
    message = str(error.value)
    assert "strategies.csv, line 3: own_bad: customer_portrait has no column" in message
    assert "line 4: leave_alone is what a customer gets for whom there is no strategy" in message
    assert "line 5: Own Bad is no code of a strategy" in message
    assert "own_good" not in message
