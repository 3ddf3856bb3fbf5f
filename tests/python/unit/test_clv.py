"""The models of lifetime value: known parameters come out, and what cannot be fitted says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from portrait.errors import PortraitError
from portrait.fitting.clv import (
    FEWEST_CUSTOMERS,
    Fit,
    fit_bg_nbd,
    fit_credibility,
    fit_gamma_gamma,
    fit_mbg_nbd,
    fit_mbg_nbd_prior,
)
from portrait.fitting.clv_parameters import (
    TABLE,
    InForce,
    discard_fits,
    fit_clv,
    in_force,
    is_due,
    remarks_on,
    summary_of,
)
from portrait.state.store import StateStore

R, ALPHA, A, B = 0.8, 40.0, 0.9, 4.0
P, Q, GAMMA = 6.0, 4.0, 15.0


def lives(
    customers: int, days: int = 400, leaves_at_first: bool = False
) -> Iterator[tuple[float, list[float], np.ndarray]]:
    """Customers as BG/NBD tells them: T, the times of their repeats, and the values of these.

    leaves_at_first: as MBG/NBD does.
    """
    random = np.random.default_rng(7)
    for _ in range(customers):
        rate, leaves = random.gamma(R, 1 / ALPHA), random.beta(A, B)
        observed = float(random.integers(1, days))
        time, repeats = 0.0, []
        if leaves_at_first and random.random() < leaves:
            time = observed
        while (time := time + random.exponential(1 / rate)) < observed:
            repeats.append(time)
            if random.random() < leaves:
                break
        scale = random.gamma(Q, 1 / GAMMA)
        yield observed, repeats, random.gamma(P, 1 / scale, size=len(repeats))


def simulated(customers: int, days: int = 400, leaves_at_first: bool = False) -> list[np.ndarray]:
    """x, t_x, T and the mean value of the repeats, by customer."""
    found = [
        (len(repeats), repeats[-1] if repeats else 0.0, observed,
         values.mean() if repeats else np.nan)
        for observed, repeats, values in lives(customers, days, leaves_at_first)
    ]  # fmt: skip
    return [np.array(column) for column in zip(*found, strict=True)]


@pytest.fixture(scope="module")
def customers() -> list[np.ndarray]:
    return simulated(12000)


def test_parameters_of_simulated_purchases_come_out(customers: list[np.ndarray]) -> None:
    x, t_x, observed, mean = customers
    fit = fit_bg_nbd(x, t_x, observed, np.ones(len(x)))
    assert fit.is_converged and fit.problem is None
    assert fit.customers == len(x)
    assert fit.parameters["r"] == pytest.approx(R, rel=0.1)
    assert fit.parameters["alpha"] == pytest.approx(ALPHA, rel=0.1)
    assert fit.parameters["a"] / (fit.parameters["a"] + fit.parameters["b"]) == pytest.approx(
        A / (A + B), rel=0.1
    )
    entering = x > 0
    values = fit_gamma_gamma(x[entering], mean[entering], np.ones(entering.sum()))
    assert values.problem is None
    assert values.parameters["p"] == pytest.approx(P, rel=0.1)
    assert values.parameters["q"] == pytest.approx(Q, rel=0.1)
    assert values.parameters["gamma"] == pytest.approx(GAMMA, rel=0.15)


def test_parameters_of_customers_who_may_leave_at_first_come_out() -> None:
    x, t_x, observed, _ = simulated(12000, leaves_at_first=True)
    ones = np.ones(len(x))
    fit = fit_mbg_nbd(x, t_x, observed, ones)
    assert fit.problem is None
    assert fit.parameters["r"] == pytest.approx(R, rel=0.15)
    assert fit.parameters["alpha"] == pytest.approx(ALPHA, rel=0.15)
    assert fit.parameters["a"] / (fit.parameters["a"] + fit.parameters["b"]) == pytest.approx(
        A / (A + B), rel=0.1
    )
    other = fit_bg_nbd(x, t_x, observed, ones)
    assert other.log_likelihood is not None and fit.log_likelihood is not None
    assert fit.log_likelihood > other.log_likelihood + 10


def test_the_fit_is_the_top_of_the_likelihood_written_anew(customers: list[np.ndarray]) -> None:
    """The likelihood as the papers print it, one customer at a time; no step makes it greater."""
    from scipy.special import betaln, gammaln

    x, t_x, observed, mean = (column[:1500] for column in customers)
    ones = np.ones(len(x))
    fit, values = fit_bg_nbd(x, t_x, observed, ones), fit_gamma_gamma(x, mean, ones)
    modified = fit_mbg_nbd(x, t_x, observed, ones)

    def mbg_nbd(r: float, alpha: float, a: float, b: float) -> float:
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        return float(np.sum(shared + np.log(
            np.exp(betaln(a, b + x + 1)) * (alpha + observed) ** -(r + x)
            + np.exp(betaln(a + 1, b + x)) * (alpha + t_x) ** -(r + x)
        )))  # fmt: skip

    def bg_nbd(r: float, alpha: float, a: float, b: float) -> float:
        alive = betaln(a, b + x) - betaln(a, b) + gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        return float(np.sum(alive + np.log(
            (alpha + observed) ** -(r + x)
            + (x > 0) * a / np.maximum(b + x - 1, 1e-9) * (alpha + t_x) ** -(r + x)
        )))  # fmt: skip

    def gamma_gamma(p: float, q: float, gamma: float) -> float:
        n, z = x[x > 0], mean[x > 0]
        return float(np.sum(
            gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(gamma)
            + (p * n - 1) * np.log(z) + p * n * np.log(n) - (p * n + q) * np.log(gamma + n * z)
        ))  # fmt: skip

    for found, likelihood in ((fit, bg_nbd), (modified, mbg_nbd), (values, gamma_gamma)):
        top = likelihood(**found.parameters)
        assert found.log_likelihood == pytest.approx(top, rel=1e-10)
        for name, value in found.parameters.items():
            for factor in (0.99, 1.01):
                assert likelihood(**{**found.parameters, name: value * factor}) < top


def test_counted_distinct_customers_are_the_same_as_all_of_them(
    customers: list[np.ndarray],
) -> None:
    x, t_x, observed, _ = (column[:2000].round() for column in customers)
    rows, counts = np.unique(np.stack([x, t_x, observed]), axis=1, return_counts=True)
    assert len(counts) < len(x)
    counted = fit_bg_nbd(*rows, counts)
    each = fit_bg_nbd(x, t_x, observed, np.ones(len(x)))
    assert counted.parameters == pytest.approx(each.parameters, rel=1e-6)
    assert counted.log_likelihood == pytest.approx(each.log_likelihood, rel=1e-12)


def test_a_part_of_many_rows_leads_to_the_top_of_all(
    customers: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, t_x, observed, mean = customers
    ones = np.ones(len(x))
    whole = fit_bg_nbd(x, t_x, observed, ones), fit_gamma_gamma(x, mean, ones)
    for rows in (2000, 30):  # 30 rows lead nowhere: the climb starts again
        monkeypatch.setattr("portrait.fitting.clv.SKETCH_ROWS", rows)
        parts = fit_bg_nbd(x, t_x, observed, ones), fit_gamma_gamma(x, mean, ones)
        for one, other in zip(whole, parts, strict=True):
            assert other.problem is None
            assert other.parameters == pytest.approx(one.parameters, rel=1e-5)
            assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


def test_the_unit_of_time_and_money_scales_the_scales_alone(customers: list[np.ndarray]) -> None:
    x, t_x, observed, mean = customers
    ones = np.ones(len(x))
    days = fit_bg_nbd(x, t_x, observed, ones)
    weeks = fit_bg_nbd(x, t_x / 7, observed / 7, ones)
    assert weeks.parameters["alpha"] == pytest.approx(days.parameters["alpha"] / 7, rel=1e-6)
    assert weeks.parameters["a"] == pytest.approx(days.parameters["a"], rel=1e-6)
    assert weeks.log_likelihood == pytest.approx(days.log_likelihood + x.sum() * np.log(7))
    dear, cheap = fit_gamma_gamma(x, mean * 7e12, ones), fit_gamma_gamma(x, mean, ones)
    assert dear.parameters["gamma"] == pytest.approx(cheap.parameters["gamma"] * 7e12, rel=1e-6)
    assert dear.parameters["q"] == pytest.approx(cheap.parameters["q"], rel=1e-6)


def test_values_of_zero_and_below_do_not_enter(customers: list[np.ndarray]) -> None:
    x, _, _, mean = customers
    ones = np.ones(len(x))
    plain = fit_gamma_gamma(x, mean, ones)
    more = fit_gamma_gamma(
        np.append(x, [5, 5, 0, 5]), np.append(mean, [0, -10, 10, np.nan]), np.append(ones, ones[:4])
    )
    assert more == plain


def test_too_few_customers_are_not_fitted(customers: list[np.ndarray]) -> None:
    x, t_x, observed, mean = (column[: FEWEST_CUSTOMERS - 1] for column in customers)
    for fitted in (fit_bg_nbd, fit_mbg_nbd):
        fit = fitted(x, t_x, observed, np.ones(len(x)))
        assert fit.parameters == {} and not fit.is_converged
        assert "499 customers" in str(fit.problem)
    assert "too few" in str(fit_gamma_gamma(x[:60], mean[:60], np.ones(60)).problem)
    nobody = fit_bg_nbd([], [], [], [])
    assert "0 customers" in str(nobody.problem)


def test_data_that_say_nothing_do_not_converge() -> None:
    """Customers who buy alike and never leave have no spread to fit: a parameter runs away."""
    count = np.ones(600)
    alike = fit_bg_nbd(10 * count, 100 * count, 100 * count, count)
    assert not alike.is_converged
    assert "No convergence" in str(alike.problem)
    assert "No convergence" in str(fit_gamma_gamma(5 * count, 20 * count, count).problem)
    today = fit_bg_nbd(count, 0 * count, 0 * count, count)
    assert today.problem == "Nobody has been a customer for a day."


def test_where_nobody_leaves_the_edge_will_do() -> None:
    """As at Online Retail: a falls and b rises without end, and what is left is the NBD."""
    random = np.random.default_rng(5)
    rate = random.gamma(R, 1 / ALPHA, size=5000)
    observed = random.integers(1, 300, size=5000).astype(float)
    x = random.poisson(rate * observed).astype(float)
    # the greatest of x uniform times
    t_x = np.where(x > 0, observed * random.random(5000) ** (1 / np.maximum(x, 1)), 0.0)
    fit = fit_bg_nbd(x, t_x, observed, np.ones(5000))
    assert fit.is_converged and fit.problem is None
    assert fit.parameters["a"] / fit.parameters["b"] < 0.01
    assert fit.parameters["r"] == pytest.approx(R, rel=0.1)
    assert fit.parameters["alpha"] == pytest.approx(ALPHA, rel=0.15)


def test_values_without_a_mean_are_refused() -> None:
    """Values as heavy-tailed as q = 0.6 fit well, and give a negative mean."""
    random = np.random.default_rng(3)
    x = np.full(4000, 4.0)
    scale = random.gamma(0.6, 1 / 10.0, size=4000)
    mean = random.gamma(2.0, 1 / scale[:, None], size=(4000, 4)).mean(axis=1)
    fit = fit_gamma_gamma(x, mean, np.ones(4000))
    assert fit.is_converged
    assert fit.parameters["q"] == pytest.approx(0.6, rel=0.1)
    assert str(fit.problem).startswith("q is 0.")


# --- where few return ------------------------------------------------------------------------


def test_the_prior_hardly_matters_where_many_return(customers: list[np.ndarray]) -> None:
    x, t_x, observed, _ = simulated(12000, leaves_at_first=True)
    ones = np.ones(len(x))
    free, drawn = (fit(x, t_x, observed, ones) for fit in (fit_mbg_nbd, fit_mbg_nbd_prior))
    for name in ("r", "alpha", "a", "b"):
        assert drawn.parameters[name] == pytest.approx(free.parameters[name], rel=0.1)


def test_the_fit_with_a_prior_is_the_top_of_what_the_two_say() -> None:
    from scipy.special import betaln, gammaln

    x, t_x, observed, _ = simulated(100, leaves_at_first=True)
    fit = fit_mbg_nbd_prior(x, t_x, observed, np.ones(100))
    assert fit.problem is None

    def posterior(r: float, alpha: float, a: float, b: float) -> tuple[float, float]:
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        data = float(np.sum(shared + np.log(
            np.exp(betaln(a, b + x + 1)) * (alpha + observed) ** -(r + x)
            + np.exp(betaln(a + 1, b + x)) * (alpha + t_x) ** -(r + x)
        )))  # fmt: skip
        prior = -((np.log(r) / 1.0) ** 2) / 2 - ((np.log((a + b) / 2) / 1.5) ** 2) / 2
        return data + prior, data

    top, data = posterior(**fit.parameters)
    assert fit.log_likelihood == pytest.approx(data, rel=1e-9)
    for name, value in fit.parameters.items():
        for factor in (0.98, 1.02):
            assert posterior(**{**fit.parameters, name: value * factor})[0] < top


@pytest.mark.parametrize(
    ("x", "observed", "said"),
    [
        ([0] * 1000, [300] * 1000, "0 of them with a repeat purchase, are too few: 10 needed"),
        ([1, 0], [9, 9], "2 customers, 1 of them"),
        ([1] * 20, [0] * 20, "Nobody has been a customer for a day."),
        ([], [], "0 customers"),
    ],
)
def test_where_nobody_returns_there_is_no_model(
    x: list[int], observed: list[int], said: str
) -> None:
    fit = fit_mbg_nbd_prior(x, np.minimum(x, observed), observed, np.ones(len(x)))
    assert fit.parameters == {}
    assert said in str(fit.problem)


def credible(fit: Fit, days: float, mean: float) -> float:
    """The expected value, by Gamma-Gamma's formula."""
    p, q, gamma = (fit.parameters[name] for name in ("p", "q", "gamma"))
    return p * (gamma + days * mean) / (p * days + q - 1)


def test_credibility_tells_one_time_buyers_apart_by_what_they_paid() -> None:
    """Means of customers vary by 40^2, days by 20^2: one day counts 1 / (1 + 400 / 1600) = 0.8."""
    random = np.random.default_rng(3)
    number = np.where(np.arange(20000) < 200, 3, 1)
    own = 200 + random.normal(0, 40, 20000)
    mean, spread = np.zeros(20000), np.zeros(20000)
    for i, (days, centre) in enumerate(zip(number, own, strict=True)):
        values = centre + random.normal(0, 20, days)
        mean[i], spread[i] = values.mean(), ((values - values.mean()) ** 2).sum()
    fit = fit_credibility(number, mean, spread)
    assert fit.problem is None
    assert fit.parameters["q"] - 1 == pytest.approx(0.25, rel=0.15)
    assert credible(fit, 0, 0) == pytest.approx(200, rel=0.01)
    assert credible(fit, 1, 300) == pytest.approx(280, rel=0.02)
    assert credible(fit, 1, 100) == pytest.approx(120, rel=0.02)


def test_credibility_of_one_price_or_of_steady_customers_is_that() -> None:
    number = np.full(20, 2.0)
    alike = fit_credibility(number, np.full(20, 30.0), np.full(20, 50.0))
    assert credible(alike, 1, 90) == pytest.approx(30, rel=1e-4)
    one_price = fit_credibility(number, np.full(20, 30.0), np.zeros(20))
    assert credible(one_price, 2, 30) == pytest.approx(30)
    steady = fit_credibility(number, np.arange(10.0, 30.0), np.zeros(20))
    assert credible(steady, 1, 12) == pytest.approx(12, rel=1e-4)


def test_one_time_buyers_alone_say_nothing_of_values() -> None:
    """Nobody knows whether their amounts differ because they do, or because days do."""
    ones = np.ones(500)
    fit = fit_credibility(ones, np.linspace(5, 500, 500), np.zeros(500))
    assert fit.parameters == {} and "0 of them with a repeat purchase" in str(fit.problem)


# --- which parameters are in force -----------------------------------------------------------


def attempt(state: StateStore, number: int, *events: tuple[str, str], **columns: Any) -> None:
    """Write the events (model, event) of one attempt."""
    event_id = f"2026070{number}T000000Z-aaaa"
    state.append(
        TABLE,
        event_id,
        [
            {"event_id": event_id, "model": model, "event": event,
             "model_version": f"fitted-{number}", "as_of_date": "2026-06-30", "currency": "CNY",
             **columns}
            for model, event in events
        ],
    )  # fmt: skip


def write_days(build: Path, days: list[tuple[str, date, float]]) -> None:
    """Write purchases (customer, day, amount), and the histories that the models make of them."""
    with duckdb.connect(str(build)) as connection:
        connection.execute("use intermediate")
        connection.execute("create or replace table int_as_of as select $1 as as_of_date", [JUNE])
        connection.execute(
            "create or replace table bought (customer_id varchar, day date, amount decimal(18, 4))"
        )
        connection.execute(
            "insert into bought select unnest($1), unnest($2), unnest($3)",
            [list(column) for column in zip(*days, strict=True)],
        )
        connection.execute(
            "create or replace table int_customer_purchase_days as select customer_id,"
            " day as purchase_date, sum(amount) as realised_amount from bought group by all"
        )
        connection.execute(
            "create or replace table int_customer_purchase_summary as"
            " with firsts as (select *, purchase_date - min(purchase_date)"
            " over (partition by customer_id) as since from int_customer_purchase_days)"
            " select count(*) - 1 as repeat_days_count, max(since) as first_to_last_purchase_days,"
            " as_of_date - min(purchase_date) as observed_days,"
            " count(*) - 1 as valued_repeat_days_count,"
            " avg(realised_amount) filter (where since > 0) as mean_repeat_day_amount"
            " from firsts cross join int_as_of group by customer_id, as_of_date"
        )


BOTH_FITTED = (("bg_nbd", "compared"), ("mbg_nbd", "fitted"), ("gamma_gamma", "fitted"))
JUNE = date(2026, 6, 30)


def test_the_last_good_fit_holds(tmp_path: Path) -> None:
    state = StateStore(tmp_path)
    none = InForce("none")
    assert in_force(state, "CNY") == {"purchases": none, "values": none}
    attempt(state, 1, ("bg_nbd", "failed"), ("mbg_nbd", "failed"), ("gamma_gamma", "failed"))
    tried = InForce("none", tried_as_of=JUNE)
    assert in_force(state, "CNY") == {"purchases": tried, "values": tried}
    attempt(state, 2, *BOTH_FITTED)
    first = InForce("fitted", "mbg_nbd", "fitted-2", JUNE, JUNE)
    values = replace(first, model="gamma_gamma")
    assert in_force(state, "CNY") == {"purchases": first, "values": values}
    attempt(
        state, 3, ("bg_nbd", "fitted"), ("mbg_nbd", "failed"), ("gamma_gamma", "failed"),
        ("credibility", "failed"),
    )  # fmt: skip
    assert in_force(state, "CNY") == {
        "purchases": InForce("fitted", "bg_nbd", "fitted-3", JUNE, JUNE),
        "values": replace(values, source="last_good"),
    }
    attempt(state, 4, ("bg_nbd", "failed"), ("gamma_gamma", "failed"), ("credibility", "fitted"))
    assert in_force(state, "CNY") == {
        "purchases": InForce("last_good", "bg_nbd", "fitted-3", JUNE, JUNE),
        "values": InForce("fitted", "credibility", "fitted-4", JUNE, JUNE),
    }
    # Money of another currency says nothing of this one.
    assert in_force(state, "EUR")["values"] == none
    discard_fits(state)
    discarded = InForce("none", is_discarded=True)
    assert in_force(state, "CNY") == {"purchases": discarded, "values": discarded}
    with pytest.raises(PortraitError, match="No fit is in force"):
        discard_fits(state)


def test_a_store_of_an_earlier_version_is_understood(tmp_path: Path) -> None:
    state = StateStore(tmp_path)
    attempt(state, 1, ("bg_nbd", "fitted"), ("gamma_gamma", "failed"))
    assert in_force(state, "CNY")["purchases"].model == "bg_nbd"
    attempt(state, 2, ("bg_nbd", "shipped"), ("gamma_gamma", "shipped"))
    discarded = InForce("none", is_discarded=True)
    assert in_force(state, "CNY") == {"purchases": discarded, "values": discarded}


def test_a_fit_is_due_without_one_and_when_it_has_aged(tmp_path: Path) -> None:
    state = StateStore(tmp_path)
    assert is_due(state, "CNY", JUNE)
    attempt(state, 1, ("bg_nbd", "fitted"), ("gamma_gamma", "failed"))
    # A failed fit ages as a good one does: a second build of the day does not try again.
    assert not is_due(state, "CNY", date(2026, 7, 30))
    assert is_due(state, "CNY", date(2026, 7, 31))
    attempt(state, 2, *BOTH_FITTED)
    assert not is_due(state, "CNY", date(2026, 7, 30))
    assert is_due(state, "CNY", date(2026, 7, 31))
    assert is_due(state, "EUR", JUNE)
    # An old as-of date is scored with what there is.
    assert not is_due(state, "CNY", date(2025, 1, 1))
    discard_fits(state)
    assert not is_due(state, "CNY", date(2027, 1, 1))


def test_a_fit_is_written_down_with_what_it_rests_on(tmp_path: Path) -> None:
    build = tmp_path / "build.duckdb"
    with pytest.raises(PortraitError, match="no build"):
        fit_clv(build, StateStore(tmp_path / "state"), "CNY")
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema intermediate")
    with pytest.raises(PortraitError, match="no purchase histories"):
        fit_clv(build, StateStore(tmp_path / "state"), "CNY")
    days = [
        (f"c{i}", JUNE - timedelta(int(observed)) + timedelta(round(day)), amount)
        for i, (observed, repeats, values) in enumerate(lives(2000))
        for day, amount in zip([0.0, *repeats], [10.0, *values], strict=True)
    ]
    write_days(build, days)
    state = StateStore(tmp_path / "state")
    found = fit_clv(build, state, "CNY", datetime(2026, 7, 1, tzinfo=UTC))
    rows = {
        row["model"]: row
        for row in duckdb.sql(f"from ({state.select(TABLE)})").df().to_dict("records")
    }
    assert {model: row["event"] for model, row in rows.items()} == {
        "bg_nbd": "fitted", "mbg_nbd": "compared", "gamma_gamma": "fitted",
    }  # fmt: skip
    bg_nbd = rows["bg_nbd"]
    assert bg_nbd["alpha_days"] == found.fits["bg_nbd"].parameters["alpha"]
    assert bg_nbd["log_likelihood"] == found.fits["bg_nbd"].log_likelihood
    assert (bg_nbd["customer_count"], bg_nbd["is_converged"]) == (2000, True)
    assert (bg_nbd["as_of_date"].date(), bg_nbd["currency"]) == (JUNE, "CNY")
    measured = found.measured["bg_nbd"]
    assert measured is not None and bg_nbd["holdout_score"] == measured.score
    assert bg_nbd["churn_slope"] == pytest.approx(1, abs=0.15)
    assert summary_of(found).startswith("purchases by bg_nbd of 2,000 customers, values by gamma")
    assert remarks_on(found) == []
    # The same purchases give the same versions, at whatever time; one more purchase does not.
    again = StateStore(tmp_path / "again")
    fit_clv(build, again, "CNY", datetime(2026, 8, 1, tzinfo=UTC))
    versions = f"select model, model_version from ({again.select(TABLE)})"
    assert dict(duckdb.sql(versions).fetchall()) == {
        model: row["model_version"] for model, row in rows.items()
    }
    write_days(build, [*days, ("one more", JUNE, 10.0)])
    other = StateStore(tmp_path / "other")
    fit_clv(build, other, "CNY")
    versions = f"select model, model_version from ({other.select(TABLE)})"
    changed = dict(duckdb.sql(versions).fetchall())
    assert changed["bg_nbd"] != bg_nbd["model_version"]
    assert changed["gamma_gamma"] == rows["gamma_gamma"]["model_version"]


def test_where_nobody_returns_the_remarks_say_so(tmp_path: Path) -> None:
    build = tmp_path / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema intermediate")
    write_days(build, [(f"c{i}", JUNE - timedelta(i), float(i)) for i in range(200)])
    found = fit_clv(build, StateStore(tmp_path / "state"), "CNY")
    assert found.chosen == {"purchases": None, "values": None}
    purchases, values = remarks_on(found)
    assert purchases.startswith("purchases not fitted: 200 customers, 0 of them")
    assert values.startswith("values not fitted: 199 customers, 0 of them")
