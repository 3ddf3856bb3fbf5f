"""Lifetime value: CDNOW's published numbers from the raw log, and what a build fits by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, environment
from real_examples import raw_file

from portrait.fitting.clv_parameters import is_due
from portrait.state.store import StateStore

ON_REAL_DATA = pytest.mark.slow(reason="it builds on real data")
SETTINGS = {"as_of": "1997-09-30", "timezone": "America/New_York", "currency": "USD"}
WEEKS = 39
# The value of this many days without a discount is the expected purchases in them.
VARIABLES = {"clv_horizon_days": 7 * WEEKS, "clv_annual_discount_rate": 0}
FITTED = "stg_state__clv_fits+"
MART = "published.marts.customer_lifetime_value"


def run(folder: Path, *command: str) -> str:
    """Run a command of Python on the folder's raw files and warehouse; return what it printed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=environment(folder / "raw", folder, **SETTINGS)
        | {"PORTRAIT_REAL_DATA": str(folder / "real"), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def build(folder: Path, selected: str) -> None:
    """Land, and build some models without their tests."""
    run(folder, "-m", "portrait.cli", "land")
    run(
        folder,
        *("-c", "from dbt.cli.main import cli; cli()", "build", "--select", selected),
        *("--exclude-resource-type", "unit_test", "test", "--vars", json.dumps(VARIABLES)),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    )


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of the published tenth of CDNOW's customers, fitted on its first 39 weeks."""
    folder = tmp_path_factory.mktemp("cdnow")
    log = folder / "real" / "cdnow" / "cdnow_master.csv"
    log.parent.mkdir(parents=True)
    duckdb.sql(
        "copy (select master_id as customer_id, d, cds, spend from"
        f" read_csv('{raw_file('cdnow/cdnow_sample.csv')}', header = true, all_varchar = true))"
        f" to '{log}' (header true)"
    )
    run(folder, str(PROJECT / "examples/run_adapter.py"), "cdnow", "--warehouse", str(folder))
    build(folder, "+customer_lifetime_value")
    printed = run(folder, "-m", "portrait.cli", "fit", "clv")
    assert "bg_nbd: converged" in printed and "gamma_gamma: converged" in printed
    build(folder, FITTED)
    return folder


@pytest.fixture
def marts(cdnow: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts and the layers below them."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{cdnow}/work/portrait.duckdb' as published (read_only)")
        connection.execute(f"attach '{cdnow}/work/build.duckdb' as build (read_only)")
        yield connection


@ON_REAL_DATA
def test_parameters_of_cdnow_are_the_published_ones(cdnow: Path) -> None:
    """Fader, Hardie and Lee 2005, table 2; note 013 of Fader and Hardie. Here times are in days."""
    state = StateStore(cdnow / "state")
    rows = duckdb.sql(f"from ({state.select('clv_fits')}) order by model").df()
    bg_nbd, gamma_gamma = rows.to_dict("records")
    assert (bg_nbd["customer_count"], gamma_gamma["customer_count"]) == (2357, 946)
    assert bg_nbd["is_converged"] and gamma_gamma["is_converged"]
    published = {"r": 0.243, "alpha_days": 4.414, "a": 0.793, "b": 2.426}
    weeks = {**bg_nbd, "alpha_days": bg_nbd["alpha_days"] / 7}
    assert {name: round(weeks[name], 3) for name in published} == published
    published = {"p": 6.25, "q": 3.74, "gamma_amount": 15.44}
    assert {name: round(gamma_gamma[name], 2) for name in published} == published
    mean = gamma_gamma["p"] * gamma_gamma["gamma_amount"] / (gamma_gamma["q"] - 1)
    assert round(mean, 2) == 35.17


@ON_REAL_DATA
def test_the_log_likelihood_is_the_published_one(
    cdnow: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    """-9582.4 in weeks: the density of each purchase is seven times that in days."""
    ((repeats,),) = marts.execute(
        "select sum(repeat_days_count) from build.intermediate.int_customer_purchase_summary"
    ).fetchall()
    ((days,),) = duckdb.sql(
        "select log_likelihood from"
        f" ({StateStore(cdnow / 'state').select('clv_fits')}) where model = 'bg_nbd'"
    ).fetchall()
    ((seven,),) = duckdb.sql("select ln(7)").fetchall()
    assert round(days + repeats * seven, 1) == -9582.4


@ON_REAL_DATA
def test_histories_of_cdnow_are_the_published_ones(marts: duckdb.DuckDBPyConnection) -> None:
    counts = marts.execute(
        "select least(repeat_days_count, 7) as x, count(*)"
        " from build.intermediate.int_customer_purchase_summary group by x order by x"
    ).fetchall()
    assert [count for _, count in counts] == [1411, 439, 214, 100, 62, 38, 29, 64]


@ON_REAL_DATA
def test_expectations_of_cdnow_are_the_published_ones(marts: duckdb.DuckDBPyConnection) -> None:
    """x = 2, t_x = 30.43, T = 38.86 weeks: 1.226 purchases in 39 weeks, P(alive) 0.7266."""
    rows = marts.execute(
        "select round(p_alive, 4), round(p_alive * alive_discounted_purchases_count, 3)"
        f" from {MART} join build.intermediate.int_clv_purchases_expected"
        " using (repeat_days_count, observed_days) where repeat_days_count = 2"
        " and first_to_last_purchase_days = 213 and observed_days = 272"
    ).fetchall()
    assert set(rows) == {(0.7266, 1.226)}
    ((total,),) = marts.execute(
        f"select sum(p_alive * alive_discounted_purchases_count) from {MART}"
        " join build.intermediate.int_clv_purchases_expected"
        " using (repeat_days_count, observed_days)"
    ).fetchall()
    assert total == pytest.approx(1653.4, abs=0.3)


@ON_REAL_DATA
def test_one_timers_are_flagged_and_worth_the_mean(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute(
        "select count(*), min(p_alive), cast(round(min(expected_purchase_amount), 2) as double),"
        " cast(round(max(expected_purchase_amount), 2) as double)"
        f" from {MART} where is_one_timer"
    ).fetchall() == [(1411, 1.0, 35.17, 35.17)]
    assert marts.execute(
        f"select distinct bg_nbd_source, gamma_gamma_source from {MART}"
    ).fetchall() == [("fitted", "fitted")]


@ON_REAL_DATA
def test_a_discarded_fit_is_out_of_force_and_every_row_says_so(cdnow: Path) -> None:
    assert "shipped parameters" in run(cdnow, "-m", "portrait.cli", "fit", "clv", "--discard")
    build(cdnow, FITTED)
    with duckdb.connect(str(cdnow / "work" / "portrait.duckdb"), read_only=True) as published:
        assert published.execute(
            "select distinct bg_nbd_version, bg_nbd_source, gamma_gamma_source, bg_nbd_as_of_date"
            " from marts.customer_lifetime_value"
        ).fetchall() == [("cdnow-1", "shipped", "shipped", None)]


def fits_of(warehouse: Path) -> list[tuple]:
    """What was fitted, by the state store: when, which model, what came of it, to which day."""
    columns = "event_id, model, event, model_version, as_of_date"
    return duckdb.sql(
        f"select {columns} from ({StateStore(warehouse / 'state').select('clv_fits')}) order by all"
    ).fetchall()


def test_a_first_build_fits_says_so_and_scores_with_it(sample_warehouse: Path) -> None:
    """Once: what a second build would do with these parameters, the first one has done."""
    fits = fits_of(sample_warehouse)
    assert [row[1:3] for row in fits] == [("bg_nbd", "fitted"), ("gamma_gamma", "fitted")]
    ((*_, bg_nbd, as_of), (*_, gamma_gamma, _)) = fits
    file = sample_warehouse / "current" / "portrait.duckdb"
    with duckdb.connect(str(file), read_only=True) as published:
        assert published.execute(
            "select distinct bg_nbd_version, bg_nbd_source, gamma_gamma_version,"
            " gamma_gamma_source, bg_nbd_as_of_date from marts.customer_lifetime_value"
        ).fetchall() == [(bg_nbd, "fitted", gamma_gamma, "fitted", as_of)]
        ((buyers,),) = published.execute(
            "select count(repeat_days_count) from marts.customer_lifetime_value"
        ).fetchall()
    printed = (sample_warehouse / "printed.txt").read_text("utf-8")
    assert f"bg_nbd to {buyers:,} customers" in printed and "not fitted" not in printed


def test_a_fit_is_kept_for_30_days(sample_warehouse: Path) -> None:
    """A second build of the sample keeps it and gives the same rows: test_builds.py."""
    state = StateStore(sample_warehouse / "state")
    as_of = fits_of(sample_warehouse)[0][-1]
    assert [is_due(state, "CNY", as_of + timedelta(days)) for days in (0, 30, 31)] == [
        *(False, False, True)
    ]


def test_too_few_customers_leave_the_shipped_parameters(cases_warehouse: Path) -> None:
    """The build passes nevertheless; its output says so, and so does each row.

    Of the cases' customers enough have bought again to fit the values, but not the times.
    """
    file = cases_warehouse / "current" / "portrait.duckdb"
    with duckdb.connect(str(file), read_only=True) as published:
        assert published.execute(
            "select distinct bg_nbd_version, bg_nbd_source, gamma_gamma_source"
            " from marts.customer_lifetime_value"
        ).fetchall() == [("cdnow-1", "shipped", "fitted")]
    state = StateStore(cases_warehouse / "state")
    ((bg_nbd,), (gamma_gamma,)) = duckdb.sql(
        f"select problem from ({state.select('clv_fits')}) order by model"
    ).fetchall()
    assert "too few" in bg_nbd and gamma_gamma is None
    printed = " ".join((cases_warehouse / "printed.txt").read_text("utf-8").split())
    assert f"bg_nbd not fitted: {bg_nbd}" in printed
    assert "gamma_gamma to " in printed
