"""The mail test of the generator holds what it promises, and its files hold the same."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from portrait.contract import load_contract
from portrait.generator.mail_test import (
    ARMS,
    CONVERSIONS,
    VISITS,
    WINDOW_DAYS,
    make_mail_test,
    write_mail_test,
)

PROJECT = Path(__file__).parents[3]


def test_rates_are_those_that_were_published():
    test = make_mail_test(1)
    for arm in range(len(ARMS)):
        some = test.arm == arm
        assert abs(some.mean() - 1 / 3) < 0.01
        for done, rates in ((test.has_visited, VISITS), (test.has_bought, CONVERSIONS)):
            rate = rates[arm]
            deviation = (rate * (1 - rate) / some.sum()) ** 0.5
            assert abs(done[some].mean() - rate) < 4 * deviation
    assert not (test.has_bought & ~test.has_visited).any()
    assert ((test.spend > 0) == test.has_bought).all()


def test_the_same_seed_draws_the_same_test_and_another_seed_another_one():
    first, again, other = make_mail_test(1, 900), make_mail_test(1, 900), make_mail_test(2, 900)
    assert np.array_equal(first.spend, again.spend) and np.array_equal(first.arm, again.arm)
    assert not np.array_equal(first.arm, other.arm)


def test_files_hold_the_test_in_columns_of_the_contract(tmp_path):
    test = write_mail_test(tmp_path, 3, 6_000)
    contract = {table.label: table for table in load_contract(PROJECT)}
    with duckdb.connect() as con:
        for path in tmp_path.glob("*/*"):
            label = str(path.relative_to(tmp_path))
            con.execute(f"create view {path.name} as from '{path}/*.parquet'")
            columns = {name for name, *_ in con.execute(f"describe {path.name}").fetchall()}
            assert columns <= set(contract[label].column_names)
            assert {c.name for c in contract[label].columns if c.required} <= columns
        rows = con.execute(f"""
            select
                arm, count(*), count(order_id),
                sum(coalesce(cast(net_amount as decimal(18, 2)), 0)),
                count(event_id), count(sent_at),
                max(date_diff('day', cast(assigned_at as date), cast(ordered_at as date)))
                    < {WINDOW_DAYS}
            from campaign_contacts
            left join orders on native_id = orders.customer_id
            left join events on native_id = events.customer_id
            group by arm order by arm
        """).fetchall()
    assert [row[0] for row in rows] == list(ARMS)
    for place, (name, people, orders, amount, visits, sent, is_in_window) in enumerate(rows):
        some = test.arm == place
        assert (people, orders, visits) == (
            some.sum(), test.has_bought[some].sum(), test.has_visited[some].sum()
        )  # fmt: skip
        assert float(amount) == pytest.approx(test.spend[some].sum())
        assert sent == (0 if name == "holdout" else people)
        assert is_in_window
