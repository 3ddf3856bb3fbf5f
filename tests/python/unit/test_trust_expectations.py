"""Broken lines and missing rates stop a build like rejected rows do."""

from pathlib import Path

import pytest
from expectations_fixture import CONTRACT, PROJECT, execute, settings_for, write_build

from portrait.expectations.config import read_measures
from portrait.expectations.connection import open_reader
from portrait.expectations.measures import plan_marts, plan_staging
from portrait.expectations.suites import Plan

FOLDER = PROJECT / "expectations"


def measured(work: Path, layer: str) -> dict[tuple[str, str], tuple[float, float | None]]:
    """Each measure of a layer that has a value: (value, its highest limit)."""
    config = read_measures(FOLDER / f"{layer}.yml")
    plan = Plan()
    with open_reader(work, None) as reader:
        if layer == "staging":
            plan_staging(reader.connection, CONTRACT, config, plan)
        else:
            plan_marts(reader.connection, config, settings_for(work), False, False, plan)
        return {
            (suite.table, one.check.name): (
                reader.connection.execute(
                    f'select "{one.check.name}" from {suite.relation}'
                ).fetchall()[0][0],
                one.arguments.get("max_value"),
            )
            for suite in plan.suites
            for one in suite.expectations
        }


@pytest.mark.parametrize(
    ("landed", "rejected", "broken", "share"),
    [(0, 0, 967, 100.0), (713, 0, 254, 100 * 254 / 967), (380, 20, 20, 100 * 40 / 420)],
)
def test_broken_lines_count_like_rejected_rows(tmp_path, landed, rejected, broken, share):
    work = write_build(tmp_path / "work", orders=max(landed, rejected) + rejected * (landed > 0))
    execute(
        work / "build.duckdb",
        f"insert into landing.files values ('raw_shop', 'orders', {broken})",
        "insert into landing.files values ('raw_shop', 'payments', 3)",
        f"update staging.base_shop__orders set row_status = 'rejected' where _row <= {rejected}",
    )
    values = measured(work, "staging")
    assert values["base_shop__orders", "rejected_share_pct"][0] == pytest.approx(share)
    # Too few for a share, but a table of which nothing can be read is not in use.
    assert ("base_shop__payments", "rejected_share_pct") not in values
    assert values["base_shop__payments", "accepted_rows"][0] == 0


@pytest.mark.parametrize("share", [0, 1.0, 0.986])
def test_a_reporting_currency_that_hardly_anything_has_a_rate_for_is_seen(tmp_path, share):
    work = write_build(tmp_path / "work")
    execute(
        work / "portrait.duckdb",
        f"update marts.fct_orders set has_fx_rate = false where rowid < {400 * share}",
        f"update marts.fct_payments set fx_rate = null where rowid < {400 * share}",
    )
    values = measured(work, "marts")
    for mart in ("fct_orders", "fct_payments"):
        value, most = values[mart, "without_rate_share_pct"]
        assert value == pytest.approx(100 * share, abs=0.3)
        assert (value > most) == (share > 0.5)
