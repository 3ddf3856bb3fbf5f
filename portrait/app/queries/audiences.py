"""The audiences of the published build."""

import duckdb

from portrait.landing.audience_rules import FACTS
from portrait.reading.published import Row, has_mart, rows
from portrait.sql import sql_name

MOST_TRAITS = 8


def audiences(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The audiences in force."""
    if not has_mart(connection, "audiences"):
        return []
    return rows(
        connection,
        "select audience, title, description, owner, exclusive_group, priority, members_count,"
        " treated_members_count, holdout_members_count, first_date from marts.audiences"
        " where is_current order by members_count desc, audience",
    )


def traits(connection: duckdb.DuckDBPyConnection, audience: str) -> list[Row]:
    """What surely sets the members of an audience apart."""
    if not has_mart(connection, "rpt_audience_profiles"):
        return []
    return rows(
        connection,
        "select tag_code, name_en, share_pct, everybody_share_pct, index_against_all"
        " from marts.rpt_audience_profiles where audience = ? and is_surely_different"
        " and share_pct > everybody_share_pct"
        " order by lower_share_pct - everybody_share_pct desc, tag_code limit ?",
        [audience, MOST_TRAITS],
    )


def overlap(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many customers each two audiences share."""
    if not has_mart(connection, "audience_overlap"):
        return []
    return rows(
        connection,
        "select audience, other_audience, shared_members_count, both_pct, other_both_pct"
        " from marts.audience_overlap where shared_members_count > 0",
    )


def values_of(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    """The values of a text column of customer_portrait, the most frequent first.

    Raises:
        ValueError: the table has no such column.
    """
    known = connection.execute(
        "select column_name from duckdb_columns() where schema_name = 'marts'"
        " and table_name = 'customer_portrait' and data_type = 'VARCHAR' and column_name = ?",
        [column],
    ).fetchone()
    if known is None:
        raise ValueError(column)
    found = connection.execute(
        f'select "{known[0]}", count(*) as customers_count from marts.customer_portrait'
        f' where "{known[0]}" is not null group by 1 order by 2 desc, 1 limit 100'
    ).fetchall()
    return [value for value, _ in found]


def values_of_rows(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> list[str]:
    """The values of a text column of the rows of a table, the most frequent first.

    Those of the products of order lines are looked up among the products: a join of all lines takes
    seconds, where a million customers bought.

    Raises:
        ValueError: the rows have no such column.
    """
    fact = FACTS[table]
    mart = "dim_products" if column in fact.more_columns else fact.mart
    relation = connection.table(f"marts.{mart}")
    if column not in relation.columns:
        raise ValueError(column)
    counted = relation.set_alias(table).filter(f"{sql_name(column)} is not null")
    if fact.rows and mart == fact.mart:
        counted = counted.filter(fact.rows)
    found = counted.aggregate(f"{sql_name(column)} as value, count(*) as rows_count").order(
        "rows_count desc, value"
    )
    return [value for value, _ in found.limit(100).fetchall()]
