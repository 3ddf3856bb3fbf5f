"""Matching of returns against a simulator that moves single units, on random histories.

The three models that match return lines are one SQL statement each over a few tables. Here each
runs as it lies in models/, on histories so small that a loop over units says what must come out.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import duckdb
import pytest

RETURNS = "models/intermediate/returns"
MATCHING = [
    "int_returns_referenced",
    "int_returns_matched_by_quantity",
    "int_returns_matched_by_earliest",
]
REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
FIRST_MOMENT = datetime(2026, 1, 1)
HALF = Decimal("0.5")

# return line, sale order, sale line, first unit (from 0), last unit (excluded)
Match = tuple[int, int, int | None, Decimal, Decimal]


@dataclass(frozen=True)
class Line:
    """One line of an order; `quantity` counts units, of a sale or of a return."""

    key: int
    order: int
    record: int | None
    product: int | None
    currency: str
    quantity: Decimal
    at: datetime
    is_return: bool
    original_order: int | None = None
    is_cancelled: bool = False


def random_history(rng: random.Random, record: int, keys: Iterator[int]) -> list[Line]:
    """Return some sales and returns of one customer, with many ties of time and of quantity."""
    lines: list[Line] = []
    for _ in range(rng.randint(1, 10)):
        order = next(keys)
        moment = FIRST_MOMENT + timedelta(days=rng.randint(0, 7))
        is_cancelled = rng.random() < 0.08
        currency = rng.choice(["CNY", "CNY", "CNY", "USD"])
        is_guest = rng.random() < 0.05
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            lines.append(
                Line(
                    key=next(keys),
                    order=order,
                    record=None if is_guest else record,
                    product=rng.choice([1, 1, 1, 2, None]),
                    currency=currency,
                    quantity=rng.choice([1, 1, 2, 2, 3, 5]) * rng.choice([Decimal(1), HALF]),
                    at=moment,
                    is_return=rng.random() < 0.45,
                    is_cancelled=is_cancelled,
                )
            )
    sale_orders = sorted({line.order for line in lines if not line.is_return})
    return [
        replace(line, original_order=rng.choice(sale_orders))
        if line.is_return and sale_orders and rng.random() < 0.3
        else line
        for line in lines
    ]


@pytest.fixture(scope="module")
def history() -> list[Line]:
    """Return the lines of many customers; each is matched separately, so one run checks all."""
    rng = random.Random(20260630)
    keys = iter(rng.sample(range(1, 10**6), 80_000))
    return [line for record in range(1, 1501) for line in random_history(rng, record, keys)]


@pytest.fixture(scope="module")
def matched(history: list[Line], project_dir: Path) -> dict[str, list[Match]]:
    """Return what the models make of the history, by model."""
    connection = duckdb.connect()
    connection.execute(
        "create table int_order_lines_signed (order_line_key bigint, order_key bigint,"
        " record_key bigint, product_key bigint, currency varchar, line_type varchar,"
        " quantity decimal(18, 4), is_cancelled boolean, ordered_at timestamp)"
    )
    connection.execute(
        "create table int_return_lines_listed (order_line_key bigint, order_key bigint,"
        " original_order_key bigint, record_key bigint, product_key bigint, currency varchar,"
        " quantity decimal(18, 4), ordered_at timestamp)"
    )
    insert(
        connection,
        "int_order_lines_signed",
        [
            (
                line.key,
                line.order,
                line.record,
                line.product,
                line.currency,
                "return" if line.is_return else "sale",
                -line.quantity if line.is_return else line.quantity,
                line.is_cancelled,
                line.at,
            )
            for line in history
        ],
    )
    insert(
        connection,
        "int_return_lines_listed",
        [
            (
                line.key,
                line.order,
                line.original_order,
                line.record,
                line.product,
                line.currency,
                line.quantity,
                line.at,
            )
            for line in returns_of(history)
        ],
    )
    results = {}
    for model in MATCHING:
        text = (project_dir / RETURNS / f"{model}.sql").read_text(encoding="utf-8")
        sql = REF.sub(r"\1", text)
        assert "{{" not in sql and "{%" not in sql, f"{model}: more than ref() to be rendered"
        connection.execute(f"create table {model} as {sql}")
        results[model] = connection.execute(
            "select return_line_key, sale_order_key, sale_line_key, from_unit, to_unit"
            f" from {model}"
        ).fetchall()
    return results


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    """Insert rows of Python values, a thousand at a time."""
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        values = ", ".join(["(" + ", ".join(["?"] * len(part[0])) + ")"] * len(part))
        connection.execute(f"insert into {table} values {values}", [v for row in part for v in row])


# ---------------------------------------------------------------------------------------------
# The simulator: half units, one at a time
# ---------------------------------------------------------------------------------------------


def returns_of(history: list[Line]) -> list[Line]:
    """Return the lines that take goods back, of orders that stand, in the order of time."""
    found = [line for line in history if line.is_return and not line.is_cancelled]
    return sorted(found, key=lambda line: (line.at, line.key))


def simulate(history: list[Line]) -> dict[str, dict[tuple[int, int], Decimal]]:
    """Return the units of a sale line that each return line takes, by model."""
    left = {line.key: int(line.quantity / HALF) for line in history if not line.is_return}
    wanted = {line.key: int(line.quantity / HALF) for line in returns_of(history)}
    taken: dict[str, dict[tuple[int, int], Decimal]] = {
        model: defaultdict(Decimal) for model in MATCHING
    }

    def take(model: str, back: Line, sale: Line) -> None:
        left[sale.key] -= 1
        wanted[back.key] -= 1
        taken[model][back.key, sale.key] += HALF

    by_order = defaultdict(list)
    for line in sorted(history, key=lambda line: line.key):
        if not line.is_return and line.product is not None:
            by_order[line.order, line.product].append(line)
    for back in returns_of(history):
        for sale in by_order.get((back.original_order, back.product), []):
            while wanted[back.key] and left[sale.key]:
                take(MATCHING[0], back, sale)

    touched = {sale for _, sale in taken[MATCHING[0]]}
    for model, is_stack in [(MATCHING[1], True), (MATCHING[2], False)]:
        shelves: dict[tuple, deque[Line]] = defaultdict(deque)
        for line in chronological(history):
            shelf = (line.record, line.product, line.currency)
            if is_stack:
                shelf = (*shelf, line.quantity)
            if line.is_return:
                while wanted[line.key] and shelves[shelf]:
                    # a stack holds sales of the same quantity: what it gives, it gives whole
                    sale = shelves[shelf][-1 if is_stack else 0]
                    take(model, line, sale)
                    if not left[sale.key]:
                        shelves[shelf].remove(sale)
            elif left[line.key] and not (is_stack and line.key in touched):
                shelves[shelf].append(line)
    return taken


def chronological(history: list[Line]) -> list[Line]:
    """Return what the two rules without a reference look at; at one moment sales come first."""
    eligible = [
        line
        for line in history
        if line.record is not None
        and line.product is not None
        and not line.is_cancelled
        and line.original_order is None
    ]
    return sorted(eligible, key=lambda line: (line.at, line.is_return, line.key))


# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MATCHING)
def test_model_takes_the_units_that_the_simulator_takes(model, history, matched):
    found: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for back, _, sale, first, last in matched[model]:
        if sale is not None:
            found[back, sale] += last - first
    expected = simulate(history)[model]
    assert len(expected) > 300, "the histories hardly exercise this rule"
    assert found == expected


def test_matched_units_never_come_from_later_sales(history, matched):
    lines = {line.key: line for line in history}
    for model in MATCHING[1:]:
        for back, order, sale, _, _ in matched[model]:
            assert lines[sale].at <= lines[back].at
            assert lines[sale].order == order
            assert not lines[sale].is_cancelled
            assert lines[sale].record == lines[back].record is not None
            assert lines[sale].currency == lines[back].currency
            assert lines[sale].product == lines[back].product


def test_no_more_units_are_taken_than_were_sold(history, matched):
    taken: dict[int, Decimal] = defaultdict(Decimal)
    for model in MATCHING:
        for _, _, sale, first, last in matched[model]:
            if sale is not None:
                taken[sale] += last - first
    lines = {line.key: line for line in history}
    assert all(units <= lines[sale].quantity for sale, units in taken.items())
    assert any(units == lines[sale].quantity for sale, units in taken.items())


def test_parts_of_a_return_line_follow_each_other_from_its_first_unit(history, matched):
    lines = {line.key: line for line in history}
    parts = sorted(
        (back, first, last) for model in MATCHING for back, _, _, first, last in matched[model]
    )
    for back, group in groupby(parts, key=lambda part: part[0]):
        reached = Decimal(0)
        for _, first, last in group:
            assert first == reached < last
            reached = last
        assert reached <= lines[back].quantity


def test_a_return_line_is_matched_by_one_rule(matched):
    keys = [{back for back, *_ in matched[model]} for model in MATCHING]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]
