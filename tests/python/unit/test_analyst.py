"""The analyst file: only what the allow-list names, with pseudonyms that join."""

import hmac

import duckdb
import pytest

from portrait.errors import PortraitError
from portrait.publishing.analyst import allowed_tables, coarse_name, write_analyst_file

KEY = "a key of the tests"


def model(name, analyst, columns=None, **more):
    """A model's node; analyst: its columns by the word that tags them."""
    tagged = {
        column: {"config": {"meta": {"analyst": word}}}
        for word, names in analyst.items()
        for column in names
    }
    for column, node in (columns or {}).items():
        meta = tagged.setdefault(column, {"config": {"meta": {}}})["config"]["meta"]
        meta |= node.get("config", {}).get("meta", {})
        tagged[column]["meta"] = node.get("meta", {})
    return {
        f"model.portrait.{name}": {
            "resource_type": "model",
            "name": name,
            "schema": "marts",
            "config": {"meta": {}},
            "columns": tagged,
            **more,
        }
    }


def manifest(*models):
    return {"nodes": {key: node for nodes in models for key, node in nodes.items()}}


CUSTOMERS = model(
    "dim_customers",
    {"keep": ["country"], "pseudonym": ["customer_id"], "year": ["birth_date"]},
    {
        "birth_date": {"config": {"meta": {"personal": True}}},
        "full_name": {"meta": {"personal": True}},
    },
)
ORDERS = model(
    "fct_orders",
    {"keep": ["net_amount"], "pseudonym": ["customer_id"], "month": ["ordered_at"]},
)


@pytest.fixture
def portrait(tmp_path):
    path = tmp_path / "portrait.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.dim_customers as
            select * from (values
                ('shop:1', 'Wang Secret', date '1980-05-06', 'CN'),
                ('shop:2', 'Li Hidden', null, 'DE')
            ) as t(customer_id, full_name, birth_date, country);
            create table marts.fct_orders as
            select * from (values
                ('o1', 'shop:1', 10.50::decimal(18, 4), timestamp '2026-06-30 23:59:00'),
                ('o2', 'shop:1', 1.00::decimal(18, 4), timestamp '2026-06-01 00:00:00'),
                ('o3', null, 2.00::decimal(18, 4), null)
            ) as t(order_id, customer_id, net_amount, ordered_at);
            create table marts.not_listed as select 1 as x;
            """
        )
    return path


def read(path, sql):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def expected(value, key=KEY):
    return "p_" + hmac.new(key.encode(), value.encode(), "sha256").hexdigest()[:32]


def test_only_listed_columns_are_written(portrait, tmp_path):
    target = tmp_path / "analyst.duckdb"
    assert write_analyst_file(portrait, target, allowed_tables(manifest(CUSTOMERS, ORDERS)), KEY)
    assert read(
        target,
        "select table_name, column_name, data_type from duckdb_columns() "
        "where not internal order by table_name, column_index",
    ) == [
        ("dim_customers", "customer_id", "VARCHAR"),
        ("dim_customers", "birth_year", "INTEGER"),
        ("dim_customers", "country", "VARCHAR"),
        ("fct_orders", "customer_id", "VARCHAR"),
        ("fct_orders", "net_amount", "DECIMAL(18,4)"),
        ("fct_orders", "ordered_month", "DATE"),
    ]
    assert read(target, "select birth_year, country from marts.dim_customers order by country") == [
        (1980, "CN"),
        (None, "DE"),
    ]
    for leak in (b"Secret", b"Hidden", b"shop:1", KEY.encode()):
        assert leak not in target.read_bytes()


def test_pseudonyms_are_keyed_hashes_that_join(portrait, tmp_path):
    target = tmp_path / "analyst.duckdb"
    write_analyst_file(portrait, target, allowed_tables(manifest(CUSTOMERS, ORDERS)), KEY)
    assert read(
        target,
        "select customer_id, sum(net_amount) from marts.fct_orders "
        "join marts.dim_customers using (customer_id) group by all",
    ) == [(expected("shop:1"), 11.5)]
    assert read(target, "select count(*) from marts.fct_orders where customer_id is null") == [(1,)]


@pytest.mark.parametrize("key", ["k", "k" * 64, "k" * 65, "schlüssel 密钥 " * 20])
def test_a_key_of_any_length_gives_the_standard_hmac(portrait, tmp_path, key):
    target = tmp_path / "analyst.duckdb"
    write_analyst_file(portrait, target, allowed_tables(manifest(CUSTOMERS)), key)
    assert set(read(target, "select customer_id from marts.dim_customers")) == {
        (expected("shop:1", key),),
        (expected("shop:2", key),),
    }


def test_without_a_key_pseudonyms_join_in_the_file_and_with_no_other(portrait, tmp_path):
    tables = allowed_tables(manifest(CUSTOMERS, ORDERS))
    pseudonyms = []
    for name in ("one", "two"):
        target = tmp_path / f"{name}.duckdb"
        assert not write_analyst_file(portrait, target, tables, "")
        pseudonyms.append(
            read(
                target,
                "select distinct customer_id from marts.fct_orders "
                "semi join marts.dim_customers using (customer_id)",
            )
        )
    assert len(pseudonyms[0]) == 1
    assert pseudonyms[0] != pseudonyms[1]


def test_numbers_are_pseudonymised_as_their_text(tmp_path):
    portrait = tmp_path / "portrait.duckdb"
    with duckdb.connect(str(portrait)) as connection:
        connection.execute("create schema marts; create table marts.t as select 7::bigint as id")
    target = tmp_path / "analyst.duckdb"
    write_analyst_file(
        portrait, target, allowed_tables(manifest(model("t", {"pseudonym": ["id"]}))), KEY
    )
    assert read(target, "select id from marts.t") == [(expected("7"),)]


@pytest.mark.parametrize(
    "tag", [{"config": {"meta": {"personal": True}}}, {"meta": {"personal": True}}]
)
def test_keeping_personal_data_is_refused(tag):
    kept = model("dim_customers", {"keep": ["country", "email"]}, {"email": tag})
    with pytest.raises(PortraitError, match=r"dim_customers\.email.*keeps.*personal"):
        allowed_tables(manifest(kept))


@pytest.mark.parametrize("word", ["hash", "", None, True, ["keep"]])
def test_an_unknown_word_is_refused(word):
    node = model("t", {"keep": ["b"]}, {"a": {"config": {"meta": {"analyst": word}}}})
    with pytest.raises(PortraitError, match=r"t\.a: meta\.analyst is one of keep"):
        allowed_tables(manifest(node))


def test_a_list_on_the_model_is_refused():
    node = model("t", {}, config={"meta": {"analyst": {"keep": ["a"]}}})
    with pytest.raises(PortraitError, match="stands on a column"):
        allowed_tables(manifest(node))


def test_a_listed_column_or_table_that_does_not_exist_is_refused(portrait, tmp_path):
    for name, node in (
        ("column", model("dim_customers", {"keep": ["shoe_size"]})),
        ("table", model("dim_shoes", {"keep": ["shoe_size"]})),
    ):
        with pytest.raises(PortraitError, match=r"marts\.dim_"):
            write_analyst_file(
                portrait, tmp_path / f"{name}.duckdb", allowed_tables(manifest(node)), KEY
            )


def test_comments_come_with_the_columns(portrait, tmp_path):
    with duckdb.connect(str(portrait)) as connection:
        connection.execute(
            """
            comment on table marts.dim_customers is 'One row per customer; "it''s" one.';
            comment on column marts.dim_customers.birth_date is 'Day of birth.';
            comment on column marts.dim_customers.country is 'Two letters,
            ISO''s code.';
            comment on column marts.dim_customers.full_name is 'Not to be seen.';
            """
        )
    target = tmp_path / "analyst.duckdb"
    write_analyst_file(portrait, target, allowed_tables(manifest(CUSTOMERS)), KEY)
    assert read(target, "select comment from duckdb_tables()") == [
        ("""One row per customer; "it's" one.""",)
    ]
    assert read(target, "select comment from duckdb_columns() where not internal") == [
        (None,),
        ("Day of birth. Here its year.",),
        ("Two letters,\n            ISO's code.",),
    ]


def test_rows_of_a_condition_alone_are_written(portrait, tmp_path):
    """A tag of the income is a row: a list of columns alone would let it through."""
    (key,) = ORDERS
    own = {**ORDERS[key], "config": {"meta": {"analyst_rows": "net_amount < 10"}}}
    target = tmp_path / "analyst.duckdb"
    write_analyst_file(portrait, target, allowed_tables(manifest({key: own})), KEY)
    assert read(target, "select net_amount from marts.fct_orders order by all") == [(1,), (2,)]


def test_models_without_a_tag_are_left_out():
    plain = {"model.portrait.x": {"resource_type": "model", "name": "x", "config": {"meta": {}}}}
    assert allowed_tables(manifest(plain)) == []


def test_coarse_names():
    assert coarse_name("birth_date", "year") == "birth_year"
    assert coarse_name("first_seen_at", "month") == "first_seen_month"
    assert coarse_name("day", "year") == "day_year"
