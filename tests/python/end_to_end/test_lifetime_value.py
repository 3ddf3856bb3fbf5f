"""Lifetime value: CDNOW's published numbers from the raw log, and what a build fits by itself."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas
import pytest
from builds import PROJECT, environment
from lifetime_value_sql import score
from real_examples import raw_file

from benchmarks.value_quality import auc
from portrait.fitting.clv_parameters import is_due
from portrait.state.store import StateStore

ON_REAL_DATA = pytest.mark.slow(reason="it builds on real data")
SETTINGS = {"as_of": "1997-09-30", "timezone": "America/New_York", "currency": "USD"}
WEEKS = 39
# The value of this many days without a discount is the expected purchases in them.
VARIABLES = {"clv_horizon_days": 7 * WEEKS, "clv_annual_discount_rate": 0}
FITTED = "stg_state__clv_fits+,+customer_lifetime_value"
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
    assert all(f"{model}: converged" in printed for model in ("bg_nbd", "mbg_nbd", "gamma_gamma"))
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
    """Fader, Hardie and Lee 2005, table 2; note 013 of Fader and Hardie; BTYDplus for MBG/NBD.

    Here times are in days.
    """
    state = StateStore(cdnow / "state")
    rows = duckdb.sql(f"from ({state.select('clv_fits')}) order by model").df()
    bg_nbd, gamma_gamma, mbg_nbd = rows.to_dict("records")
    published = {"r": 0.525, "alpha_days": 6.183, "a": 0.891, "b": 1.614}
    weeks = {**mbg_nbd, "alpha_days": mbg_nbd["alpha_days"] / 7}
    assert {name: round(weeks[name], 3) for name in published} == published
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
    """-9582.43 and -9582.14 in weeks: the density of each purchase is seven times that in days."""
    ((repeats,),) = marts.execute(
        "select sum(repeat_days_count) from build.intermediate.int_customer_purchase_summary"
    ).fetchall()
    days = dict(
        duckdb.sql(
            "select model, log_likelihood from"
            f" ({StateStore(cdnow / 'state').select('clv_fits')}) where model <> 'gamma_gamma'"
        ).fetchall()
    )
    weeks = {model: round(value + repeats * math.log(7), 2) for model, value in days.items()}
    assert weeks == {"bg_nbd": -9582.43, "mbg_nbd": -9582.14}


@ON_REAL_DATA
def test_histories_of_cdnow_are_the_published_ones(marts: duckdb.DuckDBPyConnection) -> None:
    counts = marts.execute(
        "select least(repeat_days_count, 7) as x, count(*)"
        " from build.intermediate.int_customer_purchase_summary group by x order by x"
    ).fetchall()
    assert [count for _, count in counts] == [1411, 439, 214, 100, 62, 38, 29, 64]


@pytest.fixture(scope="module")
def of_each_model(cdnow: Path, compiled: dict[str, str]) -> dict[str, pandas.DataFrame]:
    """What the SQL says of CDNOW's customers by each of the two, and what they bought after."""
    rows = duckdb.sql(
        f"from ({StateStore(cdnow / 'state').select('clv_fits')}) where model like '%bg_nbd'"
    ).df()
    with duckdb.connect(str(cdnow / "work" / "build.duckdb"), read_only=True) as connection:
        histories = connection.execute(
            "select summaries.* exclude (customer_id), coalesce(later.bought, 0) as bought"
            " from intermediate.int_customer_purchase_summary as summaries"
            " join intermediate.int_records_clustered as clustered using (customer_id)"
            " join intermediate.int_source_records_unioned as records using (record_key)"
            " left join (select master_id, count(distinct d) as bought"
            f" from read_csv('{raw_file('cdnow/cdnow_sample.csv')}', all_varchar = true)"
            " where d > '1997-09-30' group by master_id) as later"
            " on records.native_customer_id = later.master_id"
            " where clustered.is_anchor order by summaries.customer_id"
        ).df()
    columns = ["repeat_days_count", "first_to_last_purchase_days", "observed_days"]
    found = {}
    for row in rows.to_dict("records"):
        parameters = {"alpha": row["alpha_days"], **{name: row[name] for name in ("r", "a", "b")}}
        found[row["model"]] = score(
            compiled, row["model"], parameters, {name: histories[name] for name in columns},
            expected_days=7 * WEEKS,
        ).assign(bought=histories["bought"])  # fmt: skip
    return found


@ON_REAL_DATA
def test_expectations_of_cdnow_are_the_published_ones(
    of_each_model: dict[str, pandas.DataFrame],
) -> None:
    """x = 2, t_x = 30.43, T = 38.86 weeks: 1.226 purchases in 39 weeks, P(alive) 0.7266.

    Of MBG/NBD P(alive) of a one-time buyer of 38.86 weeks, and the totals and errors of both.
    """
    bg_nbd, mbg_nbd = of_each_model["bg_nbd"], of_each_model["mbg_nbd"]
    one = bg_nbd[
        (bg_nbd["repeat_days_count"] == 2)
        & (bg_nbd["first_to_last_purchase_days"] == 213)
        & (bg_nbd["observed_days"] == 272)
    ]
    assert set(zip(one["p_alive"].round(4), one["expected"].round(3), strict=True)) == {
        (0.7266, 1.226)
    }
    once = mbg_nbd[(mbg_nbd["repeat_days_count"] == 0) & (mbg_nbd["observed_days"] == 272)]
    assert set(once["p_alive"].round(4)) == {0.3897}
    assert bg_nbd["bought"].sum() == 1882
    assert bg_nbd["expected"].sum() == pytest.approx(1653.4, abs=0.3)
    assert mbg_nbd["expected"].sum() == pytest.approx(1577, abs=0.6)
    for rows, error, alive_auc in ((bg_nbd, 0.7855, 0.316), (mbg_nbd, 0.7648, 0.687)):
        assert (rows["expected"] - rows["bought"]).abs().mean() == pytest.approx(error, abs=5e-5)
        assert auc(rows["p_alive"], rows["bought"] > 0) == pytest.approx(alive_auc, abs=5e-4)


@ON_REAL_DATA
def test_one_timers_are_worth_the_mean_and_each_row_names_its_models(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    assert marts.execute(
        "select count(*), cast(round(min(expected_purchase_amount), 2) as double),"
        " cast(round(max(expected_purchase_amount), 2) as double)"
        f" from {MART} where repeat_days_count = 0"
    ).fetchall() == [(1411, 35.17, 35.17)]
    assert marts.execute(
        "select distinct purchase_model, purchase_model_source, value_model, value_model_source"
        f" from {MART}"
    ).fetchall() == [("mbg_nbd", "fitted", "gamma_gamma", "fitted")]


@ON_REAL_DATA
def test_a_discarded_fit_is_out_of_force_and_every_row_says_so(cdnow: Path) -> None:
    assert "no lifetime value" in run(cdnow, "-m", "portrait.cli", "fit", "clv", "--discard")
    build(cdnow, FITTED)
    with duckdb.connect(str(cdnow / "work" / "portrait.duckdb"), read_only=True) as published:
        assert published.execute(
            "select distinct purchase_model, purchase_model_source, value_model_source, p_alive,"
            " lifetime_value_amount, churn_risk_band from marts.customer_lifetime_value"
        ).fetchall() == [(None, "none", "none", None, None, None)]


def fits_of(warehouse: Path) -> list[tuple]:
    """What was fitted, by the state store: when, which model, what came of it, to which day."""
    columns = "event_id, model, event, model_version, as_of_date"
    return duckdb.sql(
        f"select {columns} from ({StateStore(warehouse / 'state').select('clv_fits')}) order by all"
    ).fetchall()


def test_a_first_build_fits_says_so_and_scores_with_it(sample_warehouse: Path) -> None:
    """Once: what a second build would do with these parameters, the first one has done."""
    fits = fits_of(sample_warehouse)
    assert [row[1:3] for row in fits] == [
        *(("bg_nbd", "fitted"), ("gamma_gamma", "fitted"), ("mbg_nbd", "compared")),
    ]
    ((*_, bg_nbd, as_of), (*_, gamma_gamma, _), _) = fits
    file = sample_warehouse / "current" / "portrait.duckdb"
    with duckdb.connect(str(file), read_only=True) as published:
        assert published.execute(
            "select distinct purchase_model, purchase_model_version, purchase_model_source,"
            " value_model_version, value_model_source, purchase_model_as_of_date"
            " from marts.customer_lifetime_value"
        ).fetchall() == [("bg_nbd", bg_nbd, "fitted", gamma_gamma, "fitted", as_of)]
        ((buyers,),) = published.execute(
            "select count(repeat_days_count) from marts.customer_lifetime_value"
        ).fetchall()
    printed = " ".join((sample_warehouse / "printed.txt").read_text("utf-8").split())
    assert f"purchases by bg_nbd of {buyers:,} customers" in printed
    assert "not fitted" not in printed


def test_a_fit_is_kept_for_30_days(sample_warehouse: Path) -> None:
    """A second build of the sample keeps it and gives the same rows: test_builds.py."""
    state = StateStore(sample_warehouse / "state")
    as_of = fits_of(sample_warehouse)[0][-1]
    assert [is_due(state, "CNY", as_of + timedelta(days)) for days in (0, 30, 31)] == [
        *(False, False, True)
    ]


def test_few_customers_are_scored_by_what_they_bear(cases_warehouse: Path) -> None:
    """Too few for BG/NBD: a prior helps, each row and the output say so, and no band is given."""
    file = cases_warehouse / "current" / "portrait.duckdb"
    with duckdb.connect(str(file), read_only=True) as published:
        assert published.execute(
            "select distinct purchase_model, purchase_model_source, churn_risk_band"
            " from marts.customer_lifetime_value"
        ).fetchall() == [("mbg_nbd_prior", "fitted", None)]
    state = StateStore(cases_warehouse / "state")
    problems = dict(
        duckdb.sql(f"select model, problem from ({state.select('clv_fits')})").fetchall()
    )
    assert "too few" in problems["bg_nbd"] and "too few" in problems["mbg_nbd"]
    assert problems["mbg_nbd_prior"] is None
    printed = " ".join((cases_warehouse / "printed.txt").read_text("utf-8").split())
    assert "purchases by mbg_nbd_prior of" in printed
    assert "no bands of churn risk" in printed
