"""The dictionary of a small published file: what stands in the page, and what its search finds."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from html import unescape
from pathlib import Path

import duckdb
import pytest
from app_environment import CHROMIUM
from click.testing import CliRunner

from portrait.cli import cli
from portrait.dictionary.page import SCRIPT, write_dictionary

CUSTOMERS = """
models:
  - name: dim_customers
    config: {meta: {key: [customer_id]}}
    data_tests: [key_is_unique]
    columns:
      - name: customer_id
        config: {meta: {personal: true, analyst: pseudonym}}
      - {name: country_code, config: {meta: {analyst: keep}}}
"""
ORDERS = """
models:
  - name: fct_orders
    config: {meta: {key: [order_id]}}
    data_tests: [key_is_unique]
    columns:
      - {name: order_id, data_tests: [unique]}
      - name: customer_id
        config: {meta: {personal: true}}
        data_tests:
          - relationships: {arguments: {to: ref('dim_customers'), field: customer_id}}
      - name: net_amount
"""
TABLES = """
create schema marts;
create schema quality;
create table quality.build_info as
    select 'b1' as build_id, date '2026-06-30' as as_of_date, 'CNY' as currency,
        'Asia/Shanghai' as timezone;
create table marts.dim_customers
    (customer_id varchar not null, country_code varchar, tag_of_the_company boolean);
create table marts.fct_orders
    (order_id varchar, customer_id varchar, net_amount decimal(18, 4), own_column integer);
comment on table marts.dim_customers is 'One row per customer & household <b>not</b> "guests".';
comment on column marts.dim_customers.customer_id is
    'Id, as `c1`; </script><script>alert(1)</script>';
comment on column marts.dim_customers.country_code is 'Country of the address.';
comment on table marts.fct_orders is
    'One row per order. | Type | Meaning | |---|---| | sale | a | | return | <b> | See below.';
comment on column marts.fct_orders.order_id is 'Id of the order.';
comment on column marts.fct_orders.customer_id is 'Customer who ordered.';
comment on column marts.fct_orders.net_amount is 'Goods after discount.';
comment on column marts.fct_orders.own_column is 'A column that no translation knows.';
"""


ARTICLE = re.compile(r'<article id="([^"]+)"([^>]*)>(.*?)</article>', re.S)
ROW = re.compile(r'<tr([^>]*)><th scope="row"><code>(\w+)</code>(.*?)</tr>', re.S)


def read(text: str) -> dict[str, dict[str, str]]:
    """What is shown of each column, by table; what is said of a table stands under ""."""
    return {
        table: {"": unescape(inner.partition("<details")[0])}
        | {
            name: unescape(shown)
            for attributes, name, shown in ROW.findall(inner)
            if "hidden" not in attributes
        }
        for table, attributes, inner in ARTICLE.findall(text)
        if "hidden" not in attributes
    }


def columns(text: str) -> dict[str, list[str]]:
    """The names of the columns that are shown of each table."""
    return {table: [name for name in found if name] for table, found in read(text).items()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page about two marts, of a project that has their YAML."""
    folder = tmp_path_factory.mktemp("dictionary")
    for area, name, text in (
        ("customer", "dim_customers", CUSTOMERS),
        ("a_new_area", "fct_orders", ORDERS),
    ):
        yaml_file = folder / "models" / "marts" / area / f"{name}.yml"
        yaml_file.parent.mkdir(parents=True)
        yaml_file.write_text(text, "utf-8")
    with duckdb.connect(str(folder / "portrait.duckdb")) as connection:
        connection.execute(TABLES)
    write_dictionary(folder / "portrait.duckdb", folder, folder / "dictionary.html")
    return folder / "dictionary.html"


@pytest.fixture(scope="module")
def text(written: Path) -> str:
    return written.read_text("utf-8")


@pytest.fixture(scope="module")
def tables(text: str) -> dict[str, dict[str, str]]:
    return read(text)


def test_every_table_and_described_column_stands_there_once(text: str) -> None:
    assert columns(text) == {
        "marts.fct_orders": ["order_id", "customer_id", "net_amount", "own_column"],
        "marts.dim_customers": ["customer_id", "country_code"],
        "quality.build_info": [],
    }
    assert text.count("<article") == 3
    assert text.count('<th scope="row">') == 6
    # One of the customers' columns, and those of the builds, have no description.
    assert re.findall(r"And (\d) columns", text) == ["1", "4"]


def test_both_languages_stand_in_what_the_search_reads(tables: dict[str, dict[str, str]]) -> None:
    orders = tables["marts.fct_orders"]
    assert "订单单据" in orders[""]
    assert "One row per order." in orders[""]
    assert "净收入" in orders["net_amount"]
    assert "Goods after discount." in orders["net_amount"]
    # What has no Chinese is there all the same.
    assert "no translation" in orders["own_column"]


def test_keys_references_and_personal_data_are_shown(tables: dict[str, dict[str, str]]) -> None:
    customer = tables["marts.dim_customers"]["customer_id"]
    for said in ("varchar not null", ">key<", ">personal data<", ">analysts: pseudonym<"):
        assert said in customer
    orders = tables["marts.fct_orders"]
    assert (
        '<a href="#marts.dim_customers">→ marts.dim_customers.customer_id' in orders["customer_id"]
    )
    assert "analysts" not in orders["customer_id"]
    assert ">unique<" in orders["order_id"]
    assert "marks" not in orders["net_amount"]


def test_markup_in_a_description_is_text(text: str) -> None:
    assert "&lt;b&gt;not&lt;/b&gt; &quot;guests&quot;" in text
    assert text.count("<script>") == 1
    assert "<b>not" not in text
    assert "<code>c1</code>" in text


def test_a_table_in_a_description_is_a_table(text: str) -> None:
    assert "<tr><td>sale</td><td>a</td></tr><tr><td>return</td><td>&lt;b&gt;</td></tr>" in text
    assert "<p>See below.</p>" in text.replace("<p> ", "<p>")
    assert "|---" not in text


def test_links_lead_somewhere(text: str) -> None:
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_the_page_asks_for_nothing_and_runs_its_own_script_only(text: str) -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.read_bytes()).digest()).decode()
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    assert f"{policy}script-src 'sha256-{digest}'\"" in text

    for asked in (r"\w+://", r"\bsrc=", r"url\(", "@import", "javascript:", r" on\w+="):
        assert not re.search(asked, text), asked


def test_the_command_writes_it(tmp_path: Path, written: Path) -> None:
    current = tmp_path / "warehouse" / "builds" / "b1"
    current.mkdir(parents=True)
    (current / "portrait.duckdb").write_bytes(written.with_name("portrait.duckdb").read_bytes())
    (tmp_path / "warehouse" / "current").symlink_to(current)
    target = tmp_path / "new folder" / "page.html"
    told = ["dictionary", "--to", str(target), "--warehouse", str(tmp_path / "warehouse")]
    result = CliRunner().invoke(cli, told, catch_exceptions=False)
    assert result.exit_code == 0
    assert "marts.fct_orders" in target.read_text("utf-8")


# The script, in a browser.


def shown(written: Path, asked: str) -> str:
    """The page as Chromium has it after its script, opened with `asked` behind the #."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: apt install chromium")
    done = subprocess.run(
        [
            *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            f"--user-data-dir={written.parent / 'browser'}",
            f"{written.as_uri()}#{asked}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("discount", {"marts.fct_orders": ["net_amount"]}),
        ("净收入", {"marts.fct_orders": ["net_amount"]}),
        # One word in the table, one in the column.
        ("FCT_orders discount", {"marts.fct_orders": ["net_amount"]}),
        ("household", {"marts.dim_customers": ["customer_id", "country_code"]}),
        ("nowhere", {}),
    ],
)
def test_the_search_finds(written: Path, words: str, found: dict[str, list[str]]) -> None:
    assert columns(shown(written, f"find={words}")) == found


def test_the_language_can_be_asked_for(written: Path) -> None:
    assert '<html lang="zh-CN">' in shown(written, "lang=zh")
    opened = shown(written, "lang=en&marts.fct_orders")
    assert '<html lang="en">' in opened
    assert opened.count('<details open="">') == 1
