"""The app without Streamlit: its words, masks and forms, and the files that it writes."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from portrait.app.audience_conditions import (
    LISTED,
    AnyOf,
    AudienceCondition,
    ColumnCondition,
    Condition,
    MeasureCondition,
    Not,
    RelationCondition,
    Rows,
    RowsCondition,
    TagCondition,
    comparisons,
)
from portrait.app.audience_draft import Draft, Grammar, read_grammar, save
from portrait.app.decisions import FILE, write_rule
from portrait.app.masking import HIDDEN, Masks, masked
from portrait.app.queries import audiences, customers
from portrait.app.queries.identity import Rule, header
from portrait.app.settings import AppSettings
from portrait.errors import PortraitError
from portrait.landing.audience_rules import (
    COMPARISONS,
    MEASURES,
    OPERATORS,
    QUANTIFIERS,
    RELATIONS,
)
from portrait.landing.configuration import AudienceFile, read_configuration
from portrait.landing.seeds import load_seeds
from portrait.reading import markup
from portrait.reading.heats import Heat
from portrait.reading.queries import overview, quality, segments
from portrait.reading.queries.overview import Figure
from portrait.reading.queries.quality import Grade
from portrait.reading.words import Words, texts

PROJECT = Path(__file__).resolve().parents[3]
# What says something in the words of words.yml.
SPEAKING = ("app", "dictionary", "reading", "report")
CODE = "\n".join(
    path.read_text("utf-8")
    for folder in SPEAKING
    for path in sorted((PROJECT / "portrait" / folder).rglob("*.py"))
)
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return read_grammar(PROJECT, PROJECT / "no such folder")


# Words.


@pytest.mark.parametrize("kind", ["texts", "columns", "values"])
def test_every_text_has_both_languages(kind: str) -> None:
    for key, pair in texts()[kind].items():
        assert isinstance(key, str), f"{key!r} must be quoted"
        assert len(pair) == 2
        assert all(isinstance(text, str) and text.strip() for text in pair), key
        places = [sorted(re.findall(r"\{(\w+)\}", text)) for text in pair]
        assert places[0] == places[1], key


def test_every_text_is_used_and_every_used_text_exists() -> None:
    used = set(re.findall(r"""(?:words|said|heading)\(\s*["'](\w+)["']""", CODE))
    for stem in re.findall(r'(?:words|said)\(f"(\w+_)\{', CODE):
        used |= {key for key in texts()["texts"] if key.startswith(stem)}
    # Keys that stand in a variable.
    used |= {
        "unknown", "yes", "no", "days", "of_buyers", "of_customers", "both", "first_only",
        "second_only", "audience_new", "audiences_in_force", "audience_export", "who", "worth",
        "does", "likes", "fault_of_column", "key_figures", "first_build", "before_unreadable",
    }  # fmt: skip
    assert not sorted(used - texts()["texts"].keys())
    assert not sorted(texts()["texts"].keys() - used)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (None, "money", "–"),
        (Decimal("1234.56"), "money", "1,235 CNY"),
        (Decimal("12.3"), "money", "12.30 CNY"),
        (0, "count", "0"),
        (12345.6, "count", "12,346"),
        (12.345, "pct", "12.3 %"),
        (0.12345, "share", "12.3 %"),
        (0.99999, "share", "99.9 %"),
        (1, "share", "100.0 %"),
        (2.50, "number", "2.5"),
        (DAY, "", "2026-03-02"),
        (datetime(2026, 3, 2, 4, 5, 6), "", "2026-03-02 04:05"),
        (True, "", "yes"),
        ("cart_left", "", "left a cart"),
        ("never_heard_of", "", "never heard of"),
        ("new_first", "text", "new_first"),
    ],
)
def test_values_are_written_for_readers(value: Any, form: str, text: str) -> None:
    assert Words("en").shown(value, form, "CNY") == text


def test_chinese_has_words_of_its_own() -> None:
    words = Words("zh")
    assert words("page_overview") == "总览"
    assert words.column("rfm_segment") == "RFM 分群"
    assert words.value("Champions") == "冠军"
    assert words.column("some_new_column") == "Some new column"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("missing_order_id", "order_id: missing"),
        ("future_updated_at", "updated_at: in the future"),
        ("broken_line: 2 fields, expected 11", "broken line: 2 fields, expected 11"),
        ("unmapped_status: 核对中", "status that no map knows: 核对中"),
        ("equal_version", "equal version"),
    ],
)
def test_the_fault_of_a_row_is_said_in_words(code: str, text: str) -> None:
    assert Words("en").reason(code) == text


@pytest.mark.parametrize(
    "group",
    ["CONS_RFM_SEGMENT", "CONS_VALUE_GROUP", "CONS_VALUE_TIER", "CONS_LIFE_STAGE",
     "CONS_LOYALTY_TIER", "ATTR_CITY_LEVEL"],
)  # fmt: skip
def test_a_segment_is_called_what_its_tag_is_called(group: str) -> None:
    """One word for one thing: the registry names the tags in both languages."""
    rows = [
        row for row in load_seeds(PROJECT)["tag_registry"].rows() if row["exclusive_group"] == group
    ]
    assert rows
    for row in rows:
        (code,) = re.findall(r"= '([^']+)'", row["condition"])
        assert Words("zh").value(code) == row["name_zh"].partition("：")[2]
        assert Words("en").value(code) == row["name_en"].partition(": ")[2]


# Masks.


def test_what_the_yaml_calls_personal_is_masked() -> None:
    masks = Masks(PROJECT, shows_personal=False)
    row = masks.row(
        "dim_customers",
        {"customer_id": "c1", "full_name": "李娜", "email": "li@example.com", "region": "天津",
         "phone": "+8615627447781", "birth_date": DAY, "occupation": None},
    )  # fmt: skip
    assert row == {
        "customer_id": "c1", "full_name": f"李{HIDDEN}", "email": f"l{HIDDEN}@{HIDDEN}",
        "region": "天津", "phone": f"{HIDDEN}81", "birth_date": HIDDEN, "occupation": None,
    }  # fmt: skip


def test_nothing_is_masked_where_personal_data_may_be_shown() -> None:
    masks = Masks(PROJECT, shows_personal=True)
    assert masks.shown("dim_customers", "full_name", "李娜") == "李娜"


def test_a_table_that_nobody_knows_is_not_shown_unmasked() -> None:
    with pytest.raises(KeyError):
        Masks(PROJECT, shows_personal=False).shown("no_table", "full_name", "李娜")


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("fct_tickets", {"ticket_subject", "ticket_text"}),
        ("rejected_rows", {"raw_row"}),
        ("unreadable_values", {"written_value"}),
        ("customer_portrait", {"natural_gender", "occupation", "income"}),
    ],
)
def test_the_columns_that_pages_show_are_tagged(table: str, columns: set[str]) -> None:
    assert columns <= Masks(PROJECT, shows_personal=False).personal(table)


def test_short_values_do_not_shine_through() -> None:
    assert masked("phone", "1234") == HIDDEN
    assert masked("email", "no address") == HIDDEN
    assert "li" not in masked("full_name", "Oliver")


def test_every_column_of_the_golden_record_is_one() -> None:
    path = next((PROJECT / "models" / "marts").glob("*/dim_customers.yml"))
    (model,) = yaml.safe_load(path.read_text("utf-8"))["models"]
    known = {column["name"] for column in model["columns"]}
    assert {column for column, _ in customers.GOLDEN} <= known


# HTML.


def test_no_text_of_the_data_becomes_html() -> None:
    evil = '<script>"x"</script>'
    shown = [
        markup.table(evil, [markup.Column(evil)], [[evil], [markup.Link(evil, evil)]]),
        markup.tiles([markup.Tile(evil, evil, evil)]),
        markup.heat(evil, Heat(evil, [evil], [(evil, [(evil, 0.5), None])])),
        markup.facts([(evil, evil, evil)]),
        markup.chips([evil]),
        markup.note(evil),
    ]
    for html in shown:
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert 'aria-label="<' not in html


# Settings.


def test_the_settings_hide_unless_told_otherwise() -> None:
    assert AppSettings.from_environment({}) == AppSettings(False, True, "en")
    told = {
        "PORTRAIT_APP_PERSONAL": "show", "PORTRAIT_APP_WRITE": "no", "PORTRAIT_APP_LANGUAGE": "zh",
    }  # fmt: skip
    assert AppSettings.from_environment(told) == AppSettings(True, False, "zh")


def test_a_setting_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(PortraitError, match="expected mask or show"):
        AppSettings.from_environment({"PORTRAIT_APP_PERSONAL": "yes"})


# Audiences.


VALUES: dict[str, Any] = {"number": 2.0, "text": "yes", "boolean": True, "date": DAY}
WINDOW = Rows("orders", 90)


def value_of(kind: str, comparison: str) -> Any:
    """A value as the form gives it for a comparison."""
    if comparison == "within_days":
        return 30
    if comparison == "is_known":
        return False
    value = VALUES[kind]
    return [value, value] if comparison in LISTED else value


def compared(**columns: str) -> list[ColumnCondition]:
    """Columns, by their kinds, in all comparisons that the form offers for the kind."""
    return [
        ColumnCondition(column, comparison, value_of(kind, comparison))
        for kind, column in columns.items()
        for comparison in comparisons(kind)
    ]


def test_what_a_form_asks_is_what_the_grammar_reads(grammar: Grammar) -> None:
    conditions: list[Condition] = [
        *compared(number="frequency", text="region", boolean="is_repeat", date="last_order_date"),
        AnyOf([TagCondition("CONS_VALUE_TIER_TOP"), AudienceCondition("best_customers")]),
    ]
    rows = [
        Rows("orders", 90, compared(
            number="net_amount", text="payment_method", boolean="is_paid", date="ordered_date",
        )),
        *(Rows(table) for table in grammar.words.facts),
        Rows("reviews", None, [AnyOf(compared(boolean="is_low_rated", number="rating"))]),
    ]  # fmt: skip
    conditions += [RowsCondition(one, word) for one in rows for word in QUANTIFIERS]
    for measure in MEASURES:
        columns = {"number": "net_amount"}
        if measure in ("least", "most"):
            columns["date"] = "ordered_date"
        for kind, of in columns.items():
            conditions += [
                MeasureCondition(
                    WINDOW, measure, None if measure == "count" else of, comparison,
                    value_of(kind, comparison),
                )
                for comparison in comparisons(kind)
            ]  # fmt: skip
    conditions += [
        Not(RelationCondition(one, [TagCondition("SOC_TICKET_OPEN_NOW"), Not(conditions[0])]))
        for one in RELATIONS
    ]
    draft = Draft(
        "tried", "标题: \"x\"", "me", tags=["CONS_VALUE_TIER_TOP"],
        any_tags=["CONS_ORDER_ONCE_EVER", "CONS_ORDER_REPEAT_EVER"],
        no_tags=["SOC_TICKET_OPEN_NOW"], conditions=conditions,
        not_in=["unhappy_customers"], holdout_pct=0, description="who", hash_salt="no",
        exclusive_group="null", priority=7,
    )  # fmt: skip
    found = grammar.compiled("tried", draft.yaml())
    (own,) = (one for one in found.definitions if one.audience == "tried")
    assert (own.title, own.exclusive_group, own.priority) == ('标题: "x"', "null", 7)
    assert own.hash_salt == "no"
    assert {one.audience for one in found.definitions} == {
        "tried", "unhappy_customers", "best_customers",
    }  # fmt: skip


def test_the_form_offers_every_comparison_of_the_grammar() -> None:
    offered = {(kind, one) for kind in OPERATORS for one in comparisons(kind)}
    assert {one for _, one in offered} == COMPARISONS
    assert ("date", "within_days") in offered
    assert ("number", "within_days") not in offered


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (
            MeasureCondition(
                Rows("order_lines", 90, [ColumnCondition("category", "is", "鞋包")]),
                "count", None, "at_least", 2.0,
            ),
            "{order_lines: {measure: count, window_days: 90,"
            " where: [{column: category, is: 鞋包}]}, at_least: 2}",
        ),
        (
            MeasureCondition(Rows("orders"), "sum", "net_amount", "in", [Decimal("1.5"), 2.0]),
            "{orders: {measure: sum, of: net_amount}, in: [1.5, 2]}",
        ),
        (
            RelationCondition("invited_by", [TagCondition("CONS_VALUE_TIER_TOP")]),
            "invited_by: {tag: CONS_VALUE_TIER_TOP}",
        ),
        (
            Not(RelationCondition("has_invited", [
                AudienceCondition("best_customers"), ColumnCondition("region", "is_known", False),
            ])),
            "not: {has_invited: {all: [{audience: best_customers},"
            " {column: region, is_known: false}]}}",
        ),
        (
            AnyOf([RowsCondition(WINDOW, "all"), TagCondition("A")]),
            "any: [{orders: {rows: all, window_days: 90}}, {tag: A}]",
        ),
    ],
    ids=["count", "sum", "relation", "not", "any"],
)  # fmt: skip
def test_a_condition_is_written_as_the_page_on_audiences_writes_it(
    condition: Condition, text: str
) -> None:
    assert condition.plain() == yaml.safe_load(text)


def test_a_draft_without_a_choice_is_empty() -> None:
    assert Draft("a", "A", "me").is_empty()
    assert not Draft("a", "A", "me", tags=["CONS_VALUE_TIER_TOP"]).is_empty()


def test_rivals_of_the_group_and_what_they_read_are_compiled_too(grammar: Grammar) -> None:
    text = (
        "title: T\nowner: o\nexclusive_group: lifecycle\npriority: 15\n"
        "conditions: [{tag: CONS_VALUE_TIER_TOP}]\n"
    )
    found = {one.audience for one in grammar.compiled("tried", text).definitions}
    assert {"tried", "win_back_regulars", "best_customers", "unhappy_customers"} <= found
    assert "discount_buyers" not in found


def test_a_draft_that_cannot_be_read_says_why(grammar: Grammar) -> None:
    text = Draft("tried", "T", "o", tags=["NO_SUCH_TAG"]).yaml()
    with pytest.raises(PortraitError, match="there is no tag NO_SUCH_TAG"):
        grammar.compiled("tried", text)


def test_an_audience_is_saved_where_the_next_build_reads_it(tmp_path: Path) -> None:
    text = Draft("mine", "Mine", "me", tags=["CONS_VALUE_TIER_TOP"]).yaml()
    path = save(tmp_path, "mine", text)
    read = read_configuration(PROJECT, tmp_path).audiences
    assert read == (AudienceFile("mine", "config/audiences/mine.yml", text),)
    with pytest.raises(PortraitError, match="is there already"):
        save(tmp_path, "mine", "other")
    assert path.read_text("utf-8") == text
    save(tmp_path, "mine", "other", replaces=True)
    assert path.read_text("utf-8") == "other"


@pytest.mark.parametrize("name", ["", "../evil", "Mine", "a__b", "a" * 41, "a/b", "a.yml"])
def test_a_name_that_is_none_is_not_saved(tmp_path: Path, name: str) -> None:
    with pytest.raises(PortraitError, match="no name of an audience"):
        save(tmp_path, name, "text")
    assert not list(tmp_path.iterdir())


# Decisions of stewards.


def test_a_rule_has_the_columns_of_the_seed() -> None:
    assert header().split(",") == list(load_seeds(PROJECT)["identity_rules"].columns)


def test_a_decision_is_a_line_that_the_next_build_reads(tmp_path: Path) -> None:
    rule = Rule.about("always", "shop:C1", "pos:M:2", 'Called, "same"\nman', "Li Na", DAY)
    assert rule.line() == 'always,shop,C1,pos,M:2,"Called, ""same"" man",Li Na,2026-03-02'
    path = write_rule(PROJECT, tmp_path, rule)
    write_rule(PROJECT, tmp_path, Rule.about("never", "shop:C1", "pos:M3", "x", "y", DAY))
    assert path == tmp_path / FILE
    assert path.read_text("utf-8").splitlines()[0] == header()
    (seed,) = read_configuration(PROJECT, tmp_path).seeds
    assert [row[:5] for row in seed.rows] == [
        ("always", "shop", "C1", "pos", "M:2"), ("never", "shop", "C1", "pos", "M3"),
    ]  # fmt: skip
    with pytest.raises(PortraitError, match="already"):
        write_rule(PROJECT, tmp_path, rule)


def test_a_rule_that_would_not_be_read_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text("some,other,header\n", "utf-8")
    rule = Rule.about("always", "shop:C1", "pos:M2", "why", "who", DAY)
    with pytest.raises(PortraitError):
        write_rule(PROJECT, tmp_path, rule)
    assert path.read_text("utf-8") == "some,other,header\n"


@pytest.mark.parametrize(
    ("rule", "reason", "steward"), [("maybe", "x", "y"), ("never", " ", "y"), ("never", "x", "")]
)
def test_a_rule_says_why_and_who(rule: str, reason: str, steward: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Rule.about(rule, "shop:C1", "pos:M2", reason, steward, DAY)


# Figures.


@pytest.mark.parametrize(
    ("value", "before", "change"),
    [(110.0, 100.0, 10.0), (90.0, 100.0, -10.0), (5.0, 0.0, None), (5.0, None, None),
     (None, 5.0, None)],
)  # fmt: skip
def test_the_change_of_a_figure(
    value: float | None, before: float | None, change: float | None
) -> None:
    assert Figure("f", "count", value, before).change_pct == change


@pytest.mark.parametrize(
    ("landed", "rejected", "unreadable", "grade"),
    [(0, 0, 0, "A"), (1000, 5, 0, "A"), (1000, 5, 1, "B"), (1000, 20, 0, "B"), (1000, 50, 0, "C"),
     (1000, 50, 1, "D")],
)  # fmt: skip
def test_the_grade_of_a_table(landed: int, rejected: int, unreadable: int, grade: str) -> None:
    assert Grade("shop", "orders", landed, rejected, unreadable).grade == grade


def test_figures_compare_the_last_30_days_with_the_30_before() -> None:
    names = [name for name, _ in overview.SUMS]
    columns = ", ".join(f"{name} double" for name in names)
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.rpt_kpis_daily (date_day date, {columns},"
            " sessions_with_order_count bigint, active_customers_30d_count bigint,"
            " valued_paid_orders_count double)"
        )
        # 1 a day in the last 30 days, 2 a day in the 30 before, 100 on the day before those. Half
        # of the orders have a rate, and only these have a value.
        ones = ", ".join(["v"] * len(names))
        connection.execute(
            f"insert into marts.rpt_kpis_daily select date '2026-06-30' - cast(age as integer),"
            f" {ones}, 0, age, v / 2 from (select age, case when age < 30 then 1 when age < 60"
            " then 2 else 100 end as v from range(61) as ages(age))"
        )
        found = {one.name: one for one in overview.figures(connection)}
    assert (found["paid_orders_count"].value, found["paid_orders_count"].before) == (30, 60)
    assert found["average_order_value_amount"].value == 2
    active = found["active_customers_30d_count"]
    assert (active.value, active.before) == (0, 30)
    assert "buyers_30d_count" not in found


def test_checks_of_earlier_builds_are_not_counted() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        connection.execute("create table quality.build_info as select 'b2' as build_id")
        connection.execute(
            "create table quality.test_results as select *, 'test' as kind, 'marts' as layer,"
            " 't' as subject, 'error' as severity, 1 as failures_count from (values"
            " ('b1', 'unique', 'fail'), ('b2', 'unique', 'pass'), ('b2', 'range', 'warn'))"
            " as rows(build_id, test_name, status)"
        )
        (checks,) = quality.tests(connection)
        assert (checks["passed_count"], checks["warned_count"], checks["failed_count"]) == (1, 1, 0)
        assert [row["test_name"] for row in quality.warnings(connection)] == ["range"]


def test_pages_ask_without_the_tables_that_a_build_may_lack() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create schema quality")
        assert overview.figures(connection) == []
        assert overview.channels(connection) == []
        assert segments.cohorts(connection) == []
        assert audiences.audiences(connection) == []
        assert customers.strategy(connection, "c1") == []
        assert customers.timeline(connection, "c1") == []


def test_a_column_that_is_none_is_not_asked_for() -> None:
    with duckdb.connect() as connection:
        with pytest.raises(ValueError, match="drop"):
            segments.groups(connection, "rfm_segment; drop table x")
        with pytest.raises(ValueError, match="drop"):
            audiences.values_of(connection, 'region"; drop table x')


def test_values_of_rows_are_those_of_rows_that_count() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_orders as select * from (values ('sale', 'card'),"
            " ('sale', 'cash'), ('sale', 'cash'), ('sale', null), ('return', 'voucher'))"
            " as rows(order_type, payment_method)"
        )
        connection.execute(
            "create table marts.dim_products as select * from (values ('tea'), ('cups'), ('tea'))"
            " as rows(category)"
        )
        assert audiences.values_of_rows(connection, "orders", "payment_method") == ["cash", "card"]
        assert audiences.values_of_rows(connection, "order_lines", "category") == ["tea", "cups"]
        with pytest.raises(ValueError, match="drop"):
            audiences.values_of_rows(connection, "orders", 'payment_method"; drop table x')


def test_records_of_others_are_drawn_around_those_of_the_customer() -> None:
    own = [{"record_id": "shop:1"}, {"record_id": "pos:2"}]
    edge = {"evidence": "e", "match_weight": 1.0}
    found = [
        {"record_id": "shop:1", "other_record_id": "pos:2", "verdict": "joins", **edge},
        {"record_id": "pos:2", "other_record_id": "crm:3", "verdict": "conflict", **edge},
    ]
    nodes, lines = customers.places(found, own)
    assert {node["record"]: node["is_own"] for node in nodes} == {
        "shop:1": True, "pos:2": True, "crm:3": False,
    }  # fmt: skip
    assert [line["is_join"] for line in lines] == [True, False]
    assert len({(node["x"], node["y"]) for node in nodes}) == 3


def test_the_next_best_action_is_shown_where_the_build_has_one() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.customer_strategy as select * from (values"
            " ('c1', 'WAIT', 'Wait', 'none', 'Bought lately', 1.5),"
            " ('c1', 'CALL', 'Call', 'phone', 'Is leaving', 20.0),"
            " ('c2', 'CALL', 'Call', 'phone', 'Is leaving', 30.0)) as rows(customer_id,"
            " strategy_code, strategy_name, channel, reason_text, expected_value_amount)"
        )
        found = customers.strategy(connection, "c1")
    assert [row["strategy_code"] for row in found] == ["CALL", "WAIT"]
