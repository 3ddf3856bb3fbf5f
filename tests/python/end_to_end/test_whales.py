"""A company whose single values hold thousands of rows is built, with the right sums."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from builds import SAMPLE, built
from whales import Sizes, add_whales

from portrait.sql import one_row
from portrait.warehouse import Warehouse

SIZES = Sizes(
    orders=20_000, events=200_000, points=8_000, phone=10_000, email=4_000, household=2_000,
    members=5_000,
)  # fmt: skip
# One device sends most events, which the checks would rightly stop.
LIMITS = """\
staging:
  tables:
    base_app__events:
      - {name: commonest_device_share_pct, at_most: 100, reason: A whale is wanted here.}
"""
WHALE = "customer_id = (select customer_id from marts.fct_orders where order_id = 'shop:WO1')"


@pytest.mark.slow(reason="test_no_quadratic_join.py and test_points_ledger.py hold single models")
def test_whales_are_built(tmp_path: Path) -> None:
    raw, folder = tmp_path / "raw", tmp_path / "warehouse"
    shutil.copytree(SAMPLE, raw)
    add_whales(raw, SIZES, "2026-06-30")
    (raw / "config").mkdir()
    (raw / "config" / "expectations.yml").write_text(LIMITS, "utf-8")
    current = built(raw, folder)

    with duckdb.connect(str(current / "portrait.duckdb"), read_only=True) as published:
        orders, net = one_row(
            published,
            f"select count(*), sum(net_amount) from marts.fct_orders where {WHALE}"
            " and order_type = 'sale'",
        )
        assert (orders, net) == (SIZES.orders, Decimal(100 * SIZES.orders))
        returned, back = one_row(
            published,
            f"select count(*), sum(net_amount) from marts.fct_orders where {WHALE}"
            " and order_type = 'return'",
        )
        assert (returned, back) == (SIZES.orders // 50, Decimal(-50 * (SIZES.orders // 50)))
    with duckdb.connect(str(Warehouse(folder).work_build), read_only=True) as build:
        entries, balance = one_row(
            build,
            "select count(*), arg_max(balance_points, step_number)"
            " from intermediate.int_loyalty_points_ledger where entry_id like 'WL%'"
            " and movement = 'entry'",
        )
        assert entries == SIZES.points
        assert balance >= 0
        (pairs,) = one_row(build, "select count(*) from intermediate.int_match_pairs")
        (records,) = one_row(build, "select count(*) from intermediate.int_source_records_unioned")
        # Ten thousand records of one number would be fifty million pairs.
        assert pairs < 10 * records
