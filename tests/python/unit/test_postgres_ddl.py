"""The statements that make a published table in PostgreSQL, and its rows as COPY takes them."""

from __future__ import annotations

import duckdb
import pytest
import yaml
from builds import PROJECT

from portrait.errors import PortraitError
from portrait.publishing.postgres_ddl import (
    Column,
    Keys,
    Reference,
    Table,
    analyst_keys,
    comments,
    create_table,
    foreign_keys,
    key_statements,
    model_keys,
    postgres_type,
    read_keys,
    require_short_names,
    require_types,
    rows_query,
)

SCHEMAS = {"marts": "new_marts"}


def table(name: str, *columns: Column | str, comment: str | None = None) -> Table:
    """A table of the schema marts; columns without a type are texts."""
    made = (Column(one, "VARCHAR") if isinstance(one, str) else one for one in columns)
    return Table("marts", name, tuple(made), comment)


def keys_of(text: str) -> Keys:
    """The keys of a model as its YAML says it."""
    return model_keys(yaml.safe_load(text))


def test_types_keep_precision_and_unknown_ones_are_named() -> None:
    assert postgres_type("DECIMAL(38,4)") == "numeric(38, 4)"
    assert postgres_type("TIMESTAMP") == "timestamp"
    assert postgres_type("VARCHAR[]") is None
    odd = table("t", Column("a", "VARCHAR[]"), "b", Column("c", "INTERVAL"))
    with pytest.raises(PortraitError, match=r"marts\.t\.a \(VARCHAR\[\]\), marts\.t\.c \(INTER"):
        require_types([odd])


def test_a_table_is_created_with_quoted_names_and_its_nulls() -> None:
    made = table("orders", Column('the "id"', "BIGINT", is_required=True), Column("at", "DATE"))
    assert create_table(made, "new_marts") == (
        'create table "new_marts"."orders" ("the ""id""" bigint not null, "at" date)'
    )


def test_comments_are_quoted_and_left_out_where_there_is_none() -> None:
    made = table("t", Column("a", "VARCHAR", comment="It's one."), "b", comment="One row per a.")
    assert comments(made, "s") == [
        """comment on table "s"."t" is 'One row per a.'""",
        """comment on column "s"."t"."a" is 'It''s one.'""",
    ]


def test_names_are_measured_in_bytes_and_all_long_ones_named() -> None:
    require_short_names([table("t" * 63, "列" * 21)])
    long_table, long_column = "t" * 64, "列" * 22
    with pytest.raises(PortraitError) as refused:
        require_short_names([table(long_table), table("t", "a.b", long_column)])
    assert f"marts.{long_table}, marts.t.{long_column}. " in str(refused.value)


def test_keys_are_what_a_test_proves() -> None:
    proven = """
        name: fct_orders
        config: {meta: {key: [order_id], analyst_rows: not is_personal}}
        data_tests: [key_is_unique: {name: x}]
        columns:
          - name: order_id
            config: {meta: {analyst: pseudonym}}
          - {name: number, data_tests: [unique]}
          - name: customer_id
            data_tests:
              - relationships: {arguments: {to: ref('dim_customers'), field: customer_id}}
    """
    assert keys_of(proven) == Keys(
        ("order_id",),
        ("number",),
        (Reference("customer_id", "dim_customers", "customer_id"),),
        {"order_id": "pseudonym"},
        is_filtered=True,
    )


def test_a_test_of_some_rows_or_one_that_warns_proves_no_key() -> None:
    unproven = """
        name: t
        config: {meta: {key: [a]}}
        columns:
          - name: a
            data_tests:
              - unique: {config: {severity: warn}}
              - relationships:
                  arguments: {to: ref('u'), field: a}
                  config: {where: a > 0}
    """
    assert keys_of(unproven) == Keys()


def test_a_reference_has_an_index_unless_a_key_begins_with_it() -> None:
    keys = Keys(
        ("customer_id", "rank"),
        ("code",),
        tuple(Reference(name, "u", name) for name in ("customer_id", "rank", "code", "gone")),
    )
    assert key_statements(table("t", "customer_id", "rank", "code"), "s", keys) == [
        'alter table "s"."t" add primary key ("customer_id", "rank")',
        'alter table "s"."t" add unique ("code")',
        'create index on "s"."t" ("rank")',
    ]
    # A build of another version has fewer columns: what is there is a part of a key only.
    assert key_statements(table("t", "customer_id"), "s", keys) == [
        'create index on "s"."t" ("customer_id")'
    ]


def test_a_foreign_key_leads_to_a_key_of_a_copied_table() -> None:
    keys = {
        "lines": Keys(
            references=(
                Reference("order_id", "orders", "order_id"),
                Reference("sale_id", "lines", "line_id"),
                Reference("day", "orders", "day"),
                Reference("code", "seed", "code"),
                Reference("absent", "orders", "order_id"),
            )
        ),
        "orders": Keys(key=("order_id",)),
    }
    tables = {
        "lines": table("lines", "line_id", "order_id", "sale_id", "day", "code"),
        "orders": table("orders", "order_id", "day"),
    }
    assert foreign_keys(tables["lines"], SCHEMAS, tables, keys) == [
        'alter table "new_marts"."lines" add foreign key ("order_id") '
        'references "new_marts"."orders" ("order_id")'
    ]
    keys["lines"] = Keys(("line_id",), references=keys["lines"].references[1:2])
    assert foreign_keys(tables["lines"], SCHEMAS, tables, keys) == [
        'alter table "new_marts"."lines" add foreign key ("sale_id") '
        'references "new_marts"."lines" ("line_id")'
    ]


def test_analysts_have_the_keys_that_pseudonyms_keep() -> None:
    keys = {
        "people": Keys(("id", "day"), ("mail",), analyst={"id": "pseudonym", "day": "month"}),
        "orders": Keys(
            ("order",),
            ("number",),
            (
                Reference("id", "people", "id"),
                Reference("plain_id", "people", "id"),
                Reference("tag", "tags", "tag"),
                Reference("stage", "a_seed", "stage"),
            ),
            {
                "order": "pseudonym", "number": "keep", "id": "pseudonym", "plain_id": "keep",
                "tag": "keep", "stage": "keep",
            },
        ),
        "tags": Keys(("tag",), analyst={"tag": "keep"}, is_filtered=True),
    }  # fmt: skip
    told = analyst_keys(keys)
    assert told["people"] == Keys()
    assert told["tags"] == Keys(("tag",))
    assert told["orders"] == Keys(("order",), ("number",), (Reference("id", "people", "id"),))


def test_the_models_of_the_project_are_read() -> None:
    names = ("dim_customers", "fct_order_lines", "customer_tags", "no_model")
    keys = read_keys(PROJECT, [*map(table, names), Table("quality", "rejected_rows", ())])
    assert set(keys) == {*names[:3], "rejected_rows"}
    assert keys["dim_customers"].key == ("customer_id",)
    assert Reference("order_id", "fct_orders", "order_id") in keys["fct_order_lines"].references
    assert keys["customer_tags"].is_filtered


def test_rows_are_lines_that_copy_reads_back() -> None:
    odd = table("t", "text", Column("n", "DECIMAL(38,4)"), Column("f", "DOUBLE"),
                Column("is_so", "BOOLEAN"), Column("at", "TIMESTAMP"))  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.t as select 'a' || chr(9) || 'b\\c' || chr(10) || chr(13) as text, "
            "12.5::decimal(38, 4) as n, 0.1::double as f, true as is_so, "
            "timestamp '2026-06-30 23:59:00.5' as at union all select '', null, 'nan', null, null "
            "union all select '\\N', 0, 'inf', false, null"
        )
        rows = connection.execute(rows_query(odd)).fetchall()
    assert rows == [
        (r"a\tb\\c\n\r" + "\t12.5000\t0.1\ttrue\t2026-06-30 23:59:00.5",),
        ("\t\\N\tnan\t\\N\t\\N",),
        ("\\\\N\t0.0000\tinf\tfalse\t\\N",),
    ]
