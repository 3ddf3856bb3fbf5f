"""Probabilities of no purchase are exact, and the bands of churn risk hold what the past showed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas
import pytest
from builds import PROJECT
from lifetime_value_sql import score
from scipy.integrate import quad
from scipy.stats import beta, gamma

from portrait.fitting.churn import (
    CHURN_DAYS,
    CUTS_DAYS,
    PURCHASE_FITS,
    Measured,
    Past,
    alive_probability,
    choose,
    measure,
    measured_probability,
    no_purchase_probability,
    wilson_lower,
)
from portrait.fitting.clv import Fit, fit_bg_nbd, fit_credibility, fit_gamma_gamma, fit_mbg_nbd

PARAMETERS = {"r": 0.5248, "alpha": 43.28, "a": 0.8914, "b": 1.614}
# x, t_x, T: somebody of today, one-time buyers, somebody steady, silent, and soon silent.
HISTORIES = np.array(
    [(0, 0, 0), (0, 0, 272), (1, 30, 272), (5, 250, 272), (7, 40, 272), (30, 300, 310)], dtype=float
).T
BANDS = (0, 0.5, 0.75, 0.9, 1.01)


# --- the probabilities themselves ------------------------------------------------------------


def by_integration(model: str, x: float, t_x: float, big_t: float, days: float) -> float:
    """P(no purchase) as the integral over rate and probability to leave, by quadrature.

    Given both, a customer has taken none of the chances to leave and bought nothing since t_x nor
    will, or left at t_x.
    """
    r, alpha, a, b = PARAMETERS.values()
    chances = x + (model != "bg_nbd")

    def over_rates(until: float) -> float:
        # lambda^x exp(-lambda until) over Gamma(r, alpha)
        return quad(
            lambda rate: rate**x * np.exp(-rate * until) * gamma.pdf(rate, r, scale=1 / alpha),
            *(0, np.inf), epsabs=0, epsrel=1e-9, limit=400,
        )[0]  # fmt: skip

    def over_leaving(power: float, extra: int) -> float:
        return quad(
            lambda p: p**extra * (1 - p) ** power * beta.pdf(p, a, b),
            *(0, 1), epsabs=0, epsrel=1e-9, limit=400,
        )[0]  # fmt: skip

    stayed = over_leaving(chances, 0)
    left = over_leaving(chances - 1, 1) * over_rates(t_x) if chances else 0.0
    return (stayed * over_rates(big_t + days) + left) / (stayed * over_rates(big_t) + left)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd"])
@pytest.mark.parametrize("days", [30, 90, 365])
def test_no_purchase_is_what_integration_says(model: str, days: int) -> None:
    found = no_purchase_probability(model, PARAMETERS, *HISTORIES, days)
    for value, history in zip(found[1:5], HISTORIES.T[1:5], strict=True):
        assert value == pytest.approx(by_integration(model, *history, days), rel=1e-6)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd"])
def test_no_purchase_is_what_simulation_shows(model: str) -> None:
    """200,000 customers of 272 days, by how often they bought: the share that then buys nothing."""
    random = np.random.default_rng(4)
    number, observed = 200_000, 272.0
    r, alpha, a, b = PARAMETERS.values()
    rate, leaves = random.gamma(r, 1 / alpha, number), random.beta(a, b, number)
    time, x, t_x = np.zeros(number), np.zeros(number), np.zeros(number)
    alive = random.random(number) >= leaves if model == "mbg_nbd" else np.ones(number, dtype=bool)
    buys = np.zeros(number, dtype=bool)
    while alive.any():
        time = time + random.exponential(1 / rate)
        inside = alive & (time <= observed)
        buys |= alive & (time > observed) & (time <= observed + 90)
        x, t_x = x + inside, np.where(inside, time, t_x)
        alive = inside & (random.random(number) >= leaves)
    found = no_purchase_probability(model, PARAMETERS, x, t_x, np.full(number, observed), 90)
    for least, most in pairwise((0, 1, 2, 4, 1000)):
        group = (x >= least) & (x < most)
        spread = 4 * np.sqrt(0.25 / group.sum())
        assert found[group].mean() == pytest.approx(1 - buys[group].mean(), abs=spread)


def test_the_published_probability_of_a_one_time_buyer_comes_out() -> None:
    """BTYDplus' parameters of MBG/NBD on CDNOW: P(alive | x = 0, T = 38.86 weeks) = .3897."""
    weeks = {"r": 0.5248, "alpha": 6.1831, "a": 0.8914, "b": 1.6140}
    nothing, zero, end = np.zeros(1), np.zeros(1), np.array([38.86])
    assert alive_probability("mbg_nbd", weeks, nothing, zero, end)[0] == pytest.approx(
        0.3897, abs=5e-5
    )
    assert alive_probability("bg_nbd", weeks, nothing, zero, end)[0] == 1


def test_the_sql_says_the_same(compiled: dict[str, str]) -> None:
    measured = Measured(0, 0.0, 0.3, 0.8, 0.95)
    for model in ("bg_nbd", "mbg_nbd", "mbg_nbd_prior"):
        rows = score(
            compiled, model, PARAMETERS,
            dict(
                zip(
                    ("repeat_days_count", "first_to_last_purchase_days", "observed_days"),
                    HISTORIES.astype(int), strict=True,
                )
            ),
            churn=(measured.intercept, measured.slope, measured.ceiling),
        )  # fmt: skip
        assert rows["p_alive"].to_numpy() == pytest.approx(
            alive_probability(model, PARAMETERS, *HISTORIES), rel=1e-12
        )
        for days in (30, 90, 365):
            wanted = no_purchase_probability(model, PARAMETERS, *HISTORIES, days)
            found = rows[f"no_purchase_{days}d_probability"].to_numpy()
            assert found == pytest.approx(wanted, rel=1e-10)
        wanted = measured_probability(
            measured, no_purchase_probability(model, PARAMETERS, *HISTORIES, 90)
        )
        assert rows["churn_probability"].to_numpy() == pytest.approx(wanted, rel=1e-9)
        assert rows["lifetime_value_amount"].isna().all()
        assert set(rows["purchase_model"]) == {model}


# --- what the past says ----------------------------------------------------------------------


def at(days: pandas.DataFrame, cut: int, until: int = CHURN_DAYS) -> Past:
    """What was known at a cut, and who bought nothing after; days: customer and day, distinct."""
    before = days[days["day"] <= cut].groupby("customer")["day"].agg(["count", "min", "max"])
    after = days[(days["day"] > cut) & (days["day"] <= cut + until)]["customer"].unique()
    columns = before["count"] - 1, before["max"] - before["min"], cut - before["min"]
    rows, place, customers = np.unique(
        np.stack([column.to_numpy(dtype=float) for column in columns]),
        axis=1, return_inverse=True, return_counts=True,
    )  # fmt: skip
    lost = np.bincount(
        place.ravel(), weights=~before.index.isin(after), minlength=len(customers)
    ).astype(float)
    return Past(*rows, customers.astype(float), lost)


@dataclass
class Judged:
    """A company as of a day: the model in force, and what followed in each band."""

    model: str | None
    measured: Measured | None
    customers: dict[float, int]
    lost_share: dict[float, float]


def judged(days: pandas.DataFrame, as_of: int) -> Judged:
    """Fit and measure as a build of that day does, and count the bands in the days after."""
    known = days[days["day"] <= as_of]
    pasts = [at(known, as_of - back) for back in CUTS_DAYS]
    now = at(days, as_of)
    histories = now.repeat_days, now.last_purchase, now.observed
    fits = {
        model: PURCHASE_FITS[model](*histories, now.customers) for model in ("bg_nbd", "mbg_nbd")
    }
    if all(fit.problem for fit in fits.values()):
        fits["mbg_nbd_prior"] = PURCHASE_FITS["mbg_nbd_prior"](*histories, now.customers)
    found = {model: None if fit.problem else measure(model, pasts) for model, fit in fits.items()}
    model = choose(fits, found)
    measured = found[model] if model else None
    answer = Judged(model, measured, {}, {})
    if model and measured:
        exact = no_purchase_probability(model, fits[model].parameters, *histories, CHURN_DAYS)
        probability = measured_probability(measured, exact)
        for least, most in pairwise(BANDS):
            band = (probability >= least) & (probability < most)
            answer.customers[least] = int(now.customers[band].sum())
            answer.lost_share[least] = float(now.lost[band].sum() / max(answer.customers[least], 1))
    return answer


def raw_file(path: str) -> Path:
    """The file of real data, or a skip that says where it was looked for."""
    file = PROJECT / os.environ.get("PORTRAIT_REAL_DATA", "data/real") / path
    if not file.is_file():
        pytest.skip(f"real data are absent: {file} (examples/{path.split('/')[0]}/README.md)")
    return file


def cdnow() -> tuple[pandas.DataFrame, int]:
    """CDNOW's master to 1997-09-30."""
    file = raw_file("cdnow/cdnow_master.csv")
    return duckdb.sql(
        "select distinct customer_id as customer, cast(d as date) - date '1997-01-01' as day"
        f" from read_csv('{file}', header = true, all_varchar = true) order by all"
    ).df(), 272


def online_retail() -> tuple[pandas.DataFrame, int]:
    """UCI Online Retail to 2011-09-10: the season to come is the strongest of the year."""
    file = raw_file("online_retail/onlineretail.parquet")
    return duckdb.sql(
        'select distinct "CustomerID" as customer,'
        " cast(\"InvoiceDate\" as date) - date '2010-12-01' as day"
        f" from read_parquet('{file}') where \"CustomerID\" is not null"
        ' and "InvoiceNo" not like \'C%\' and "Quantity" > 0 and "UnitPrice" > 0 order by all'
    ).df(), 283


def households(customers: int = 2500, length: int = 700) -> tuple[pandas.DataFrame, int]:
    """A grocer's: hardly anybody leaves, and even who buys seldom comes back within 90 days."""
    random = np.random.default_rng(8)
    first = random.integers(0, 120, customers)
    gap = 1 / random.gamma(1.2, 1 / 25, customers)
    return grown(random, first, np.minimum(gap, 400), 0.001, length), length - CHURN_DAYS


def shop(customers: int = 6000, length: int = 900) -> tuple[pandas.DataFrame, int]:
    """A shop of its own kind: regular customers, and many who never come back, in seasons."""
    random = np.random.default_rng(9)
    first = (length * np.sqrt(random.random(customers))).astype(int)
    gap = random.lognormal(3.6, 0.9, customers)
    return grown(random, first, gap, random.beta(0.9, 1.6, customers), length), length - CHURN_DAYS


def grown(
    random: np.random.Generator,
    first: np.ndarray,
    gap: np.ndarray,
    leaving: np.ndarray | float,
    length: int,
) -> pandas.DataFrame:
    """Purchases with gaps of Gamma(2), more of them at the end of a year; who leaves is gone."""
    customer, day = [np.arange(len(first))], [first]
    now = first.astype(float)
    alive = random.random(len(first)) >= leaving
    while alive.any():
        season = 1 + 0.25 * np.sin(2 * np.pi * now / 365)
        now = now + np.maximum(1, random.gamma(2, gap * season / 2))
        alive &= now <= length
        customer.append(np.flatnonzero(alive))
        day.append(now[alive])
        alive &= random.random(len(first)) >= leaving
    return pandas.DataFrame(
        {"customer": np.concatenate(customer), "day": np.concatenate(day).astype(int)}
    ).drop_duplicates()


@pytest.mark.parametrize(
    ("company", "has_lost"),
    [(cdnow, True), (online_retail, False), (households, False), (shop, True)],
)
def test_nine_of_ten_in_the_band_lost_stay_away(
    company: Callable[[], tuple[pandas.DataFrame, int]], has_lost: bool
) -> None:
    """Or the band is not given, as where the past of a company shows no such customers."""
    found = judged(*company())
    assert (found.customers[0.9] > 0) == has_lost
    assert not has_lost or found.lost_share[0.9] >= 0.9
    shares = [share for band, share in found.lost_share.items() if found.customers[band] >= 50]
    assert len(shares) >= 2 and all(one + 0.05 < other for one, other in pairwise(shares))


def past_of(*groups: tuple[int, int, int, float]) -> Past:
    """A past of (x, t_x, customers, share that bought nothing), each with T = 200."""
    x, t_x, customers, share = np.array(groups, dtype=float).T
    return Past(x, t_x, np.full(len(x), 200.0), customers, np.round(customers * share))


def test_a_past_of_few_customers_or_of_one_kind_says_nothing() -> None:
    assert measure("mbg_nbd_prior", []) is None
    assert measure("mbg_nbd_prior", [past_of((0, 0, 100, 0.9), (1, 50, 99, 0.5))]) is None
    assert measure("mbg_nbd_prior", [past_of((0, 0, 900, 1.0), (1, 50, 100, 0.9))]) is None
    assert measure("mbg_nbd_prior", [past_of((0, 0, 900, 0.9), (1, 50, 100, 0.5))]) is not None
    # Where no model can be fitted at the cut, there is nothing to judge.
    assert measure("bg_nbd", [past_of((0, 0, 900, 0.9), (1, 50, 100, 0.5))]) is None


def test_what_was_measured_replaces_what_a_model_says() -> None:
    """Whatever the model thinks of the two groups: the shares come out, and no more than shown."""
    past = past_of((0, 0, 20000, 0.8), (3, 190, 10000, 0.4))
    measured = measure("mbg_nbd_prior", [past])
    assert measured is not None and measured.customers == 30000
    fit = PURCHASE_FITS["mbg_nbd_prior"](past.repeat_days, past.last_purchase, past.observed,
                                         past.customers)  # fmt: skip
    exact = no_purchase_probability(
        "mbg_nbd_prior", fit.parameters, past.repeat_days, past.last_purchase, past.observed, 90
    )
    assert measured_probability(measured, exact) == pytest.approx([0.8, 0.4], abs=0.01)
    assert measured.ceiling < 0.9
    assert measured_probability(measured, 1.0) == measured.ceiling


def test_a_second_cut_must_bear_out_the_highest_probabilities_too() -> None:
    lately = past_of((0, 0, 20000, 0.96), (3, 190, 10000, 0.4))
    season = past_of((0, 0, 20000, 0.85), (3, 190, 10000, 0.4))
    one, both = measure("mbg_nbd_prior", [lately]), measure("mbg_nbd_prior", [lately, season])
    assert one is not None and both is not None
    assert one.ceiling > 0.9 > both.ceiling


def test_where_a_model_ranks_the_wrong_way_everybody_has_the_mean() -> None:
    past = past_of((0, 0, 20000, 0.3), (3, 190, 10000, 0.6))
    measured = measure("mbg_nbd_prior", [past])
    assert measured is not None and measured.slope == 0
    assert measured_probability(measured, [0.1, 0.99]) == pytest.approx([0.4, 0.4], abs=0.001)


def fit_of(log_likelihood: float | None, problem: str | None = None) -> Fit:
    """A fit with that log-likelihood."""
    return Fit({}, 1, 1, 1, log_likelihood, problem is None, problem)


def test_the_model_in_force_is_the_one_that_describes_the_past() -> None:
    good = {"bg_nbd": fit_of(-100.0), "mbg_nbd": fit_of(-90.0)}

    def scored(bg_nbd: float, mbg_nbd: float) -> dict[str, Measured | None]:
        return {
            model: Measured(500, score, 0.0, 1.0, 0.9)
            for model, score in (("bg_nbd", bg_nbd), ("mbg_nbd", mbg_nbd))
        }

    assert choose(good, scored(-0.5, -0.6)) == "bg_nbd"
    assert choose(good, scored(-0.6, -0.5)) == "mbg_nbd"
    # Without a past, or with the same score, the likelihood decides, and then the simpler one.
    assert choose(good, {"bg_nbd": None, "mbg_nbd": None}) == "mbg_nbd"
    assert choose(good, scored(-0.5, -0.500001)) == "mbg_nbd"
    assert choose({**good, "bg_nbd": fit_of(-90.001)}, scored(-0.5, -0.5)) == "bg_nbd"
    # Nothing is chosen that could not be fitted.
    assert choose({**good, "bg_nbd": fit_of(None, "No.")}, scored(-0.1, -0.5)) == "mbg_nbd"
    failed = fit_of(None, "Too few.")
    assert choose({"bg_nbd": failed, "mbg_nbd": failed}, {}) is None
    few = {"bg_nbd": failed, "mbg_nbd": failed, "mbg_nbd_prior": fit_of(-9.0)}
    assert choose(few, {}) == "mbg_nbd_prior"


def test_the_lower_bound_is_wilsons() -> None:
    """Of 100 of 100 at most 2.6 % may be otherwise; of 9 of 10 a third."""
    assert wilson_lower(1.0, 100) == pytest.approx(0.97366, abs=1e-5)
    assert wilson_lower(0.9, 10) == pytest.approx(0.65208, abs=2e-2)


# --- where few return ------------------------------------------------------------------------


def marketplace(kind: str, random: np.random.Generator) -> pandas.DataFrame:
    """9,957 customers of 700 growing days and a year more, of whom about 30 return by then."""
    number, length = 9957, 1065
    first = 700 * np.sqrt(random.random(number))
    rate, leaving, leaving_later = {
        "seldom": (30 / number / 240, 0.0, 0.0),  # anybody may, some day
        "once": (1 / 60, 0.9964, 0.9964),  # few do, soon
        "some": (1 / 120, 0.9955, 0.5),  # few do, and go on
    }[kind]
    customer, day = [np.arange(number)], [first]
    alive, now = random.random(number) >= leaving, first
    while alive.any():
        now = now + random.exponential(1 / rate, number)
        alive &= now <= length
        customer.append(np.flatnonzero(alive))
        day.append(now[alive])
        alive &= random.random(number) >= leaving_later
    return pandas.DataFrame(
        {"customer": np.concatenate(customer), "day": np.concatenate(day).astype(int)}
    ).drop_duplicates()


@pytest.mark.parametrize("kind", ["seldom", "once", "some"])
def test_where_hardly_anybody_returns_hardly_any_purchase_is_expected(
    kind: str, compiled: dict[str, str]
) -> None:
    """What is expected for 365 days is within a factor of two of what comes.

    Thirty people are few: of three companies drawn alike, the one in the middle is judged.
    """
    random = np.random.default_rng(6)
    drawn = [marketplace(kind, random) for _ in range(20)]
    came = np.mean([(days["day"] > 700).sum() for days in drawn])
    expected = []
    for days in drawn[:3]:
        now = at(days, 700)
        histories = now.repeat_days, now.last_purchase, now.observed
        assert 9900 < now.customers.sum() <= 9957
        assert 15 < now.customers[now.repeat_days > 0].sum() < 50
        fits = {
            model: fit(*histories, now.customers)
            for model, fit in (("bg_nbd", fit_bg_nbd), ("mbg_nbd", fit_mbg_nbd))
        }
        assert all("too few" in str(fit.problem) for fit in fits.values())
        fit = PURCHASE_FITS["mbg_nbd_prior"](*histories, now.customers)
        assert fit.problem is None
        rows = score(
            compiled, "mbg_nbd_prior", fit.parameters,
            dict(
                zip(
                    ("repeat_days_count", "first_to_last_purchase_days", "observed_days"),
                    (column.astype(int) for column in histories), strict=True,
                )
            ),
        )  # fmt: skip
        expected.append(float(now.customers @ rows["expected_purchases_365d_count"].to_numpy()))
    assert came / 2 < np.median(expected) < came * 2


def test_where_few_return_one_time_buyers_are_worth_what_they_paid(
    compiled: dict[str, str],
) -> None:
    random = np.random.default_rng(2)
    number = np.where(np.arange(2000) < 30, 2, 1)
    own = random.lognormal(4, 0.6, 2000)
    amounts = [centre * random.lognormal(0, 0.3, days) for days, centre in zip(number, own)]  # noqa: B905
    mean = np.array([values.mean() for values in amounts])
    spread = np.array([((values - values.mean()) ** 2).sum() for values in amounts])
    assert "too few" in str(fit_gamma_gamma(number[:30] - 1, mean[:30], np.ones(30)).problem)
    fit = fit_credibility(number, mean, spread)
    rows = score(
        compiled, "mbg_nbd_prior", {"r": 1.0, "alpha": 500.0, "a": 1.0, "b": 1.0},
        {
            "repeat_days_count": number - 1,
            "first_to_last_purchase_days": 20 * (number - 1),
            "observed_days": np.full(2000, 100),
            "valued_days_count": number,
            "mean_day_amount": mean,
        },
        values=("credibility", fit.parameters),
    )  # fmt: skip
    once = rows[number == 1]
    money = once["lifetime_value_amount"].astype(float).to_numpy()
    assert len(np.unique(money)) > 1900
    assert (np.argsort(money) == np.argsort(mean[number == 1])).mean() > 0.99
    assert set(rows["value_model"]) == {"credibility"}
