"""The app on the published sample: what its pages show, hide, and write."""

from __future__ import annotations

import inspect
import re
import shutil
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import app_environment
import duckdb
import pytest
import yaml
from builds import PROJECT, SAMPLE

from portrait.app.audience_draft import MOST_TRAITS, Draft, preview, read_grammar
from portrait.app.queries import audiences, customers, identity
from portrait.publishing.audience_size import size_of
from portrait.reading.queries import campaigns, overview, quality, segments
from portrait.settings import Settings

# What is asked without values.
WHOLE = [
    (module, name)
    for module in (audiences, campaigns, customers, identity, overview, quality, segments)
    for name, one in inspect.getmembers(module, inspect.isfunction)
    if one.__module__ == module.__name__
    and not name.startswith("_")
    and list(inspect.signature(one).parameters) == ["connection"]
]
# Nothing in the sample.
EMPTY = {"warnings", "tags_to_look_at"}
# A page never loads a whole mart.
MOST_ROWS = 1000


@pytest.fixture
def connection(published_sample: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True)


@pytest.fixture
def customer(connection: duckdb.DuckDBPyConnection) -> str:
    """Somebody with several records, orders and visits."""
    (row,) = connection.execute(
        "select customer_id from marts.customer_portrait"
        " order by records_count desc, monetary_amount desc, customer_id limit 1"
    ).fetchall()
    return str(row[0])


@pytest.mark.parametrize(("module", "name"), WHOLE, ids=[name for _, name in WHOLE])
def test_every_question_has_a_short_answer(
    connection: duckdb.DuckDBPyConnection, module: ModuleType, name: str
) -> None:
    answer = getattr(module, name)(connection)
    assert len(answer) < MOST_ROWS
    assert bool(answer) != (name in EMPTY)


def test_every_question_about_a_customer_has_an_answer(
    connection: duckdb.DuckDBPyConnection, customer: str
) -> None:
    for ask in (
        customers.golden_record, customers.provenance, customers.portrait, customers.timeline,
        customers.tags, customers.recommendations, customers.records, customers.edges,
    ):  # fmt: skip
        assert ask(connection, customer), ask.__name__
    kinds = {one["kind"] for one in customers.timeline(connection, customer)}
    assert {"order", "visit"} <= kinds


def test_what_is_asked_of_a_case_is_about_both_records(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    kind = identity.kinds(connection)[0]
    cases = identity.queue(connection, kind["review_type"], 0)
    assert len(cases) == min(identity.PAGE, kind["cases_count"])
    other_page = identity.queue(connection, kind["review_type"], 1)
    assert not {one["review_id"] for one in cases} & {one["review_id"] for one in other_page}
    record, other = cases[0]["record_id"], cases[0]["other_record_id"]
    assert identity.record(connection, record)["customer_id"]
    held = identity.identifiers(connection, record, other)
    assert {one["is_of_one"] for one in held} | {one["is_of_other"] for one in held} == {
        True,
        False,
    }


def test_a_value_that_a_record_no_longer_has_is_marked(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    ((record, earlier),) = connection.execute(
        "select record_id, count(*) from marts.identity_identifiers where is_superseded"
        " group by record_id order by record_id limit 1"
    ).fetchall()
    ((other,),) = connection.execute(
        "select min(record_id) from marts.identity_identifiers where record_id not in"
        " (select record_id from marts.identity_identifiers where is_superseded)"
    ).fetchall()
    shown = identity.identifiers(connection, record, other)
    assert sum(one["is_earlier_of_one"] for one in shown) == earlier > 0
    assert not any(one["is_earlier_of_other"] for one in shown)
    assert all(one["is_of_one"] for one in shown if one["is_earlier_of_one"])


@pytest.mark.parametrize("table", ["customer_tags", "customer_attribute_sources"])
def test_the_rows_of_a_customer_lie_together(
    connection: duckdb.DuckDBPyConnection, table: str
) -> None:
    """In a table of millions of rows, a customer's page reads one part."""
    (found,) = connection.execute(
        "select count(*) from (select customer_id,"
        f" lag(customer_id) over (order by rowid) as before_id from marts.{table})"
        " where customer_id < before_id"
    ).fetchall()
    assert found == (0,)


def test_groups_add_up_to_all_customers(connection: duckdb.DuckDBPyConnection) -> None:
    everybody = overview.totals(connection)["customers_count"]
    for scheme in segments.SCHEMES:
        found = segments.groups(connection, scheme)
        assert sum(row["customers_count"] for row in found) == everybody


def test_the_figures_are_those_of_the_daily_table(connection: duckdb.DuckDBPyConnection) -> None:
    found = {one.name: one.value for one in overview.figures(connection)}
    (row,) = connection.execute(
        "select sum(paid_orders_count), sum(realised_by_day_amount) from marts.rpt_kpis_daily"
        " where date_day > (select as_of_date - 30 from quality.build_info)"
    ).fetchall()
    assert (found["paid_orders_count"], found["realised_by_day_amount"]) == tuple(map(float, row))


@pytest.mark.parametrize(
    "draft",
    [
        Draft("tried", "T", "o", tags=["CONS_ORDER_REPEAT_EVER"], not_in=["unhappy_customers"]),
        Draft("tried", "T", "o", any_tags=["CONS_VALUE_TIER_TOP", "CONS_VALUE_TIER_HIGH"]),
    ],
    ids=["without another", "any"],
)  # fmt: skip
def test_a_draft_is_as_large_as_the_command_line_says(
    connection: duckdb.DuckDBPyConnection, published_sample: Path, tmp_path: Path, draft: Draft
) -> None:
    path = tmp_path / "tried.yml"
    path.write_text(draft.yaml(), "utf-8")
    settings = Settings(project=PROJECT, raw=SAMPLE, warehouse=published_sample.parent)
    told = size_of(settings, published_sample / "portrait.duckdb", path)
    grammar = read_grammar(PROJECT, settings.config_folder)
    found = preview(connection, grammar.compiled("tried", draft.yaml()), "tried")
    assert found.size == told
    assert 0 < told.members < told.customers
    assert found.profile and found.overlap


def test_the_profile_and_overlap_of_a_draft_are_those_of_the_build(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """A shipped audience put through the form's way gives the numbers that the marts have."""
    grammar = read_grammar(PROJECT, PROJECT / "no such folder")
    text = grammar.files["discount_buyers"].text
    found = preview(connection, grammar.compiled("discount_buyers", text), "discount_buyers")
    marts = dict(
        connection.execute(
            "select tag_code, share_pct / 100 from marts.rpt_audience_profiles"
            " where audience = 'discount_buyers' and is_surely_different"
            " and share_pct > everybody_share_pct"
            " order by lower_share_pct - everybody_share_pct desc, tag_code limit ?",
            [MOST_TRAITS],
        ).fetchall()
    )
    assert [one["tag_code"] for one in found.profile] == list(marts)
    for one in found.profile:
        assert one["share"] == pytest.approx(marts[one["tag_code"]])
    shared = dict(
        connection.execute(
            "select case when audience = 'discount_buyers' then other_audience else audience end,"
            " shared_members_count from marts.audience_overlap where 'discount_buyers' in"
            " (audience, other_audience) and shared_members_count > 0"
        ).fetchall()
    )
    assert {one["audience"]: one["shared_count"] for one in found.overlap} == shared


# With Streamlit.


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw folder of its own, in whose configuration the app may write."""
    app_environment.require("streamlit", "app-env")
    return tmp_path_factory.mktemp("raw")


@pytest.fixture
def drive(raw: Path, published_sample: Path) -> Any:
    def driven(*told: str, **settings: str) -> dict[str, Any]:
        return app_environment.run(
            "drive", *told, raw=raw, warehouse=published_sample.parent, **settings
        )

    return driven


def personal_values(connection: duckdb.DuckDBPyConnection, customer: str) -> list[str]:
    """What must not be seen of a customer."""
    (row,) = connection.execute(
        "select full_name, email, phone, cast(birth_date as varchar), address, loyalty_number"
        " from marts.dim_customers where customer_id = ?",
        [customer],
    ).fetchall()
    return [value for value in row if value]


def test_every_page_shows_something_and_nothing_personal(
    drive: Any, connection: duckdb.DuckDBPyConnection, customer: str
) -> None:
    values = personal_values(connection, customer)
    found = drive("pages", customer)
    assert len(found) == 14
    for name, page in found.items():
        assert not page["exceptions"] + page["errors"] + page["warnings"], name
        assert len(page["html"]) > 500, name
        said = str(page)
        assert not [value for value in values if value in said], name
    assert found["customer en"]["charts"] == 2
    assert found["overview en"]["title"] == ["Overview"]
    assert found["overview zh"]["title"] == ["总览"]
    (case, *_) = identity.queue(connection, identity.kinds(connection)[0]["review_type"], 0)
    assert case["question"] in found["identity en"]["html"]
    assert case["question_zh"] in found["identity zh"]["html"]
    # Export writes addresses, so that it is off.
    assert not found["audiences en"]["buttons"]


def test_personal_data_are_shown_where_a_setting_allows_it(
    drive: Any, connection: duckdb.DuckDBPyConnection, customer: str
) -> None:
    said = str(drive("customer", customer, app_personal="show")["customer"])
    values = personal_values(connection, customer)
    assert len(values) >= 5
    assert not [value for value in values if value not in said]


def test_the_address_of_a_customer_may_name_a_record(
    drive: Any, connection: duckdb.DuckDBPyConnection, customer: str
) -> None:
    record = customers.records(connection, customer)[0]["record_id"]
    page = drive("customer", record)["customer"]
    assert page["title"] == ["Customer"]
    assert f"Customer {customer}" in page["html"]
    nobody = drive("customer", "shop:nobody")["customer"]
    assert "Nobody is known as shop:nobody" in nobody["warnings"][0]


def test_the_language_is_switched_and_kept_in_the_address(drive: Any) -> None:
    found = drive("languages")
    assert found["before"]["title"] == ["Overview"]
    assert found["after"]["title"] == ["总览"]
    assert found["after"]["headings"][0] == "最近 30 天"
    assert found["address"]["lang"] == ["zh"] or found["address"]["lang"] == "zh"
    assert drive("customer", "x", app_language="zh")["customer"]["title"] == ["客户"]


def test_an_audience_is_saved_as_the_project_reads_it(
    drive: Any, raw: Path, published_sample: Path
) -> None:
    page = drive("audience")["audience"]
    assert not page["exceptions"] + page["errors"]
    path = raw / "config" / "audiences" / "new_audience.yml"
    assert page["code"][0].strip() == path.read_text("utf-8").strip()
    settings = Settings(project=PROJECT, raw=raw, warehouse=published_sample.parent)
    size = size_of(settings, published_sample / "portrait.duckdb", path)
    assert size.members > 0
    assert f'<div class="figure">{size.members:,}</div>' in page["html"]
    assert f'<div class="figure">{size.holdout:,}</div>' in page["html"]
    # A second time it is not replaced unasked.
    assert "is there already" in drive("audience")["audience"]["errors"][0]


def test_each_kind_of_condition_is_chosen_in_the_form(
    published_sample: Path, tmp_path: Path
) -> None:
    """Rows, measures, relations and `not` and `any`: what is saved says what was chosen."""
    app_environment.require("streamlit", "app-env")
    warehouse = published_sample.parent
    found = app_environment.run("drive", "conditions", raw=tmp_path, warehouse=warehouse)
    path = tmp_path / "config" / "audiences" / "new_audience.yml"
    page = found["complete"]
    assert not page["exceptions"] + page["errors"]
    written = yaml.safe_load(path.read_text("utf-8"))
    assert (written["exclusive_group"], written["priority"]) == ("lifecycle", 15)
    assert written["conditions"] == yaml.safe_load("""
        all:
        - any:
          - order_lines:
              {measure: count, window_days: 90, where: [{column: category, is: 鞋包}]}
            at_least: 2
          - orders:
              measure: sum
              of: net_amount
              where:
              - any:
                - {column: is_paid, is: true}
                - {column: payment_method, in: [alipay, card]}
            at_least: 1
          - in_household_of:
              all:
              - {tag: CONS_VALUE_TIER_TOP}
              - not: {orders: {rows: any, window_days: 90}}
          - {audience: best_customers}
          - {column: region, is_known: false}
        """)
    settings = Settings(project=PROJECT, raw=tmp_path, warehouse=warehouse)
    size = size_of(settings, published_sample / "portrait.duckdb", path)
    assert 0 < size.members < size.matches
    assert f'<div class="figure">{size.members:,}</div>' in page["html"]
    # A condition without a value does not count yet, and says so.
    assert "选定值后，此条件才会生效。" in found["incomplete"]["html"]
    assert "payment_method" not in found["incomplete"]["code"][0]
    # What people wrote is asked for, and never listed to choose from.
    assert "鞋包" in found["categories"]
    assert found["written_by_people"] == ["value_0_tickets_0_ticket_text_is"]


def test_a_case_about_a_whole_customer_leads_to_the_customer(
    raw: Path, published_sample: Path, tmp_path: Path
) -> None:
    current = tmp_path / "current"
    current.mkdir()
    shutil.copy(published_sample / "portrait.duckdb", current)
    (current / "portrait.duckdb").chmod(0o600)
    with duckdb.connect(str(current / "portrait.duckdb")) as connection:
        connection.execute(
            "update marts.identity_review set review_type = 'thin_cluster', record_id = null,"
            " other_record_id = null"
        )
    page = app_environment.run("drive", "page", "identity", raw=raw, warehouse=tmp_path)["page"]
    assert not page["exceptions"] + page["errors"]
    assert re.fullmatch(r"c[0-9a-f]{15}", page["headings"][0])
    assert f"customer_id={page['headings'][0]}" in page["html"]


def test_a_decision_is_written_as_a_rule(drive: Any, raw: Path) -> None:
    read_only = drive("decision", app_write="no")["decision"]
    assert len(read_only["code"]) == 1
    assert not read_only["buttons"]
    page = drive("decision")["decision"]
    assert not page["exceptions"] + page["errors"]
    path = raw / "config" / "seeds" / "identity_rules.csv"
    assert path.read_text("utf-8").strip() == page["code"][0].strip()
    assert '"Called, ""same"" person",Li Na,' in page["code"][0]


def test_an_audience_is_exported_only_where_personal_data_may_be_seen(
    raw: Path, sample_warehouse: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse"
    for name in ("builds", "state"):
        shutil.copytree(sample_warehouse / name, warehouse / name)
    (warehouse / "current").symlink_to((sample_warehouse / "current").readlink())
    masked = app_environment.run("drive", "export", raw=raw, warehouse=warehouse)["after"]
    assert not masked["buttons"]
    command = "portrait audience export discount_buyers --channel mail --cap 4"
    assert command in masked["code"]
    assert not (warehouse / "exports").exists()
    found = app_environment.run(
        "drive", "export", raw=raw, warehouse=warehouse, app_personal="show"
    )["after"]
    assert not found["exceptions"] + found["errors"]
    # Beside the file of addresses lie those of who was sent to and who was held out.
    file, *others = sorted(
        (warehouse / "exports").glob("discount_buyers-mail-*.csv"), key=lambda path: len(path.name)
    )
    assert [path.stem.removeprefix(f"{file.stem}-") for path in others] == ["sent", "held-out"]
    assert str(file) in found["successes"][0]
    sent = len(file.read_text("utf-8").splitlines()) - 1
    assert f'<td>Sent</td><td class="right">{sent}</td>' in found["html"]


def test_a_new_build_is_shown_at_the_next_click(
    raw: Path, published_sample: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        folder = tmp_path / "builds" / name
        folder.mkdir(parents=True)
        shutil.copy(published_sample / "portrait.duckdb", folder)
    with duckdb.connect(str(tmp_path / "builds" / "two" / "portrait.duckdb")) as connection:
        connection.execute("update quality.build_info set build_id = '20990101T000000Z-beef'")
        connection.execute("delete from quality.rejected_rows")
    current = tmp_path / "current"
    current.symlink_to("builds/one")
    found = app_environment.run(
        "drive", "rebuilt", str(current), "builds/two", raw=raw, warehouse=tmp_path
    )
    assert "No row was rejected" not in found["before"]["html"]
    assert "20990101T000000Z-beef" in found["after"]["html"]
    assert "No row was rejected" in found["after"]["html"]


def test_without_a_build_the_app_says_what_to_do(raw: Path, tmp_path: Path) -> None:
    found = app_environment.run("drive", "customer", "c1", raw=raw, warehouse=tmp_path)["customer"]
    assert not found["exceptions"]
    assert "run `portrait build` first" in found["errors"][0]


def test_questions_are_answered_at_once(
    connection: duckdb.DuckDBPyConnection, customer: str
) -> None:
    """Milliseconds each on the sample; benchmarks/app_speed.md has those of a million customers."""
    started = time.monotonic()
    for module, name in WHOLE:
        getattr(module, name)(connection)
    customers.timeline(connection, customer)
    assert time.monotonic() - started < 5
