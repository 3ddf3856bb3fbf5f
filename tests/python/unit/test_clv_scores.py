"""What the SQL of lifetime value scores equals scipy, over a grid with the extremes.

BG/NBD's expectation of who is still there, by Fader, Hardie and Lee (2005), equation 10, in the
form that Euler's transformation of the hypergeometric function gives it, which does not overflow:

    (a + b + x - 1) / (a - 1) * (1 - (1 - z)^(a - 1) * 2F1(a + b - 1 - r, a - 1; a + b + x - 1; z))
    z = t / (alpha + T + t)

Where a = 1 it is the integral of its slope in t, by quadrature.
"""

from __future__ import annotations

import itertools
import re

import duckdb
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1

TIMES = (30, 90, 365)
DISCOUNT, HORIZON = 0.1, 365
# r, alpha, a, b: CDNOW's; nearly nobody leaves; many never do, or at once (a + b below 1); all
# alike in leaving; a = 1; a tiny scale of time; the edge, where nobody leaves.
SETS = (
    (0.242593, 30.894724, 0.792886, 2.425754),
    (1.02, 62.9, 0.4, 18.96),
    (0.05, 2.0, 0.02, 0.02),
    (0.5, 20.0, 0.3, 0.6),
    (0.7, 500.0, 50.0, 200.0),
    (3.0, 1.0, 1.5, 0.1),
    (20.0, 4000.0, 0.2, 8.0),
    (2.0, 10.0, 1.0, 1.0),
    (0.242593, 30.894724, 1.0, 2.425754),
    (1.0, 0.05, 0.8, 2.4),
    (0.72, 66.0, 0.01, 500.0),
    # where few return: anybody may, once in centuries; nearly all are gone after the first purchase
    (1.07, 83_424.0, 0.0134, 1.9876),
    (2.32, 98.8, 25.2, 0.112),
)
# MBG/NBD has one more chance to leave. It expects of who is there what BG/NBD does with b + 1.
LEAVES_AT_FIRST = (False, True)
REPEATS = (0, 1, 2, 7, 50, 1000)
OBSERVED = (0, 1, 38, 365, 4000)


@pytest.fixture(scope="module")
def scores(compiled: dict[str, str]) -> list[tuple]:
    """The model's own rows for every set: its SQL as dbt compiles it, on tables of the grid."""
    sql = compiled["int_clv_purchases_expected"]
    for name in ("int_customer_purchase_summary", "int_clv_parameters"):
        sql, replaced = re.subn(rf'[\w".]+\."?{name}"?', name, sql)
        assert replaced == 1
    found = []
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_customer_purchase_summary as"
            " select x as repeat_days_count, T as observed_days"
            f" from unnest({list(REPEATS)}) as one(x), unnest({list(OBSERVED)}) as other(T)"
        )
        for (r, alpha, a, b), at_first in itertools.product(SETS, LEAVES_AT_FIRST):
            connection.execute(
                "create or replace table int_clv_parameters as select"
                f" {r}::double as r, {alpha}::double as alpha_days, {a}::double as a,"
                f" {b}::double as b, {int(at_first)} as first_chances_count,"
                " 'any' as purchase_model"
            )
            rows = connection.execute(sql).fetchall()
            found += [((r, alpha, a, b + at_first), *row) for row in rows]
    return found


def expected(r: float, alpha: float, a: float, b: float, x: int, observed: int, t: float) -> float:
    """Purchases within t of a customer who is still there, by scipy."""
    z = t / (alpha + observed + t)
    if a == 1:
        return by_quadrature(r, alpha, a, b, x, observed, t)
    value = (a + b + x - 1) / (a - 1) * (
        1 - (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    )  # fmt: skip
    return float(value)


def by_quadrature(
    r: float, alpha: float, a: float, b: float, x: int, observed: int, t: float
) -> float:
    """The same as the integral of the rate of purchases over the time, by scipy's quadrature."""
    scale = alpha + observed

    def rate(log_time: float) -> float:
        u = np.expm1(log_time)
        # 2F1(r + x + 1, a; a + b + x; -u) by Pfaff's transformation
        return float(
            (r + x) * (1 + u) * (1 + u) ** -a * hyp2f1(a + b - r - 1, a, a + b + x, u / (1 + u))
        )

    value, _ = quad(rate, 0, np.log1p(t / scale), epsabs=0, epsrel=1e-11, limit=500)
    return float(value)


def test_the_two_ways_of_scipy_agree() -> None:
    for parameters in SETS[:2]:
        for x, observed in ((0, 0), (2, 272), (50, 400)):
            assert by_quadrature(*parameters, x, observed, 365) == pytest.approx(
                expected(*parameters, x, observed, 365), rel=1e-9
            )


def test_expected_purchases_equal_scipy(scores: list[tuple]) -> None:
    assert len(scores) == len(SETS) * len(LEAVES_AT_FIRST) * len(REPEATS) * len(OBSERVED)
    worst = 0.0
    for parameters, x, observed, *bought in scores:
        for t, value in zip(TIMES, bought, strict=False):
            wanted = expected(*parameters, x, observed, t)
            difference = abs(value - wanted) / max(wanted, 1e-6)
            assert difference < 1e-6, (parameters, x, observed, t, value, wanted)
            worst = max(worst, difference)
    # The cap that the model's description states; scipy's own digits allow no more.
    assert worst < 1e-7


def discounted_by_parts(r: float, alpha: float, a: float, b: float, x: int, observed: int) -> float:
    """The integral of the slope of the expectation times the discount, by parts and quadrature."""
    rate, scale = np.log1p(DISCOUNT) / 365, alpha + observed

    def gained(log_time: float) -> float:
        t = scale * np.expm1(log_time)
        return float((t + scale) * np.exp(-rate * t) * expected(r, alpha, a, b, x, observed, t))

    earlier, _ = quad(gained, 0, np.log1p(HORIZON / scale), epsrel=1e-9, limit=200)
    whole = expected(r, alpha, a, b, x, observed, HORIZON)
    return float(np.exp(-rate * HORIZON) * whole + rate * earlier)


def test_each_day_is_discounted_for_itself(scores: list[tuple]) -> None:
    for parameters, x, observed, *_, discounted in scores[::13]:
        wanted = discounted_by_parts(*parameters, x, observed)
        # Five places lose digits where alpha + T is days only, or each purchase makes many leave.
        digits = 1e-6 if parameters[1] + observed > 10 and parameters[2] < 10 else 5e-4
        assert discounted == pytest.approx(wanted, rel=digits), (parameters, x, observed)


def test_the_published_expectation_comes_out() -> None:
    """E[X(t)] of a customer of today, t in weeks (Fader and Hardie's note 004, their workbook).

    At 78 weeks the workbook's series breaks off after 150 terms, at 1.8576; its limit is 1.8580.
    """
    r, alpha, a, b = SETS[0]
    assert expected(*SETS[0], 0, 0, 7) == pytest.approx(0.0532, abs=5e-5)
    assert expected(*SETS[0], 0, 0, 7 * 31.8571) == pytest.approx(1.0405, abs=5e-5)
    assert expected(*SETS[0], 0, 0, 7 * 78) == pytest.approx(1.8580, abs=5e-5)
    z = 7 * 78 / (alpha + 7 * 78)
    term = series = 1.0
    for j in range(1, 150):
        term *= (r + j - 1) * (b + j - 1) / ((a + b - 2 + j) * j) * z
        series += term
    broken_off = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + 7 * 78)) ** r * series)
    assert broken_off == pytest.approx(1.8576, abs=5e-5)


def test_extremes_are_in_the_grid() -> None:
    z = [
        t / (alpha + observed + t)
        for (_, alpha, _, _), observed, t in itertools.product(SETS, OBSERVED, TIMES)
    ]
    assert min(z) < 0.01
    assert max(z) > 0.999


def test_mbg_nbd_expects_what_its_authors_print() -> None:
    """Its expectation, with b + x + 1 and a + b + x in 2F1: as of BG/NBD with one more chance."""
    r, alpha, a, b = SETS[0]
    for x, observed, t in ((0, 272, 365), (3, 200, 90)):
        z = t / (alpha + observed + t)
        inner = (
            ((alpha + observed) / (alpha + observed + t)) ** (r + x)
            * hyp2f1(r + x, b + x + 1, a + b + x, z)
        )  # fmt: skip
        printed = (a + b + x) / (a - 1) * (1 - inner)
        assert printed == pytest.approx(expected(r, alpha, a, b + 1, x, observed, t), rel=1e-9)
