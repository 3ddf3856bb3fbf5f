"""Fits the models of customer lifetime value to counted purchase histories.

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers the Easy Way", Marketing Science 24(2),
2005; note 004 of Fader and Hardie derives the likelihood. MBG/NBD, where a customer may leave after
the first purchase too: Batislam, Denizel and Filiztekin, International Journal of Research in
Marketing 24(3), 2007. Gamma-Gamma: note 013 of Fader and Hardie. Customers of equal (x, t_x, T), or
of equal (x, mean value), share one term, so all take distinct rows and how many customers have
each.

Where too few customers return for these, a model with less to find is fitted instead: MBG/NBD with
a prior, and values by Buehlmann's credibility ("Experience rating and credibility", ASTIN Bulletin
4(3), 1967).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, gammaln, log_expit, psi

# BG/NBD and MBG/NBD need the first two, Gamma-Gamma the third, and the simpler models the last.
FEWEST_CUSTOMERS = 500
FEWEST_REPEATERS = 200
FEWEST_VALUED_REPEATERS = 50
FEWEST_FOR_PRIOR = 10
# What the prior says, before any data, of the logarithms of r and of a + b: mean and standard
# deviation. It says nothing of the mean rate and of the mean probability to leave.
PRIOR_OF_RATES = (0.0, 1.0)
PRIOR_OF_LEAVING = (float(np.log(2)), 1.5)
# A credibility weight of 1 / (1 + this) is none.
NO_WEIGHT = 1e6
# A parameter at an edge of its range has run away from its data, or grows without end. Times are
# in units of the longest one and values in units of their geometric mean, so that the range means
# the same for all data.
SMALLEST, GREATEST = 0.01, 500.0
# The greatest slope of a customer's mean log-likelihood by the logarithm of a parameter: at this
# slope the parameters are known to six digits if the data say anything about them.
STEEPEST = 1e-7

# With more than twice this many distinct rows, evenly drawn rows lead near the top first.
SKETCH_ROWS = 25_000

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """The result of a fit.

    parameters: by name, in the units of the data; empty where there was nothing to fit to.
    problem: why the parameters must not be used, as a sentence; None where they may.
    """

    parameters: dict[str, float]
    customers: int
    distinct: int
    rounds: int
    log_likelihood: float | None
    is_converged: bool
    problem: str | None


def fit_bg_nbd(
    repeat_days: ArrayLike, last_purchase: ArrayLike, observed: ArrayLike, customers: ArrayLike
) -> Fit:
    """Fit r, alpha, a and b to distinct (x, t_x, T); alpha comes in the unit of t_x and T.

    repeat_days: purchases after the first one, each on another day.
    last_purchase, observed: time from the first purchase to the last one, and to the end.
    customers: how many customers have the three.
    """
    return _fit_purchases(_arrays(repeat_days, last_purchase, observed, customers), False)


def fit_mbg_nbd(
    repeat_days: ArrayLike, last_purchase: ArrayLike, observed: ArrayLike, customers: ArrayLike
) -> Fit:
    """The same of MBG/NBD, where customers may leave after their first purchase too."""
    return _fit_purchases(_arrays(repeat_days, last_purchase, observed, customers), True)


def _fit_purchases(rows: tuple[Array, ...], leaves_at_first: bool) -> Fit:
    x, t_x, big_t, count = rows
    number, repeaters = int(count.sum()), int(count[x > 0].sum())
    if number < FEWEST_CUSTOMERS or repeaters < FEWEST_REPEATERS:
        return _too_few(number, repeaters, len(x), FEWEST_CUSTOMERS, FEWEST_REPEATERS)
    unit = float(big_t.max())
    if unit <= 0:
        return _of_one_day(number, len(x))
    start = np.log([1.0, max(float((count * big_t).sum()) / number / unit, 0.1), 1.0, 3.0])

    def objective(x: Array, t_x: Array, big_t: Array, count: Array) -> Objective:
        return _purchase_objective(x, t_x, big_t, count, leaves_at_first)

    found = _maximise(objective, (x, t_x / unit, big_t / unit, count), start)
    r, alpha, a, b = np.exp(found.place)
    # The density of x purchases at times in another unit.
    log_likelihood = -found.value * number - float((count * x).sum()) * np.log(unit)
    # Where nobody is seen to leave, a falls and b rises without end; where all leave alike, a and b
    # rise together. The likelihood and the scores hardly change there: the edge is enough.
    may_end = np.zeros(4, dtype=bool)
    may_end[2:] = found.at_low[2] & ~found.at_low[3], found.at_high[3]
    problem = found.problem(("r", "alpha", "a", "b"), may_end)
    return Fit(
        {"r": float(r), "alpha": float(alpha * unit), "a": float(a), "b": float(b)},
        number,
        len(x),
        found.rounds,
        float(log_likelihood),
        problem is None,
        problem,
    )


def fit_mbg_nbd_prior(
    repeat_days: ArrayLike, last_purchase: ArrayLike, observed: ArrayLike, customers: ArrayLike
) -> Fit:
    """Fit MBG/NBD with a prior, to data in which few customers return.

    Free are the mean rate and the mean probability to leave. How far customers differ in the two is
    drawn towards what is usual, since a few repeat purchases say little about it; the more there
    are, the less it is drawn. The log-likelihood is that of the data alone.
    """
    x, t_x, big_t, count = _arrays(repeat_days, last_purchase, observed, customers)
    number, repeaters = int(count.sum()), int(count[x > 0].sum())
    if repeaters < FEWEST_FOR_PRIOR:
        return _too_few(number, repeaters, len(x), 0, FEWEST_FOR_PRIOR)
    unit = float(big_t.max())
    if unit <= 0:
        return _of_one_day(number, len(x))
    objective = _purchase_objective(x, t_x / unit, big_t / unit, count, leaves_at_first=True)
    (r_mean, r_spread), (leaving_mean, leaving_spread) = PRIOR_OF_RATES, PRIOR_OF_LEAVING

    def minus_posterior(place: Array) -> tuple[float, Array]:
        log_rate, leaving, log_r, log_sum = place
        # the logarithms of the mean probability to leave, and of that to stay
        log_leave, log_stay = float(log_expit(leaving)), float(log_expit(-leaving))
        value, slopes = objective(
            np.array([log_r, log_r - log_rate, log_sum + log_leave, log_sum + log_stay])
        )
        of_r, of_alpha, of_a, of_b = slopes
        off_r, off_sum = (log_r - r_mean) / r_spread, (log_sum - leaving_mean) / leaving_spread
        return number * value + (off_r**2 + off_sum**2) / 2, np.array(
            [
                -number * of_alpha,
                number * (of_a * np.exp(log_stay) - of_b * np.exp(log_leave)),
                number * (of_r + of_alpha) + off_r / r_spread,
                number * (of_a + of_b) + off_sum / leaving_spread,
            ]
        )

    # Slow purchases of customers who stay, and quick ones of a few who do: the data decide.
    overall = float(np.log(count @ x / (count @ (big_t / unit))))
    starts = [(overall, -1.0, r_mean, leaving_mean), (overall + 2, 3.0, r_mean, leaving_mean)]
    bounds = [(-20.0, 10.0), (-5.0, 10.0), (-4.0, 5.0), (-1.0, 6.0)]
    climbs = [
        minimize(minus_posterior, np.array(start), jac=True, method="L-BFGS-B", bounds=bounds,
                 options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-6})
        for start in starts
    ]  # fmt: skip
    found = min(climbs, key=lambda climb: float(climb.fun))
    log_rate, leaving, log_r, log_sum = (float(value) for value in found.x)
    parameters = {
        "r": float(np.exp(log_r)),
        "alpha": float(np.exp(log_r - log_rate)) * unit,
        "a": float(np.exp(log_sum + log_expit(leaving))),
        "b": float(np.exp(log_sum + log_expit(-leaving))),
    }
    minus_mean, _ = objective(np.log(list(parameters.values())) - np.log([1, unit, 1, 1]))
    log_likelihood = -minus_mean * number - float(count @ x) * np.log(unit)
    is_converged = bool(np.isfinite(found.fun))
    problem = None if is_converged else f"No convergence after {found.nit} rounds."
    return Fit(
        parameters, number, len(x), int(found.nit), float(log_likelihood), is_converged, problem
    )


def fit_gamma_gamma(repeat_days: ArrayLike, mean_value: ArrayLike, customers: ArrayLike) -> Fit:
    """Fit p, q and gamma to distinct (x, mean value of x purchases); gamma comes in their money.

    Only customers with a repeat purchase and a mean value above zero enter. Below q = 1 the mean
    value of a customer drawn at random does not exist: such a fit has a problem.
    """
    x, mean, count = _arrays(repeat_days, mean_value, customers)
    entering = (x > 0) & (mean > 0)
    x, mean, count = x[entering], mean[entering], count[entering]
    number = int(count.sum())
    if number < FEWEST_VALUED_REPEATERS:
        return _too_few(number, number, len(x), 0, FEWEST_VALUED_REPEATERS)
    # The geometric mean, which the few greatest values cannot carry away.
    unit = float(np.exp((count * np.log(mean)).sum() / number))
    found = _maximise(_gamma_gamma_objective, (x, mean / unit, count), np.log([2.0, 3.0, 1.0]))
    p, q, gamma = np.exp(found.place)
    problem = found.problem(("p", "q", "gamma"), np.zeros(3, dtype=bool))
    is_converged = problem is None
    if is_converged and q <= 1:
        problem = f"q is {q:.3f}: at 1 or below no mean value exists."
    return Fit(
        {"p": float(p), "q": float(q), "gamma": float(gamma * unit)},
        number,
        len(x),
        found.rounds,
        float(-found.value * number - number * np.log(unit)),
        is_converged,
        problem,
    )


def fit_credibility(purchase_days: ArrayLike, mean_value: ArrayLike, spread: ArrayLike) -> Fit:
    """Fit how far the own mean of a customer counts, where Gamma-Gamma cannot be fitted.

    purchase_days, mean_value, spread: of each customer, the number of valued purchase days, the
    first one too, their mean, and the sum of their squared distances from it.

    The expected value is the mean of all, drawn to the own mean with the weight n / (n + k), where
    k is the variance between the days of a customer by that between customers. As p = 1,
    q = 1 + k and gamma = k * mean, these parameters fit into Gamma-Gamma's formula.
    """
    n, mean, within = _arrays(purchase_days, mean_value, spread)
    entering = (n > 0) & (mean > 0)
    n, mean, within = n[entering], mean[entering], within[entering]
    number, repeaters = len(n), int((n > 1).sum())
    if repeaters < FEWEST_FOR_PRIOR:
        return _too_few(number, repeaters, number, 0, FEWEST_FOR_PRIOR)
    days = float(n.sum())
    inside = float(within.sum()) / (days - number)
    overall = float(n @ mean) / days
    between = (float(n @ (mean - overall) ** 2) - (number - 1) * inside) / (
        days - float(n @ n) / days
    )
    k = min(inside / between, NO_WEIGHT) if between > 0 else NO_WEIGHT
    # Where nobody's days differ, the own mean is all there is to know.
    k = max(k, 1 / NO_WEIGHT)
    # The mean of customers, each drawn as far as the days allow.
    weights = n / (n + k)
    centre = float(weights @ mean / weights.sum())
    parameters = {"p": 1.0, "q": 1 + k, "gamma": k * centre}
    return Fit(parameters, number, number, 1, None, True, None)


def _arrays(*columns: ArrayLike) -> tuple[Array, ...]:
    return tuple(np.asarray(column, dtype=np.float64) for column in columns)


def _too_few(
    customers: int, repeaters: int, distinct: int, least_customers: int, least_repeaters: int
) -> Fit:
    needed = f"{least_customers} and {least_repeaters} are" if least_customers else least_repeaters
    problem = (
        f"{customers} customers, {repeaters} of them with a repeat purchase, are too few:"
        f" {needed} needed."
    )
    return Fit({}, customers, distinct, 0, None, False, problem)


def _of_one_day(customers: int, distinct: int) -> Fit:
    problem = "Nobody has been a customer for a day."
    return Fit({}, customers, distinct, 0, None, False, problem)


# The negative mean log-likelihood of a customer, and its slopes, by the logarithms.
Objective = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True)
class _Found:
    place: Array
    value: float
    rounds: int
    steepness: float

    @property
    def at_low(self) -> NDArray[np.bool_]:
        return self.place <= np.log(SMALLEST) + 1e-6

    @property
    def at_high(self) -> NDArray[np.bool_]:
        return self.place >= np.log(GREATEST) - 1e-6

    def problem(self, names: tuple[str, ...], may_end: NDArray[np.bool_]) -> str | None:
        """Why this is no top; None where it is. may_end: which may lie at the edge they are at."""
        runaway = [
            name
            for name, at, may in zip(names, self.at_low | self.at_high, may_end, strict=True)
            if at and not may
        ]
        if runaway:
            return f"No convergence: {' and '.join(runaway)} ran to the edge of the range."
        if self.steepness > STEEPEST:
            return f"No convergence after {self.rounds} rounds."
        return None


def _maximise(objective: Callable[..., Objective], rows: tuple[Array, ...], start: Array) -> _Found:
    """The top of the likelihood of rows, from near it by Newton's steps.

    Many rows are alike: an evenly drawn part of them leads close to the top of all rows and has
    nearly the same curvature. So only a few steps are left, with the part's curvature and the
    slopes of all rows.
    """
    minus_mean = objective(*rows)
    step_width = len(rows[0]) // SKETCH_ROWS
    if step_width < 2:
        return _polish(minus_mean, minus_mean, *_climb(minus_mean, start))
    sketch = objective(*(column[::step_width] for column in rows))
    near = _polish(sketch, sketch, *_climb(sketch, start))
    found = _polish(minus_mean, sketch, near.place, near.rounds)
    if found.steepness <= STEEPEST:
        return found
    return _polish(minus_mean, minus_mean, *_climb(minus_mean, near.place))


def _climb(minus_mean: Objective, start: Array) -> tuple[Array, int]:
    """L-BFGS-B within the range: where it ends, and its rounds."""
    bounds = [(np.log(SMALLEST), np.log(GREATEST))] * len(start)
    found = minimize(
        minus_mean, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": STEEPEST},
    )  # fmt: skip
    return np.asarray(found.x, dtype=np.float64), int(found.nit)


def _polish(minus_mean: Objective, curved: Objective, place: Array, rounds: int) -> _Found:
    """Newton's steps from a place near the top, with the curvature of `curved`."""
    low, high = np.log(SMALLEST), np.log(GREATEST)

    def free(place: Array, slopes: Array) -> NDArray[np.bool_]:
        outward = ((place <= low + 1e-6) & (slopes > 0)) | ((place >= high - 1e-6) & (slopes < 0))
        return ~outward

    value, slopes = minus_mean(place)
    for _ in range(10):
        moving = free(place, slopes)
        steepness = np.abs(slopes * moving).max()
        if steepness <= STEEPEST / 100:
            break
        step = np.zeros_like(place)
        step[moving] = _newton_step(curved, place, slopes, moving)
        new = np.clip(place - step, low, high)
        new_value, new_slopes = minus_mean(new)
        if not np.isfinite(new_value):
            break
        if np.abs(new_slopes * free(new, new_slopes)).max() >= steepness:
            break
        place, value, slopes, rounds = new, new_value, new_slopes, rounds + 1
    steepness = float(np.abs(slopes * free(place, slopes)).max())
    return _Found(place, float(value), rounds, steepness)


def _newton_step(
    minus_mean: Objective, place: Array, slopes: Array, moving: NDArray[np.bool_]
) -> Array:
    """The step of the moving parameters, by the second differences of their slopes."""
    width = 1e-4
    moves = np.eye(len(place))[moving] * width
    differences = [minus_mean(place + move)[1] - minus_mean(place - move)[1] for move in moves]
    curvature = np.array(differences)[:, moving] / (2 * width)
    found, *_ = np.linalg.lstsq((curvature + curvature.T) / 2, slopes[moving], rcond=None)
    step: Array = found.astype(np.float64)
    # A far step would leave the region where the differences hold.
    return step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-300))


def _purchase_objective(
    x: Array, t_x: Array, big_t: Array, count: Array, leaves_at_first: bool
) -> Objective:
    """BG/NBD, or MBG/NBD where a customer may leave after the first purchase too.

    With y chances to leave (x, or x + 1 of MBG/NBD), both have the likelihood
    G(r+x) / G(r) alpha^r B(a, b+y) / B(a, b)
    ((alpha+T)^-(r+x) + a / (b+y-1) (alpha+t_x)^-(r+x)), without the second term where y is 0.
    """
    number = count.sum()
    # Gamma functions depend on x alone, and logarithms of time on one time. Each has few values.
    values, place_of = np.unique(x, return_inverse=True)
    chances = values + leaves_at_first
    count_of = np.bincount(place_of, weights=count)
    ends, end_of = np.unique(big_t, return_inverse=True)
    lasts, last_of = np.unique(t_x, return_inverse=True)

    def minus_mean(logarithms: Array) -> tuple[float, Array]:
        r, alpha, a, b = np.exp(logarithms)
        # ln G(r+x) / G(r) + r ln alpha + ln B(a, b+y) / B(a, b), once per value of x
        by_value = (
            gammaln(r + values) - gammaln(r) + r * np.log(alpha)
            + gammaln(b + chances) - gammaln(b) + gammaln(a + b) - gammaln(a + b + chances)
        )  # fmt: skip
        log_end, log_last = np.log(alpha + ends)[end_of], np.log(alpha + lasts)[last_of]
        shape = r + x
        # B(a+1, b+y-1) / B(a, b+y) = a / (b+y-1); without a chance to leave nobody has left
        odds = np.full_like(values, -np.inf)
        odds[chances > 0] = np.log(a) - np.log(b + chances[chances > 0] - 1)
        alive_odds = shape * (log_last - log_end) - odds[place_of]
        alive_share = expit(alive_odds)
        gone_share = expit(-alive_odds)
        either = -shape * log_end - log_expit(alive_odds)

        of_all = psi(a + b) - psi(a + b + chances)
        d_r = count_of @ (psi(r + values) - psi(r) + np.log(alpha)) - count @ (
            alive_share * log_end + gone_share * log_last
        )
        d_alpha = number * r / alpha - count @ (
            shape
            * (
                alive_share * (1 / (alpha + ends))[end_of]
                + gone_share * (1 / (alpha + lasts))[last_of]
            )
        )
        gone_of = np.bincount(place_of, weights=count * gone_share)
        d_a = count_of @ of_all + gone_of.sum() / a
        d_b = count_of @ (psi(b + chances) - psi(b) + of_all) - gone_of @ (
            np.where(chances > 0, 1 / np.where(chances > 0, b + chances - 1, 1.0), 0.0)
        )
        total = count_of @ by_value + count @ either
        slopes = np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
        return -total / number, -slopes / number

    return minus_mean


def _gamma_gamma_objective(x: Array, mean: Array, count: Array) -> Objective:
    number = count.sum()
    log_mean, log_sum = np.log(mean), np.log(x * mean)
    values, place_of = np.unique(x, return_inverse=True)
    count_of = np.bincount(place_of, weights=count)

    def minus_mean(logarithms: Array) -> tuple[float, Array]:
        p, q, gamma = np.exp(logarithms)
        by_value = gammaln(p * values + q) - gammaln(p * values) - gammaln(q) + q * np.log(gamma)
        log_rate = np.log(gamma + x * mean)
        by_row = p * x * log_sum - log_mean - (p * x + q) * log_rate
        psi_all = psi(p * values + q)
        d_p = count_of @ (values * (psi_all - psi(p * values))) + count @ (x * (log_sum - log_rate))
        d_q = count_of @ (psi_all - psi(q) + np.log(gamma)) - count @ log_rate
        d_gamma = number * q / gamma - count @ ((p * x + q) / (gamma + x * mean))
        total = count_of @ by_value + count @ by_row
        return -total / number, -np.array([d_p * p, d_q * q, d_gamma * gamma]) / number

    return minus_mean
