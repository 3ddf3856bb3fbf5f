"""The expectation suites: health passes, a planted fault in each layer fails, no person shows."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from expectations_fixture import CONTRACT, PROJECT, execute, settings_for, write_build

from portrait.build.outcomes import expectation_outcomes
from portrait.contract import Column, Table
from portrait.errors import PortraitError
from portrait.expectations import Check, CheckResult, run_checks
from portrait.expectations.config import read_measures, read_rules
from portrait.expectations.connection import open_reader
from portrait.expectations.landing import plan_landing
from portrait.expectations.limits import read_thresholds
from portrait.expectations.measures import plan_marts, plan_staging
from portrait.expectations.patterns import EXAMPLES, PATTERNS, pattern_of
from portrait.expectations.suites import Plan

PLANTED = "planted-7f3a91"


def by_name(result: CheckResult) -> dict[tuple[str, str], Check]:
    return {(check.table, check.name): check for check in result.checks}


def texts_below(folder: Path) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in folder.rglob("*") if file.is_file()]


# A whole run -------------------------------------------------------------------------------------


def test_a_healthy_build_passes_and_leaves_pages_that_open_offline(tmp_path, capfd, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    work = write_build(tmp_path / "work")
    previous = write_build(tmp_path / "previous") / "portrait.duckdb"
    docs = tmp_path / "docs"
    (docs / "validations").mkdir(parents=True)
    (docs / "validations" / "stale.html").write_text("of an earlier run")

    result = run_checks(settings_for(tmp_path), CONTRACT, work, docs, previous)

    assert [check for check in result.checks if check.status == "failed"] == []
    assert result.success
    assert result.passed + result.warned + result.failed + result.skipped == len(result.checks)
    checks = by_name(result)
    assert len(checks) == len(result.checks)
    assert {check.layer for check in result.checks if check.status == "passed"} == {
        "landing",
        "staging",
        "marts",
    }
    assert all(
        check.sentence and check.observed and check.reason and check.owner
        for check in checks.values()
    )
    # No row of these tables was delivered: skipped, and it says so.
    for key in (
        ("raw_shop.payments", "key_is_distinct"),
        ("base_shop__payments", "rejected_share_pct"),
    ):
        assert checks[key].status == "skipped"
        assert "no rows" in checks[key].observed
    assert checks["dim_customers", "customers_change"].observed == "+0.0 % (from 120 to 120)"

    pages = [page.relative_to(docs).as_posix() for page in docs.rglob("*.html")]
    assert result.docs_index == docs / "index.html"
    assert len(pages) == 1 + len(
        {check.table for check in result.checks if check.status == "passed"}
    )
    index = result.docs_index.read_text(encoding="utf-8")
    for page in re.findall('href="(.+?)"', index):
        assert page in pages
    assert "no rows were delivered" in index
    for text in texts_below(docs):
        assert not re.search(r"https?:|src=|<script|<link|@import|url\(", text)
    assert len(json.loads((docs / "checks.json").read_text(encoding="utf-8"))) == len(result.checks)

    # Nothing is said, nothing else is written, and the files are free again.
    assert capfd.readouterr() == ("", "")
    assert list(elsewhere.iterdir()) == []
    execute(work / "build.duckdb", "create table main.free as select 1 as one")


def test_a_fault_in_each_layer_fails_and_no_planted_value_shows(tmp_path):
    work = write_build(tmp_path / "work")
    previous = write_build(tmp_path / "previous") / "portrait.duckdb"
    execute(
        work / "build.duckdb",
        f"update raw_shop.customers set birth_date = '{PLANTED}', email = '{PLANTED}@example.org'",
        f"update raw_shop.customers set customer_id = '　{PLANTED} ' where _row > 10",
        "update raw_shop.orders set order_id = ' 　' where _row % 4 = 0",
        "alter table raw_shop.orders drop column currency",
        "update staging.base_shop__orders set row_status = 'rejected' where _row % 5 = 0",
        f"update staging.base_shop__customers set phone = '{PLANTED}'",
    )
    execute(
        work / "portrait.duckdb",
        "delete from marts.dim_customers where customer_id like 'c1%'",
        f"update marts.dim_customers set occupation = '{PLANTED}' where customer_id like 'c2%'",
        "update marts.fct_orders set realised_amount = realised_amount * 100",
        "update marts.customer_segments set rfm_segment = 'Lost' where rfm_segment = 'Champions'",
        "update marts.customer_segments set occupation_group = 'other'",
        "update marts.customer_behavior_30d set orders_30d_count = 0",
    )
    docs = tmp_path / "docs"

    result = run_checks(settings_for(tmp_path), CONTRACT, work, docs, previous)

    assert not result.success
    assert {(check.layer, check.table, check.name) for check in result.failures} == {
        ("landing", "raw_shop.customers", "birth_date_reads_as_date"),
        ("landing", "raw_shop.customers", "key_is_distinct"),
        ("landing", "raw_shop.orders", "columns"),
        ("landing", "raw_shop.orders", "order_id_is_filled"),
        ("staging", "base_shop__orders", "rejected_share_pct"),
        ("marts", "dim_customers", "customers_change"),
        ("marts", "fct_orders", "realised_amount_change"),
        ("marts", "customer_behavior_30d", "active_share_pct"),
        ("marts", "customer_segments", "share_of_champions_change"),
        ("marts", "customer_segments", "share_of_lost_change"),
    }
    assert {(check.layer, check.table, check.name) for check in result.warnings} == {
        ("staging", "base_shop__customers", "commonest_phone_share_pct"),
        ("marts", "customer_segments", "unmapped_occupation_share_pct"),
    }
    assert all(check.mend for check in result.warnings)
    # Words of a personal column are counted and never shown.
    occupations = by_name(result)["customer_segments", "unmapped_occupation_share_pct"]
    assert occupations.observed == "100 (2 words in 89 rows)"
    checks = by_name(result)
    assert checks["raw_shop.customers", "birth_date_reads_as_date"].failures == 120
    assert (
        checks["raw_shop.customers", "birth_date_reads_as_date"].observed
        == "120 of 120 values do not"
    )
    assert checks["raw_shop.orders", "order_id_is_filled"].observed == "100 of 400 rows have none"
    assert checks["raw_shop.orders", "columns"].observed == "missing: currency"
    assert checks["base_shop__orders", "rejected_share_pct"].observed == "20"
    assert checks["dim_customers", "customers_change"].observed == "-25.8 % (from 120 to 89)"

    index = (docs / "index.html").read_text(encoding="utf-8")
    assert "120 of 120 values do not" in index
    assert texts_below(docs)
    for text in texts_below(docs):
        assert PLANTED not in text


# Landing -----------------------------------------------------------------------------------------

EVENTS = Table(
    "app",
    "raw_app",
    "events",
    ("event_id",),
    None,
    (
        Column("event_id", "text", required=True),
        Column("points", "decimal"),
        Column("note", "text"),
    ),
)


def plan_of(tmp_path: Path, rows: list[tuple[str | None, str | None]]) -> Plan:
    """What the landing suite would do with these rows of (event_id, points)."""
    work = tmp_path / "work"
    work.mkdir()
    execute(
        work / "build.duckdb",
        "create schema raw_app",
        "create table raw_app.events "
        "(event_id varchar, points varchar, note varchar, "
        "_file varchar, _row bigint, _load_date date, "
        "_instance varchar, _is_deleted varchar, _delivery varchar)",
    )
    execute(work / "portrait.duckdb", "create schema marts")
    with duckdb.connect(str(work / "build.duckdb")) as build:
        for event_id, points in rows:
            build.execute(
                "insert into raw_app.events by name select ? as event_id, ? as points",
                [event_id, points],
            )
    plan = Plan()
    with open_reader(work, None) as reader:
        rules = read_rules(PROJECT / "expectations" / "landing.yml")
        plan_landing(reader.connection, [EVENTS], rules, plan)
    return plan


@pytest.mark.parametrize(("rows", "share"), [(3, 0.3333), (7, 0.7142), (20, 0.9), (1000, 0.9)])
def test_two_bad_values_fail_no_small_table(tmp_path, rows, share):
    plan = plan_of(tmp_path, [(str(i), "1") for i in range(rows)])
    shares = {
        expectation.check.name: expectation.arguments["min_value"]
        for suite in plan.suites
        for expectation in suite.expectations
    }
    assert shares == {
        "columns": 1,
        "event_id_is_filled": share,
        "points_reads_as_decimal": share,
        "key_is_distinct": 0.2,
    }


def test_columns_without_values_and_tables_of_two_rows_are_skipped(tmp_path):
    plan = plan_of(tmp_path, [("1", " 　\t"), ("2", None)])
    assert {check.name: check.observed for check in plan.skipped} == {
        "event_id_is_filled": "2 values are too few to tell",
        "points_reads_as_decimal": "no values were delivered",
    }


LEGAL = {
    "decimal": [
        "0",
        "-12.50",
        "+3",
        "1,234,567.8",
        "１，２３４．５",
        "－５",
        ".5",
        "5.",
        "1e-7",
        "1E+3",
    ],
    "rate": ["7.1234", "０．１４", "7,1234"],
    "date": [
        "2026-06-30",
        "2026/6/1",
        "2026.6.1",
        "20260630",
        "2026年6月30日",
        "２０２６／６／３０",
        "2026-06-30 00:00:00",
    ],
    "timestamp": [
        "2026-06-30",
        "2026-06-30 12:00",
        "2026/6/30 9:05:07",
        "2026-06-30T12:00:00Z",
        "2026-06-30T12:00:00.123456+08:00",
        "2026-06-30 12:00:00 +0800",
        "2026-06-30 12:00:00+08",
        "2026年6月30日 12:00:00",
        "２０２６－０６－３０　１２：００：００",
        "2026-06-30 12:00:00 UTC",
        "2026-06-30T12:00:00+02:00[Europe/Berlin]",
        "20260630T120000Z",
        "20260630120000",
        "1782792000",
        "1782792000123",
        "Tue, 30 Jun 2026 12:00:00 GMT",
    ],
    "boolean": ["true", "F", "YES", "n", "1", "0", "是", "否", "Subscribed"],
    "currency": ["CNY", "usd", "ＥＵＲ", "€", "US$"],
}
ILLEGAL = {
    "decimal": ["abc", "1-2", "2026-06-30", "twelve 12", "12 pieces"],
    "rate": ["n/a"],
    "date": ["30.06.2026", "06/30/2026", "June 30", "2026-06-30 12:00:00", "26-06-30", "46203.5"],
    "timestamp": [
        "30/06/2026 12:00",
        "12:00",
        "2026-06",
        "yesterday",
        "1782792000000.0x",
        "178279200",
    ],
    "boolean": ["2", "maybe", "真的"],
    "currency": ["¥", "RMB.", "Yuan", "12"],
}


@pytest.mark.parametrize("data_type", PATTERNS)
def test_patterns_tell_what_reads_as_a_type(data_type):
    examples = re.split(r",? or |, ", EXAMPLES[data_type])
    words = {
        "boolean": ["t", "yes", "y", "1", "是", "f", "no", "n", "0", "否", "subscribed"],
        "currency": ["€", "us$"],
    }

    def matches(text: str) -> bool:
        # The operator that great-expectations writes, in the engine that runs it.
        return duckdb.execute(
            "select ? ~ ?", [text, pattern_of(data_type, words.get(data_type, ()))]
        ).fetchone()[0]

    assert [text for text in [*examples, *LEGAL[data_type]] if not matches(text)] == []
    assert [text for text in ILLEGAL[data_type] if matches(text)] == []


# Drift -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    return write_build(tmp_path_factory.mktemp("finished"))


def skipped_drift(
    work: Path, settings, previous: Path | None, accept_drift: bool = False
) -> set[str]:
    """Why the drift of the marts was skipped, where all of it was; else nothing."""
    config = read_measures(PROJECT / "expectations" / "marts.yml")
    plan = Plan()
    with open_reader(work, previous) as reader:
        plan_marts(reader.connection, config, settings, previous is not None, accept_drift, plan)
    names = {measure.name for measures in config.drift.values() for measure in measures}
    skipped = {check.name: check.observed for check in plan.skipped if check.name in names}
    return set(skipped.values()) if skipped.keys() == names else set()


def test_drift_is_measured_against_the_previous_build(finished):
    assert skipped_drift(finished, settings_for(finished), finished / "portrait.duckdb") == set()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"currency": "EUR"}, "the previous build reports in CNY"),
        ({"timezone": "UTC"}, "the previous build has the business time zone Asia/Shanghai"),
        ({"raw": Path("other")}, "the previous build was made from other raw files (raw)"),
    ],
)
def test_drift_is_skipped_where_builds_cannot_be_compared(finished, change, why):
    settings = replace(settings_for(finished), **change)
    assert skipped_drift(finished, settings, finished / "portrait.duckdb") == {why}


def test_drift_is_skipped_without_a_previous_build_and_where_it_was_accepted(finished):
    settings, previous = settings_for(finished), finished / "portrait.duckdb"
    assert skipped_drift(finished, settings, None) == {"there is no earlier published build"}
    assert skipped_drift(finished, settings, previous, accept_drift=True) == {
        "the drift was accepted for this build"
    }


def test_drift_is_skipped_for_an_earlier_as_of_date(tmp_path):
    work = write_build(tmp_path / "work")
    later = write_build(tmp_path / "later") / "portrait.duckdb"
    execute(later, "update quality.build_info set as_of_date = date '2026-07-31'")
    assert skipped_drift(work, settings_for(tmp_path), later) == {
        "the previous build is for a later as-of date (2026-07-31)"
    }


def test_segments_may_move_where_the_companys_own_seeds_changed(tmp_path):
    """Their drift is skipped, with the file that changed; that of orders and money is not."""
    work = write_build(tmp_path / "work")
    previous = write_build(tmp_path / "previous") / "portrait.duckdb"
    execute(
        work / "portrait.duckdb",
        "update marts.customer_segments set rfm_segment = 'Lost' where rfm_segment = 'Champions'",
        "create table quality.configuration_files as select 'seeds/rfm_segment_map.csv' as file,"
        " 'rfm_segment_map' as subject, 'abc' as sha256"
        " union all select 'expectations.yml', 'expectations', 'def'",
    )
    result = run_checks(settings_for(tmp_path), CONTRACT, work, tmp_path / "docs", previous)
    checks = by_name(result)
    assert result.success
    assert checks["customer_segments", "share_of_lost_change"].observed == (
        "the company's own seeds changed (config/seeds/rfm_segment_map.csv)"
    )
    assert checks["fct_orders", "realised_amount_change"].status == "passed"


def test_an_emptied_mart_is_drift(tmp_path):
    work = write_build(tmp_path / "work")
    previous = write_build(tmp_path / "previous") / "portrait.duckdb"
    execute(work / "portrait.duckdb", "delete from marts.fct_orders")
    config = read_measures(PROJECT / "expectations" / "marts.yml")
    plan = Plan()
    with open_reader(work, previous) as reader:
        plan_marts(reader.connection, config, settings_for(tmp_path), True, False, plan)
        (orders,) = reader.connection.execute(
            "select orders_change from marts_fct_orders"
        ).fetchone()
        (money,) = reader.connection.execute(
            "select realised_amount_change from marts_fct_orders"
        ).fetchone()
    assert (orders, money) == (-100, -100)


# What warns --------------------------------------------------------------------------------------


def test_what_leaves_the_figures_right_warns_with_the_words_and_what_to_do(tmp_path):
    work = write_build(tmp_path / "work")
    execute(
        work / "build.duckdb",
        """
        insert into staging.base_app__events by name
        select 'accepted' as row_status, 'app/events.csv' as _file, 'e' || i as event_id,
            case when i % 3 > 0 then 'addtocart' else 'view' end as event_type, 'c1' as customer_id
        from range(120) as t (i)
        """,
    )
    result = run_checks(settings_for(tmp_path), CONTRACT, work, tmp_path / "docs")
    assert result.success
    (warning,) = result.warnings
    assert warning.name == "known_event_share_pct"
    assert warning.observed == "0 (2 words in 120 rows: 'addtocart' (80), 'view' (40))"
    index = result.docs_index.read_text(encoding="utf-8")
    assert "No expectation failed, 1 warn" in index
    assert html.escape(warning.mend, quote=True).replace("&#x27;", "&#39;") in index

    (outcome,) = [one for one in expectation_outcomes(result) if one.status == "warn"]
    assert (outcome.severity, outcome.is_failure) == ("warn", False)
    assert outcome.row()["message"] == f"{warning.observed}. {warning.mend}"


def test_rows_that_contradict_the_row_in_use_warn(tmp_path):
    """However few they are, and in whichever table."""
    work = write_build(tmp_path / "work")
    execute(
        work / "build.duckdb",
        """
        insert into staging.base_shop__orders by name
        select 'superseded' as row_status, 'shop/orders.csv' as _file, 'o1' as order_id,
            'equal_version' as doubt
        """,
    )
    result = run_checks(settings_for(tmp_path), CONTRACT, work, tmp_path / "docs")
    assert result.success
    (warning,) = result.warnings
    assert (warning.table, warning.name) == ("base_shop__orders", "contradicted_rows")
    assert warning.observed == "1"
    assert "quality.doubtful_versions" in warning.mend


def test_kinds_of_points_and_answers_that_the_contract_does_not_know_are_named(tmp_path):
    work = write_build(tmp_path / "work")
    execute(
        work / "build.duckdb",
        *(
            f"insert into staging.base_crm__{table} by name select 'accepted' as row_status,"
            f" '{table}.csv' as _file, 'e' || i as {key}, '{word}' as kind from range(30) as t (i)"
            for table, key, word in (
                ("loyalty_points", "entry_id", "消费"),
                ("surveys", "survey_id", "Zufriedenheit"),
            )
        ),
    )
    result = run_checks(settings_for(tmp_path), CONTRACT, work, tmp_path / "docs")
    assert {(one.table, one.name, one.observed) for one in result.warnings} == {
        (
            "base_crm__loyalty_points",
            "unknown_kind_share_pct",
            "100 (1 word in 30 rows: '消费' (30))",
        ),
        (
            "base_crm__surveys",
            "unknown_kind_share_pct",
            "100 (1 word in 30 rows: 'Zufriedenheit' (30))",
        ),
    }


def test_amounts_that_are_nowhere_warn_and_amounts_that_are_lost_stop(tmp_path):
    """A log without money is right; a wrong sign, or a price column that came in part, is not."""

    def missed(change: str) -> set[tuple[str, str]]:
        work = write_build(tmp_path / str(len(list(tmp_path.iterdir()))))
        execute(work / "portrait.duckdb", f"update marts.fct_orders set {change}")
        checks = run_checks(settings_for(tmp_path), CONTRACT, work, tmp_path / "docs").checks
        return {(c.name, c.status) for c in checks if c.status in ("warned", "failed")}

    without = {("sales_without_amount_share_pct", "warned")}
    assert missed("net_amount = 0, gross_amount = 0, discount_amount = 0") == without
    assert missed("net_amount = null, gross_amount = null, discount_amount = null") == without
    assert ("average_order_value_amount", "failed") in missed("net_amount = -net_amount")


@pytest.mark.parametrize(("orders", "is_measured"), [(400, True), (0, False)])
def test_payments_without_orders_stop_only_where_there_are_orders(tmp_path, orders, is_measured):
    work = write_build(tmp_path / "work", orders=orders)
    execute(
        work / "build.duckdb",
        "insert into staging.base_shop__payments by name select 'accepted' as row_status,"
        " 'shop/payments.csv' as _file, 'p' || i as payment_id from range(30) as t (i)",
    )
    plan = Plan()
    with open_reader(work, None) as reader:
        config = read_thresholds(PROJECT).staging
        plan_staging(reader.connection, CONTRACT, config, plan)
    skipped = {(check.table, check.name) for check in plan.skipped}
    assert (("base_shop__payments", "without_order_share_pct") not in skipped) == is_measured


def test_words_of_personal_columns_are_never_shown():
    """Each query of words that reads a column tagged as personal says so."""
    personal = {column.name for table in CONTRACT for column in table.columns if column.personal}
    # A contact's `kind` of relationship is personal, a point's is not.
    personal -= {"kind"}
    thresholds = read_thresholds(PROJECT)
    measures = [
        measure
        for config in (thresholds.staging, thresholds.marts)
        for of_table in config.tables.values()
        for measure in of_table
        if measure.words
    ]
    assert len(measures) >= 5
    for measure in measures:
        shown = re.match(r"\s*select (.*?), count", measure.words)[1]
        is_personal = bool(set(re.findall(r"\w+", shown)) & personal)
        assert is_personal == measure.words_are_personal, measure.name


# Faults of the threshold files -------------------------------------------------------------------

MEASURE = {
    "name": "n",
    "says": "s",
    "measure": "count(*)",
    "at_least": 1,
    "owner": "o",
    "reason": "r",
}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"tables": {"t": [{**MEASURE, "owner": ""}]}}, "t: n has no 'owner'"),
        ({"tables": {"t": [{**MEASURE, "reason": None}]}}, "t: n has no 'reason'"),
        ({"tables": {"t": [{**MEASURE, "at_lest": 2}]}}, "unknown key at_lest"),
        ({"tables": {"t": [{**MEASURE, "at_least": "many"}]}}, "'many' is no number"),
        ({"tables": {"t": [MEASURE, MEASURE]}}, "names n twice"),
        ({"tables": {"t": [{**MEASURE, "severity": "warn"}]}}, "t: n warns and has no 'mend'"),
        ({"tables": {"t": [{**MEASURE, "severity": "hint"}]}}, "severity is error or warn"),
        ({"tables": {"t": [{**MEASURE, "change": "percent"}]}}, "belongs to drift"),
        ({"drift": {"t": [MEASURE]}}, "belongs to drift"),
        ({"tables": [MEASURE]}, "expected names under 'tables'"),
        (
            {"tables": {"t": [{k: v for k, v in MEASURE.items() if k != "at_least"}]}},
            "neither 'at_least'",
        ),
    ],
)
def test_a_faulty_threshold_file_is_named(tmp_path, content, message):
    path = tmp_path / "staging.yml"
    path.write_text(json.dumps(content))
    with pytest.raises(PortraitError, match=re.escape(message)) as error:
        read_measures(path)
    assert "staging.yml" in str(error.value)


def test_a_measure_that_cannot_be_computed_is_named(finished, tmp_path):
    path = tmp_path / "staging.yml"
    path.write_text(
        json.dumps(
            {"every_table": [MEASURE, {**MEASURE, "name": "bad", "measure": "sum(nothing)"}]}
        )
    )
    with (
        open_reader(finished, None) as reader,
        pytest.raises(PortraitError, match="bad cannot be measured"),
    ):
        plan_staging(reader.connection, CONTRACT, read_measures(path), Plan())


def test_a_table_that_the_contract_does_not_know_is_named(finished, tmp_path):
    path = tmp_path / "staging.yml"
    path.write_text(json.dumps({"tables": {"base_shop__oders": [MEASURE]}}))
    with (
        open_reader(finished, None) as reader,
        pytest.raises(PortraitError, match="base_shop__oders"),
    ):
        plan_staging(reader.connection, CONTRACT, read_measures(path), Plan())


def test_a_missing_build_is_one_sentence(tmp_path):
    with pytest.raises(PortraitError, match=r"There is no .*build\.duckdb: run `portrait land`"):
        run_checks(settings_for(tmp_path), CONTRACT, tmp_path, tmp_path / "docs")


def test_the_page_says_of_each_expectation_whether_it_stops_or_warns():
    page = (PROJECT / "docs" / "checks.md").read_text(encoding="utf-8")
    said = {
        (name, miss)
        for names, miss in re.findall(r"\| (`[^|]+`) \| (stops|warns) \|", page)
        for name in re.findall(r"`(\w+)`", names)
    }
    thresholds = read_thresholds(PROJECT)
    measures = list(thresholds.staging.every_table)
    for config in (thresholds.staging, thresholds.marts):
        measures += [measure for of_table in config.tables.values() for measure in of_table]
    kinds = {"error": "stops", "warn": "warns"}
    assert said == {(measure.name, kinds[measure.severity]) for measure in measures} | {
        (rule, "stops") for rule in thresholds.rules
    }
    drift = [measure for of_table in thresholds.marts.drift.values() for measure in of_table]
    assert all(one.name.endswith("_change") and one.severity == "error" for one in drift)
