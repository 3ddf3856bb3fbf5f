"""What customers say in the published portrait, against what plain Python reads in the raw files.

Which records are one customer is read from the published build. Rows whose times or numbers are
broken are left to the tests of staging: their customers are not compared.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from builds import SAMPLE

Record = tuple[str, str]
SCORES = {str(score) for score in range(11)}


def newest_rows(table: str, key: str) -> Iterator[dict[str, str]]:
    """The newest version of each row of a table of the sample: the last load wins a tie."""
    newest: dict[str, dict[str, str]] = {}
    for file in sorted(SAMPLE.glob(f"{table}/*/*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["updated_at"] > file.parent.name.removeprefix("load_date=") + " 24":
                    continue  # written after it was loaded: rejected
                seen = newest.get(row[key])
                if seen is None or row["updated_at"] >= seen["updated_at"]:
                    newest[row[key]] = row
    yield from newest.values()


def moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def test_tickets_reviews_and_answers_are_those_of_the_raw_files(published_sample: Path) -> None:
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        customers: dict[Record, str] = {
            (system, native_id): customer
            for system, native_id, customer in connection.execute(
                "select system, native_customer_id, customer_id"
                " from marts.bridge_customer_identities"
            ).fetchall()
        }
        published = {
            customer: tuple(values)
            for customer, *values in connection.execute(
                "select customer_id, tickets_90d_count, round(mean_rating, 6),"
                " cast(last_nps_score as double) from marts.customer_portrait"
            ).fetchall()
        }
        (as_of,) = connection.execute(
            "select any_value(as_of_date) from marts.customer_portrait"
        ).fetchall()[0]
    assert isinstance(as_of, date)
    first_day = as_of - timedelta(days=89)
    tickets: dict[str, int] = defaultdict(int)
    ratings: dict[str, list[int]] = defaultdict(list)
    answers: dict[str, dict[datetime, float]] = defaultdict(dict)
    broken: set[str | None] = set()

    for row in newest_rows("crm/tickets", "ticket_id"):
        customer, opened = (
            customers.get((row["system"], row["native_id"])),
            moment(row["opened_at"]),
        )
        if opened is None:
            broken.add(customer)
        elif customer and first_day <= opened.date() <= as_of:
            tickets[customer] += 1
    for row in newest_rows("shop/reviews", "review_id"):
        customer, written = customers.get(("shop", row["customer_id"])), moment(row["written_at"])
        if written is None or row["rating"] not in {"1", "2", "3", "4", "5"}:
            broken.add(customer)
        elif customer and written.date() <= as_of:
            ratings[customer].append(int(row["rating"]))
    for row in newest_rows("crm/surveys", "survey_id"):
        customer = customers.get((row["system"], row["native_id"]))
        answered = moment(row["answered_at"])
        if row["kind"].lower() != "nps" or not row["score"]:
            continue
        if answered is None or row["score"] not in SCORES:
            broken.add(customer)
        elif customer and answered.date() <= as_of:
            answers[customer][answered] = float(row["score"])

    differing = {
        customer: (shown, told)
        for customer, shown in published.items()
        if customer not in broken
        and shown
        != (
            told := (
                tickets[customer],
                round(sum(ratings[customer]) / len(ratings[customer]), 6)
                if ratings[customer]
                else None,
                answers[customer][max(answers[customer])] if answers[customer] else None,
            )
        )
    }
    assert sum(tickets.values()) > 50
    assert len(ratings) > 100
    assert len(answers) > 100
    assert not differing, f"{len(differing)} of {len(published)} customers: {differing}"


def test_the_analysts_have_no_tag_that_tells_personal_data(published_sample: Path) -> None:
    """Income is not in their portrait, so a tag of it may not be in their file either."""
    found = {}
    for file in ("portrait.duckdb", "analyst.duckdb"):
        with duckdb.connect(str(published_sample / file), read_only=True) as connection:
            found[file] = {
                code
                for (code,) in connection.execute(
                    "select distinct tag_code from marts.customer_tags"
                ).fetchall()
            }
    hidden = found["portrait.duckdb"] - found["analyst.duckdb"]
    for start in ("ATTR_INCOME_", "ATTR_MARITAL_", "ATTR_GENDER_", "ATTR_EDUCATION_"):
        assert any(code.startswith(start) for code in hidden)
        assert not any(code.startswith(start) for code in found["analyst.duckdb"])
    assert "CONS_ORDER_REPEAT_EVER" in found["analyst.duckdb"]
