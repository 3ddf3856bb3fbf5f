"""The report of the published sample: its numbers are those of the marts, and it names nobody."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from portrait.reading.words import Words
from portrait.report.page import write_report

# In both languages, of the whole year of the sample.
MOST_BYTES = 300_000
# What a report without these tables must say.
WITHOUT = {
    "rpt_kpis_daily": ["no_orders"],
    "customer_portrait": ["no_customers"],
    "customer_rfm": ["nobody_bought"],
    "rpt_segment_migration": ["no_migration"],
    "rpt_cohort_retention": ["nobody_bought"],
    "rpt_funnel": ["no_funnel"],
    "rpt_channel_sales_daily": ["nothing_sold"],
    "rpt_acquisition_channels": ["nobody_won"],
    "rpt_attribution": ["no_attribution"],
    "rpt_campaign_performance": ["no_campaigns"],
}
ASKED = [*WITHOUT, "customer_behavior_30d"]


class Page(HTMLParser):
    """The page of one language: its tables by name, its tiles, headings, and ids."""

    def __init__(self, text: str, language: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.headings: list[tuple[int, str]] = []
        self.tiles: dict[str, str] = {}
        self.text = text[text.index(f'<main class="{language}"') :].partition("</main>")[0]
        self._name, self._kind, self._label = "", "", ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if told.get("role") == "region":
            self._name = told.get("aria-label") or ""
            assert self._name not in self.tables
            self.tables[self._name] = []
        elif tag == "tr":
            self.tables[self._name].append([])
        elif tag in ("td", "th"):
            self.tables[self._name][-1].append("")
            self._kind = "cell"
        elif tag in ("h1", "h2", "h3"):
            self.headings.append((int(tag[1]), ""))
            self._kind = "heading"
        elif tag == "div":
            self._kind = (told.get("class") or "").partition(" ")[0]

    def handle_endtag(self, tag: str) -> None:
        self._kind = ""

    def handle_data(self, data: str) -> None:
        match self._kind:
            case "cell":
                self.tables[self._name][-1][-1] += data
            case "heading":
                level, text = self.headings[-1]
                self.headings[-1] = (level, text + data)
            case "label":
                self._label = data
            case "figure":
                self.tiles.setdefault(self._label, data)

    def column(self, table: str, heading: str) -> list[str]:
        """The cells of a column."""
        head, *body = self.tables[table]
        return [row[head.index(heading)] for row in body]


def number(text: str) -> float:
    """The number that a cell or tile begins with."""
    return float(text.partition(" ")[0].replace(",", ""))


@pytest.fixture(scope="module")
def text(published_sample: Path) -> str:
    return (published_sample / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text, "en")


@pytest.fixture(scope="module")
def connection(published_sample: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True)


def row_of(connection: duckdb.DuckDBPyConnection, sql: str) -> list[float]:
    (row,) = connection.execute(sql).fetchall()
    return [float(value) for value in row]


# The numbers.


def test_the_key_figures_are_those_of_the_facts(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    orders = row_of(
        connection,
        "select sum(gross_amount), sum(net_amount), sum(realised_amount),"
        " count(*) filter (where order_type <> 'return'),"
        " count(*) filter (where is_paid and order_type <> 'return') from marts.fct_orders",
    )
    names = ("Gross revenue", "Net revenue", "Realised revenue", "Orders", "Paid orders")
    assert [number(page.tiles[name]) for name in names] == [round(value) for value in orders]
    people = row_of(
        connection,
        "select (select count(*) from marts.dim_customers),"
        " count(*) filter (where frequency > 0), 100 * count(*) filter (where frequency > 1)"
        " / count(*) filter (where frequency > 0) from marts.customer_rfm",
    )
    found = [number(page.tiles[name]) for name in ("Customers", "Buyers", "Repeat rate")]
    assert found == pytest.approx(people, abs=0.05)
    (active,) = row_of(
        connection,
        "select count(*) from marts.customer_behavior_30d where active_days_30d_count > 0",
    )
    assert number(page.tiles["Active customers, 30 days"]) == active


def test_the_months_are_those_of_the_orders(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    months = connection.execute(
        "select strftime(ordered_date, '%Y-%m'), round(sum(realised_amount)),"
        " count(*) filter (where order_type <> 'return'), count(distinct customer_id)"
        " filter (where is_paid and order_type <> 'return')"
        " from marts.fct_orders group by all order by all"
    ).fetchall()
    columns = [page.column("By month", name) for name in ("Month", "Orders", "Buyers")]
    assert list(zip(*columns, strict=True)) == [
        (month, str(orders), str(buyers)) for month, _, orders, buyers in months
    ]
    realised = [number(one) for one in page.column("By month", "Realised revenue")]
    assert realised == pytest.approx([float(amount) for _, amount, *_ in months], abs=1)


@pytest.mark.parametrize(
    ("table", "column"),
    [("RFM segment", "rfm_segment"), ("Lifecycle stage", "lifecycle_stage"),
     ("Value tier", "value_tier")],
)  # fmt: skip
def test_the_groups_are_those_of_the_segments(
    page: Page, connection: duckdb.DuckDBPyConnection, table: str, column: str
) -> None:
    counts = connection.execute(
        f"select {column}, count(*) from marts.customer_segments group by all"
    ).fetchall()
    words = Words("en")
    found = zip(page.column(table, table), page.column(table, "Customers"), strict=True)
    assert {name: number(count) for name, count in found} == {
        words.value(name): count for name, count in counts
    }


def test_the_maps_add_up_to_the_customers(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    def cells(name: str) -> float:
        return sum(number(one) for row in page.tables[name][1:] for one in row[1:] if one)

    (buyers, customers) = row_of(
        connection,
        "select count(*) filter (where frequency > 0), count(*) from marts.customer_rfm",
    )
    assert cells("Recency and frequency") == buyers
    assert cells("Migration") == customers


def test_a_cohort_is_shown_as_the_mart_has_it(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    cohorts = connection.execute(
        "select strftime(cohort_month, '%Y-%m'), sum(cohort_customers_count)"
        " filter (where month_number = 0), printf('%.0f %%', 100.0"
        " * sum(retained_customers_count) filter (where month_number = 1)"
        " / sum(cohort_customers_count) filter (where month_number = 1))"
        " from marts.rpt_cohort_retention where is_complete or month_number = 0"
        " group by all order by all"
    ).fetchall()
    assert [row[:2] for row in page.tables["Cohorts"][1:]] == [
        [f"{month} ({size})", share or ""] for month, size, share in cohorts
    ]


def test_the_funnel_and_the_channels_are_those_of_the_marts(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    steps = connection.execute(
        "select funnel_customers_count from marts.rpt_funnel where segment = 'all'"
        " order by channel = 'all' desc, channel, step_number"
    ).fetchall()
    assert [number(one) for one in page.column("Funnel", "After all steps before")] == [
        count for (count,) in steps
    ]
    (sold,) = row_of(
        connection,
        "select sum(realised_amount) from marts.fct_orders"
        " where ordered_date > (select as_of_date - 30 from quality.build_info)",
    )
    amounts = page.column("Sold in the last 30 days", "Realised revenue")
    assert sum(number(one) for one in amounts) == pytest.approx(sold, abs=len(amounts))


def test_the_lifts_are_those_that_were_measured(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    lifts = connection.execute(
        "select printf('%+.1f', response_lift_points), coalesce(replace(response_unjudged_reason,"
        " '_', ' '), case when is_response_lift_sure then 'yes' else 'no' end)"
        " from marts.rpt_campaign_performance"
        " where scheme = 'everybody' and response_lift_points is not null"
    ).fetchall()
    table = "Lift against the hold-out"
    shown = page.column(table, "Lift of the response, points")
    assert sorted(shown) == sorted(lift for lift, _ in lifts)
    # What few people did is shown, and not judged.
    judged = page.column(table, "Sure")
    assert sorted(judged) == sorted(judgement for _, judgement in lifts)
    assert "too few" in judged


def test_what_was_rejected_and_reconciled_is_that_of_the_quality_tables(
    page: Page, connection: duckdb.DuckDBPyConnection
) -> None:
    (rejected,) = row_of(connection, "select count(*) from quality.rejected_rows")
    assert number(page.tiles["Rows rejected"]) == rejected
    for table in (
        "Reconciliation: where the rows went",
        "Reconciliation: what became of the net amount of all orders",
    ):
        lost = page.column(table, "Not accounted for")
        assert len(lost) > 2
        assert {number(one) for one in lost} == {0}
    (net,) = row_of(connection, "select sum(net_amount) from marts.fct_orders")
    assert sum(
        number(one)
        for one in page.column("Reconciliation: what became of the net amount of all orders", "Net")
    ) == pytest.approx(net, abs=0.05)


# The page.


def test_the_page_names_nobody(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(
        "select distinct value from (unpivot (select customer_id, full_name, email, phone, address,"
        " loyalty_number, platform_id, cast(birth_date as varchar) as birth_date"
        " from marts.dim_customers) on columns(*)) where length(value) > 1"
        " union select distinct record_id from marts.bridge_customer_identities"
        " union select distinct order_id from marts.fct_orders"
    ).fetchall()
    assert len(found) > 10_000
    assert not [value for (value,) in found if value in text]


def test_the_page_asks_for_nothing_and_runs_nothing(text: str) -> None:
    assert "Content-Security-Policy\" content=\"default-src 'none'" in text
    for asked in ("<script", r"\w+://", r"\bsrc=", r"url\(", "@import", "javascript:", r" on\w+="):
        assert not re.search(asked, text), asked
    assert len(text.encode()) < MOST_BYTES


def test_both_languages_say_the_same(text: str, page: Page) -> None:
    chinese = Page(text, "zh")
    assert [level for level, _ in chinese.headings] == [level for level, _ in page.headings]
    assert [len(rows) for rows in chinese.tables.values()] == [
        len(rows) for rows in page.tables.values()
    ]
    figures = [
        [re.findall(r"[\d,.]+", one) for one in each.tiles.values()] for each in (page, chinese)
    ]
    assert figures[0] == figures[1]
    assert all(re.search("[\u4e00-\u9fff]", title) for _, title in chinese.headings)
    # One of them is shown, without a script.
    assert text.count(" checked>") == 1
    assert "#say-en:checked ~ main.en, #say-zh:checked ~ main.zh {display: block;}" in text


def test_headings_descend_and_links_lead_somewhere(text: str, page: Page) -> None:
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_a_table_stands_beside_every_chart(page: Page) -> None:
    for section in page.text.split("<section ")[1:]:
        charts = section.count("<svg ")
        assert not charts or section.rindex("<svg ") < section.rindex("<table")
    assert page.text.count("<svg ") == page.text.count('role="img"') > 15


# Other companies.


def without(published_sample: Path, folder: Path, tables: list[str]) -> Path:
    """A published file with the columns of the sample, and no row in these tables."""
    file = folder / "portrait.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"attach '{published_sample}/portrait.duckdb' as sample (read_only)")
        connection.execute("create schema marts; create schema quality")
        for table in ASKED:
            rows = "limit 0" if table in tables else ""
            connection.execute(
                f"create table marts.{table} as select * from sample.marts.{table} {rows}"
            )
        for table in ("build_info", "reconciliation", "rejected_rows", "unreadable_values",
                      "test_results", "unknown_words"):  # fmt: skip
            connection.execute(
                f"create table quality.{table} as select * from sample.quality.{table}"
            )
    return file


@pytest.mark.parametrize("tables", [[name] for name in WITHOUT] + [list(WITHOUT)])
def test_what_a_company_does_not_have_is_said(
    published_sample: Path, tmp_path: Path, tables: list[str]
) -> None:
    target = tmp_path / "report.html"
    write_report(without(published_sample, tmp_path, tables), None, target)
    text = target.read_text("utf-8")
    said = {key for table in tables for key in WITHOUT[table]}
    everything = {key for keys in WITHOUT.values() for key in keys}
    for language in ("en", "zh"):
        words, page = Words(language), Page(text, language)
        assert {key for key in everything if words(key) in page.text} == said
        assert not re.search(r">\s*(None|nan|-?inf)\b", page.text)


def test_a_company_without_amounts_still_has_a_report(
    published_sample: Path, tmp_path: Path
) -> None:
    file = without(published_sample, tmp_path, ["rpt_attribution"])
    with duckdb.connect(str(file)) as connection:
        for table in ("rpt_kpis_daily", "rpt_channel_sales_daily"):
            amounts = connection.execute(
                "select column_name from information_schema.columns"
                " where table_name = ? and column_name like '%amount'", [table]
            ).fetchall()  # fmt: skip
            zeros = ", ".join(f"{name} = 0" for (name,) in amounts)
            connection.execute(f"update marts.{table} set {zeros}")
        connection.execute(
            "update marts.customer_portrait set monetary_amount = 0, lifetime_value_amount = null"
        )
    target = tmp_path / "report.html"
    write_report(file, None, target)
    page = Page(target.read_text("utf-8"), "en")
    assert Words("en")("no_amounts") in page.text
    assert number(page.tiles["Orders"]) > 1000
    assert "nan" not in page.text


def test_the_same_build_once_more_changed_nothing(published_sample: Path, tmp_path: Path) -> None:
    file = published_sample / "portrait.duckdb"
    target = tmp_path / "report.html"
    write_report(file, file, target)
    page = Page(target.read_text("utf-8"), "en")
    assert Words("en")("nothing_changed") in page.text
    assert not [name for name in page.tables if name.startswith("What changed")]


def test_a_change_stands_beside_what_was_before(
    published_sample: Path, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    before = without(published_sample, tmp_path, [])
    with duckdb.connect(str(before)) as writer:
        writer.execute("delete from marts.customer_portrait where rfm_segment = 'Lost'")
        writer.execute("update quality.build_info set build_id = 'b0'")
    target = tmp_path / "report.html"
    write_report(published_sample / "portrait.duckdb", before, target)
    page = Page(target.read_text("utf-8"), "en")
    (lost, everybody) = row_of(
        connection,
        "select count(*) filter (where rfm_segment = 'Lost'), count(*)"
        " from marts.customer_portrait",
    )
    rows = {row[0]: row for row in page.tables["What changed: Figure"]}
    assert [number(one) for one in rows["Customers"][1:4]] == [everybody - lost, everybody, lost]
    assert rows["Orders"][3:] == ["0", "="]
    rows = {row[0]: row for row in page.tables["What changed: RFM segment"]}
    assert rows["Lost"][1:] == ["0", f"{lost:.0f}", f"+{lost:.0f}", "–"]
    assert rows["Champions"][3:] == ["0", "="]


def test_the_summary_of_the_build_names_the_report(sample_warehouse: Path) -> None:
    printed = (sample_warehouse / "printed.txt").read_text("utf-8")
    assert "report.html: the figures of this build as one page" in printed
