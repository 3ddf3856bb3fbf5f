"""The report: its drawings, and what it says of builds that lack something."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from portrait.reading import markup
from portrait.reading.queries.overview import Figure
from portrait.reading.words import Words
from portrait.report import drawing
from portrait.report.drawing import Bar, Interval, Point, cut, ticks
from portrait.report.page import STYLE, write_report

SECRET = "li.na@example.com"


def drawn(figure: str) -> ElementTree.Element:
    """The drawing of a figure as a tree: it is well-formed, and named for whoever cannot see it."""
    tree = ElementTree.fromstring(figure)
    (svg,) = tree.iter("svg")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == tree.findtext("figcaption")
    return svg


# Drawings.


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 0, [0, 1]),
        (0, 10, [0, 2.5, 5, 7.5, 10]),
        (0, 1_133_123, [0, 500_000, 1_000_000, 1_500_000]),
        (3, 7, [0, 2, 4, 6, 8]),
        (-28, 19.2, [-40, -20, 0, 20]),
        (-5, -1, [-6, -4, -2, 0]),
        (0, 0.0004, [0, 0.0001, 0.0002, 0.0003, 0.0004]),
    ],
)
def test_an_axis_has_few_round_numbers_and_zero(
    low: float, high: float, marks: list[float]
) -> None:
    assert ticks(low, high) == pytest.approx(marks)


def test_columns_are_as_high_as_their_values_and_hollow_where_open() -> None:
    points = [Point("2026-01", 50.0), Point("2026-02", None), Point("2026-03", 100.0, True)]
    full, open_month = drawn(drawing.columns("Revenue", points, str)).iter("rect")
    assert float(open_month.get("height", "")) == 2 * float(full.get("height", ""))
    assert full.get("fill") == drawing.BLUE
    assert open_month.get("fill") == "#ffffff"


def test_a_column_below_zero_hangs_from_the_line() -> None:
    points = [Point("2026-01", -50.0), Point("2026-02", 50.0)]
    below, above = drawn(drawing.columns("Net", points, str)).iter("rect")
    zero = float(above.get("y", "")) + float(above.get("height", ""))
    assert float(below.get("y", "")) == zero


def test_a_course_breaks_where_nothing_is_known() -> None:
    points = [Point(str(n), value) for n, value in enumerate([1.0, 2.0, None, 3.0])]
    svg = drawn(drawing.course("Mean", points, str))
    (path,) = svg.iter("path")
    assert re.sub(r"[^ML]", "", path.get("d", "")) == "MLM"
    assert len(list(svg.iter("circle"))) == 3


def test_bars_share_the_width_and_none_is_drawn_below_zero() -> None:
    rows = [Bar("a", 200.0, "200"), Bar("b", 50.0, "50"), Bar("c", -3.0, "-3")]
    rects = list(drawn(drawing.bars("Groups", rows)).iter("rect"))
    widths = [float(one.get("width", "")) for one in rects if one.get("fill") == drawing.BLUE]
    assert widths == [drawing.WIDTH, drawing.WIDTH / 4, 0]


def test_an_interval_holds_its_point_and_is_hollow_where_not_sure() -> None:
    rows = [Interval("a", 2.0, 1.0, 3.0, True), Interval("b", 0.0, -4.0, 4.0, False)]
    svg = drawn(drawing.intervals("Lift", rows, str))
    bars = [one for one in svg.iter("line") if one.get("stroke-width") == "3"]
    dots = list(svg.iter("circle"))
    for bar, dot in zip(bars, dots, strict=True):
        middle = (float(bar.get("x1", "")) + float(bar.get("x2", ""))) / 2
        assert float(dot.get("cx", "")) == pytest.approx(middle, abs=0.1)
    assert [dot.get("fill") for dot in dots] == [drawing.BLUE, "#ffffff"]


def test_charts_without_values_are_drawn() -> None:
    for figure in (
        drawing.columns("a", [], str),
        drawing.columns("a", [Point("2026-01", None)], str),
        drawing.course("a", [Point("2026-01", None)], str),
        drawing.bars("a", []),
        drawing.bars("a", [Bar("w", 0.0, "0")]),
        drawing.intervals("a", [], str),
        drawing.intervals("a", [Interval("w", 0.0, 0.0, 0.0, False)], str),
    ):
        assert "nan" not in ElementTree.tostring(drawn(figure), "unicode")


def test_no_text_of_the_data_becomes_a_drawing() -> None:
    evil = '</text><script>"x"</script>'
    for figure in (
        drawing.bars(evil, [Bar(evil, 1.0, evil)]),
        drawing.columns(evil, [Point(evil, 1.0)], lambda _: evil),
        drawing.intervals(evil, [Interval(evil, 1.0, 0.0, 2.0, True)], lambda _: evil),
    ):
        assert "<script" not in figure
        drawn(figure)


def test_a_long_word_is_cut_by_the_size_of_its_letters() -> None:
    assert cut("short", 100) == "short"
    assert cut("a" * 20, 10.5 * drawing.NARROW) == "a" * 9 + "…"
    assert len(cut("画" * 20, 100)) < len(cut("a" * 20, 100))


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [(0.25, "0.25", "0.25"), (950, "950", "950"), (1500, "1.5 k", "1,500"),
     (1_500_000, "1.5 m", "150 万"), (-2_000_000_000, "-2 bn", "-20 亿")],
)  # fmt: skip
def test_numbers_of_an_axis_are_short(value: float, english: str, chinese: str) -> None:
    assert (Words("en").short(value), Words("zh").short(value)) == (english, chinese)


@pytest.mark.parametrize(
    ("value", "before", "text"),
    [(110.0, 100.0, "▲ +10.0 %"), (90.0, 100.0, "▼ -10.0 %"), (5.0, 5.0, "="), (0.0, 0.0, "="),
     (10_001.0, 10_000.0, "▲ +0.0 %"), (5.0, 0.0, "–"), (5.0, None, "–"), (None, None, "–")],
)  # fmt: skip
def test_a_change_has_a_sign_that_needs_no_colour(
    value: float | None, before: float | None, text: str
) -> None:
    assert Figure("f", "count", value, before).change_text == text


def luminance(colour: str) -> float:
    """The relative luminance of a colour, by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_letters_and_marks_stand_out_from_white_and_from_the_darkest_shade() -> None:
    style = STYLE.read_text("utf-8") + markup.STYLE
    letters = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", style)) - {"#ffffff"}
    assert len(letters) > 4
    for colour in letters | {drawing.INK, drawing.BLUE, drawing.GREY}:
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5, colour
    darkest = luminance("#6ea0d6") + 0.05
    assert darkest / (luminance("#16202b") + 0.05) >= 4.5
    assert "rgb(110,160,214)" in markup._shade(1)


# Builds that lack something.


def published(folder: Path, *statements: str) -> Path:
    """A published file with what the statements make."""
    file = folder / "portrait.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create schema marts; create schema quality;"
            " create table quality.build_info as select 'b1' as build_id,"
            " date '2026-06-30' as as_of_date, 'CNY' as currency, 'Asia/Shanghai' as timezone"
        )
        for statement in statements:
            connection.execute(statement)
    return file


def report_of(file: Path, before: Path | None = None) -> str:
    target = file.with_name("report.html")
    write_report(file, before, target)
    return target.read_text("utf-8")


NOTHING = (
    "first_build", "no_orders", "nobody_bought", "no_customers", "no_migration", "no_funnel",
    "nothing_sold", "nobody_won", "no_attribution", "no_campaigns", "no_quality",
)  # fmt: skip


def test_a_build_without_any_table_says_what_is_missing(tmp_path: Path) -> None:
    page = report_of(published(tmp_path))
    for words in (Words("en"), Words("zh")):
        for key in NOTHING:
            assert words(key) in page, key
    assert not re.search(r">\s*(None|nan)\b", page)


@pytest.mark.parametrize("damage", ["no database", "another version"])
def test_a_build_before_that_cannot_be_read_stops_nothing(tmp_path: Path, damage: str) -> None:
    before = tmp_path / "before.duckdb"
    if damage == "no database":
        before.write_text("no database", "utf-8")
    else:
        with duckdb.connect(str(before)) as connection:
            connection.execute(
                "create schema quality; create table quality.build_info as select 'b0' as build_id"
            )
    page = report_of(published(tmp_path), before)
    assert Words("en")("before_unreadable") in page
    assert Words("en")("first_build") not in page


def test_what_somebody_wrote_into_a_file_is_not_in_the_report(tmp_path: Path) -> None:
    """A broken line may hold an address in any column, also in one that counts words."""
    page = report_of(
        published(
            tmp_path,
            "create table quality.reconciliation as select *, null::decimal(38, 4) as amount_local,"
            " null::decimal(38, 4) as amount from (values ('rows_of_files', 'shop', 'orders',"
            f" 'landed', 10), ('doubtful', 'shop', 'orders', 'unmapped_status: {SECRET}', 3))"
            " as rows(topic, system, subject, bucket, rows_count)",
            "create table quality.rejected_rows as select 'shop' as system, 'orders' as table_name,"
            f" 'rejected' as rejected_as, 'unmapped_status: {SECRET}' as reason,"
            f" date '2026-06-30' as load_date, '{SECRET}' as raw_row",
            "create table quality.unreadable_values as select 'shop' as system, 'orders' as"
            " table_name, 'phone' as column_name, 'invalid' as reason, 2 as rows_count,"
            f" '{SECRET}' as written_value",
            "create table quality.unknown_words as select 'shop' as system, 'orders' as table_name,"
            f" 'status' as column_name, '{SECRET}' as word, 3 as rows_count",
        )
    )
    assert SECRET not in page
    words = Words("en")
    assert words("unreadable_in", column="phone", reason="invalid") in page
    assert words("unknown_words_in", column="status", count=1) in page
    assert f">{words.value('unmapped_status')}</td>" in page


def test_a_group_of_few_customers_tells_nothing_of_their_worth(tmp_path: Path) -> None:
    page = report_of(
        published(
            tmp_path,
            "create table marts.customer_portrait as select 'c' || i as customer_id,"
            " case when i < 4 then 'Champions' else 'Loyal' end as rfm_segment,"
            " 'active' as lifecycle_stage, 'top' as value_tier, 'low' as churn_risk_band,"
            " 1 as paid_orders_count, false as is_repeat, 777.25 as monetary_amount,"
            " 100.0 as lifetime_value_amount, 0.5 as churn_probability, 3 as recency_days"
            " from range(9) as r(i)",
        )
    )
    few = re.search(r"<td>Champions</td>(.*?)</tr>", page)
    many = re.search(r"<td>Loyal</td>(.*?)</tr>", page)
    assert few and many
    assert "3,109" not in few[1]
    assert few[1].count("–") == 3
    assert "3,886 CNY" in many[1]


def test_amounts_of_another_currency_are_not_compared(tmp_path: Path) -> None:
    sales = (
        "create table marts.rpt_kpis_daily as select date '2026-06-30' as date_day,"
        " 10.0 as gross_amount, 9.0 as net_amount, 8.0 as realised_amount, {orders} as"
        " orders_count, 2 as paid_orders_count, 2 as valued_paid_orders_count,"
        " 8.0 as paid_net_amount, 5 as active_customers_30d_count"
    )
    (tmp_path / "before").mkdir()
    before = published(
        tmp_path / "before",
        sales.format(orders=3),
        "update quality.build_info set build_id = 'b0', currency = 'EUR',"
        " as_of_date = date '2026-05-31'",
    )
    now = tmp_path / "now"
    now.mkdir()
    kpis = sales.format(orders=7)
    # What the figures of 30 days and of months ask for besides.
    more = ", ".join(
        f"0 as {name}"
        for name in ("realised_by_day_amount", "new_customers_count", "registrations_count",
                     "sessions_count", "sessions_with_order_count")
    )  # fmt: skip
    page = report_of(
        published(
            now, f"{kpis}, {more}",
            "create table marts.rpt_cohort_retention (activity_month date,"
            " retained_customers_count bigint, cohort_month date, month_number integer,"
            " cohort_customers_count bigint, is_complete boolean)",
        ),
        before,
    )  # fmt: skip
    words = Words("en")
    assert words("other_currency", currency="EUR") in page
    assert words("compared_with", build="b0", date=date(2026, 5, 31)) in page
    row = re.search(r"<td>Orders</td>(.*?)</tr>", page)
    assert row and re.findall(r">([^<]+)</td>", row[1]) == ["3", "7", "+4", "▲ +133.3 %"]
    row = re.search(r"<td>Gross revenue</td>(.*?)</tr>", page)
    assert row and re.findall(r">([^<]+)</td>", row[1]) == ["–", "10.00 CNY", "–", "–"]
