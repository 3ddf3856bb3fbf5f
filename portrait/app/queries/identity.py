"""The queue of the stewards, and what is known of both records of a case."""

import csv
import io
from dataclasses import astuple, dataclass, fields
from datetime import date

import duckdb

from portrait.reading.published import Row, has_mart, rows

PAGE = 25
RULES = ("never", "always")


@dataclass(frozen=True)
class Rule:
    """A decision of a steward: a line of the seed `identity_rules`, in the order of its columns."""

    rule: str
    system: str
    native_customer_id: str
    other_system: str
    other_native_customer_id: str
    reason: str
    steward: str
    decided_on: date

    @classmethod
    def about(
        cls, rule: str, record: str, other: str, reason: str, steward: str, decided_on: date
    ) -> "Rule":
        """A rule about two records, `<system>:<number>`.

        Raises:
            ValueError: it is no rule, or says not why, or who decided.
        """
        if rule not in RULES or not reason.strip() or not steward.strip():
            raise ValueError(rule)
        system, _, native = record.partition(":")
        other_system, _, other_native = other.partition(":")
        why, who = (" ".join(text.split()) for text in (reason, steward))
        return cls(rule, system, native, other_system, other_native, why, who, decided_on)

    def line(self) -> str:
        """The line as it stands in the file, quoted where it must be."""
        return _csv([str(value) for value in astuple(self)])


def header() -> str:
    """The header of the file."""
    return _csv([field.name for field in fields(Rule)])


def _csv(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue().rstrip("\n")


def kinds(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many cases of which kind wait."""
    if not has_mart(connection, "identity_review"):
        return []
    return rows(
        connection,
        "select review_type, count(*) as cases_count from marts.identity_review"
        " group by review_type order by cases_count desc, review_type",
    )


def queue(connection: duckdb.DuckDBPyConnection, kind: str, page: int) -> list[Row]:
    """A page of the queue, the most likely pairs first."""
    return rows(
        connection,
        "select review_id, review_type, customer_id, record_id, other_record_id, evidence,"
        " question, question_zh, score_levels, match_probability, records_count, pairs_count"
        " from marts.identity_review where review_type = ?"
        " order by match_probability desc nulls last, records_count desc nulls last, review_id"
        " limit ? offset ?",
        [kind, PAGE, page * PAGE],
    )


def record(connection: duckdb.DuckDBPyConnection, record_id: str) -> Row:
    """A source record with its customer, and the golden record of that customer."""
    found = rows(
        connection,
        "select links.record_id, links.system, links.customer_id, links.first_seen_at,"
        " links.is_anchor, customers.* exclude (customer_id) from"
        " marts.bridge_customer_identities as links left join marts.dim_customers as customers"
        " on links.customer_id = customers.customer_id where links.record_id = ?",
        [record_id],
    )
    return found[0] if found else {}


def identifiers(connection: duckdb.DuckDBPyConnection, record_id: str, other: str) -> list[Row]:
    """The identifiers of two records, with which of them holds each, or held it before."""
    if not has_mart(connection, "identity_identifiers"):
        return []
    return rows(
        connection,
        "select identifier_label, identifier_type, identifier_status, max(records_count) as"
        " records_count,"
        " bool_or(record_id = ?) as is_of_one, bool_or(record_id = ?) as is_of_other,"
        " coalesce(bool_and(is_superseded) filter (record_id = ?), false) as is_earlier_of_one,"
        " coalesce(bool_and(is_superseded) filter (record_id = ?), false) as is_earlier_of_other"
        " from marts.identity_identifiers where record_id in (?, ?)"
        " group by identifier_id, identifier_label, identifier_type, identifier_status"
        " order by (bool_or(record_id = ?) and bool_or(record_id = ?)) desc, identifier_type,"
        " identifier_id",
        [record_id, other] * 4,
    )


def bought(connection: duckdb.DuckDBPyConnection, record_id: str) -> Row:
    """How many orders a record brought, and the first and last day of them."""
    return rows(
        connection,
        "select count(*) as orders_count, min(ordered_date) as first_date,"
        " max(ordered_date) as last_date from marts.fct_orders where record_id = ?",
        [record_id],
    )[0]
