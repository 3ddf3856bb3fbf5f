"""BG/NBD and Gamma-Gamma: known parameters come out, and what cannot be fitted says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from portrait.errors import PortraitError
from portrait.fitting.clv import FEWEST_CUSTOMERS, Fit, fit_bg_nbd, fit_gamma_gamma
from portrait.fitting.clv_parameters import (
    TABLE,
    InForce,
    fit_clv,
    go_back_to_shipped,
    in_force,
    is_due,
)
from portrait.state.store import StateStore

R, ALPHA, A, B = 0.8, 40.0, 0.9, 4.0
P, Q, GAMMA = 6.0, 4.0, 15.0


def simulated(customers: int, days: int = 400) -> list[np.ndarray]:
    """Purchases as BG/NBD tells them: x, t_x, T and the mean value of the repeats, by customer."""
    random = np.random.default_rng(7)
    found = []
    for _ in range(customers):
        rate, leaves = random.gamma(R, 1 / ALPHA), random.beta(A, B)
        observed = float(random.integers(1, days))
        time, repeats = 0.0, []
        while (time := time + random.exponential(1 / rate)) < observed:
            repeats.append(time)
            if random.random() < leaves:
                break
        scale = random.gamma(Q, 1 / GAMMA)
        values = random.gamma(P, 1 / scale, size=len(repeats))
        found.append(
            (len(repeats), repeats[-1] if repeats else 0.0, observed,
             values.mean() if repeats else np.nan)
        )  # fmt: skip
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


def test_the_fit_is_the_top_of_the_likelihood_written_anew(customers: list[np.ndarray]) -> None:
    """The likelihood as the papers print it, one customer at a time; no step makes it greater."""
    from scipy.special import betaln, gammaln

    x, t_x, observed, mean = (column[:1500] for column in customers)
    ones = np.ones(len(x))
    fit, values = fit_bg_nbd(x, t_x, observed, ones), fit_gamma_gamma(x, mean, ones)

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

    for found, likelihood in ((fit, bg_nbd), (values, gamma_gamma)):
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
    fit = fit_bg_nbd(x, t_x, observed, np.ones(len(x)))
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


BOTH_FITTED = (("bg_nbd", "fitted"), ("gamma_gamma", "fitted"))
JUNE = date(2026, 6, 30)


def test_the_last_good_fit_holds(tmp_path: Path) -> None:
    state = StateStore(tmp_path)
    shipped = InForce("shipped")
    assert in_force(state, "CNY") == {"bg_nbd": shipped, "gamma_gamma": shipped}
    attempt(state, 1, ("bg_nbd", "failed"), ("gamma_gamma", "failed"))
    tried = InForce("shipped", tried_as_of=JUNE)
    assert in_force(state, "CNY") == {"bg_nbd": tried, "gamma_gamma": tried}
    attempt(state, 2, *BOTH_FITTED)
    first = InForce("fitted", "fitted-2", JUNE, JUNE)
    assert in_force(state, "CNY") == {"bg_nbd": first, "gamma_gamma": first}
    attempt(state, 3, ("bg_nbd", "fitted"), ("gamma_gamma", "failed"))
    assert in_force(state, "CNY") == {
        "bg_nbd": InForce("fitted", "fitted-3", JUNE, JUNE),
        "gamma_gamma": replace(first, source="last_good"),
    }
    # Money of another currency says nothing of this one.
    assert in_force(state, "EUR")["gamma_gamma"] == shipped
    go_back_to_shipped(state)
    discarded = InForce("shipped", is_discarded=True)
    assert in_force(state, "CNY") == {"bg_nbd": discarded, "gamma_gamma": discarded}
    with pytest.raises(PortraitError, match="in force already"):
        go_back_to_shipped(state)


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
    go_back_to_shipped(state)
    assert not is_due(state, "CNY", date(2027, 1, 1))


def test_a_fit_is_written_down_with_what_it_rests_on(
    tmp_path: Path, customers: list[np.ndarray]
) -> None:
    build = tmp_path / "build.duckdb"
    with pytest.raises(PortraitError, match="no build"):
        fit_clv(build, StateStore(tmp_path / "state"), "CNY")
    x, t_x, observed, _ = (column[:2000] for column in customers)
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema intermediate")
    with pytest.raises(PortraitError, match="no purchase histories"):
        fit_clv(build, StateStore(tmp_path / "state"), "CNY")
    with duckdb.connect(str(build)) as connection:
        connection.execute("use intermediate")
        connection.execute("create table int_as_of as select date '2026-06-30' as as_of_date")
        connection.execute(
            "create table int_customer_purchase_summary (repeat_days_count bigint,"
            " first_to_last_purchase_days integer, observed_days integer,"
            " valued_repeat_days_count bigint, mean_repeat_day_amount double)"
        )
        connection.executemany(
            "insert into int_customer_purchase_summary values (?, ?, ?, 0, null)",
            np.stack([x, t_x.round(), observed], axis=1).tolist(),
        )
    state = StateStore(tmp_path / "state")
    fits: dict[str, Fit] = fit_clv(build, state, "CNY", datetime(2026, 7, 1, tzinfo=UTC))
    rows = duckdb.sql(f"from ({state.select(TABLE)}) order by model").df().to_dict("records")
    assert [row["event"] for row in rows] == ["fitted", "failed"]
    bg_nbd, gamma_gamma = rows
    assert bg_nbd["alpha_days"] == fits["bg_nbd"].parameters["alpha"]
    assert bg_nbd["log_likelihood"] == fits["bg_nbd"].log_likelihood
    assert (bg_nbd["customer_count"], bg_nbd["is_converged"]) == (2000, True)
    assert (bg_nbd["as_of_date"].date(), bg_nbd["currency"]) == (JUNE, "CNY")
    assert "too few" in gamma_gamma["problem"]
