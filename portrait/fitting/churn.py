"""How likely a customer buys nothing for a time: exactly by the model, and as it was measured.

A model is judged on the company's own past: fitted to what was known at a cut, it says who will
buy nothing in the 90 days after, and the purchases show who did not. The cuts are 90 days before
the as-of date, and a year before it, when the days to come were the same season.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit

from portrait.fitting.clv import Fit, fit_bg_nbd, fit_mbg_nbd, fit_mbg_nbd_prior

CHURN_DAYS = 90
CUTS_DAYS = (CHURN_DAYS, 365)
# A cut says nothing with fewer customers than the first number, or fewer than the second of those
# who bought, or of those who did not.
FEWEST_AT_CUT = 200
FEWEST_OF_EACH = 20
# A probability from here on is given only where the past bears it out.
MEASURED_FROM = 0.9
# One-sided, 95 %.
WILSON = 1.6449
# Models whose scores differ by less are equally good.
SAME_SCORE = 1e-5
EDGE = 1e-9

PURCHASE_FITS: Mapping[str, Callable[..., Fit]] = {
    "bg_nbd": fit_bg_nbd,
    "mbg_nbd": fit_mbg_nbd,
    "mbg_nbd_prior": fit_mbg_nbd_prior,
}

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """What was known at a cut, by distinct (x, t_x, T), and what the days after showed.

    lost: how many of the customers bought nothing in the CHURN_DAYS after the cut.
    """

    repeat_days: Array
    last_purchase: Array
    observed: Array
    customers: Array
    lost: Array

    @property
    def is_telling(self) -> bool:
        """Whether there are enough customers of each kind to measure a share."""
        number, lost = self.customers.sum(), self.lost.sum()
        return bool(
            number >= FEWEST_AT_CUT and lost >= FEWEST_OF_EACH and number - lost >= FEWEST_OF_EACH
        )


@dataclass(frozen=True)
class Measured:
    """What the past says of a model.

    customers: how many customers were judged, at all cuts together.
    score: mean log-likelihood of a customer's buying or not, by the model as it is.
    intercept, slope: of the logistic regression of being lost on the logit of its probability.
    ceiling: the greatest probability that the past bears out.
    """

    customers: int
    score: float
    intercept: float
    slope: float
    ceiling: float


def alive_probability(
    model: str, parameters: Mapping[str, float], x: Array, t_x: Array, big_t: Array
) -> Array:
    """P(alive) after x repeat purchases, the last of them at t_x of T.

    BG/NBD: note 021 of Fader and Hardie. MBG/NBD has one more chance to leave, the first purchase.
    """
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    chances = x + (model != "bg_nbd")
    log_odds_of_gone = (
        np.log(a)
        - np.log(b + np.maximum(chances - 1, 0))
        + (r + x) * (np.log(alpha + big_t) - np.log(alpha + t_x))
    )
    return np.where(chances > 0, expit(-log_odds_of_gone), 1.0)


def no_purchase_probability(
    model: str,
    parameters: Mapping[str, float],
    x: ArrayLike,
    t_x: ArrayLike,
    big_t: ArrayLike,
    days: float,
) -> Array:
    """The exact probability of no purchase within the days to come; all times in one unit.

    Note 039 of Fader and Hardie, section 5.3. Who has left buys nothing. The rate of who has not is
    of Gamma(r + x, alpha + T), and nobody leaves between two purchases.
    """
    x, t_x, big_t = (np.asarray(value, dtype=np.float64) for value in (x, t_x, big_t))
    r, alpha = parameters["r"], parameters["alpha"]
    alive = alive_probability(model, parameters, x, t_x, big_t)
    buys = -np.expm1((r + x) * (np.log(alpha + big_t) - np.log(alpha + big_t + days)))
    return 1 - alive * buys


def measured_probability(measured: Measured, probability: ArrayLike) -> Array:
    """A model's probability as the past corrects it."""
    odds = logit(np.clip(np.asarray(probability, dtype=np.float64), EDGE, 1 - EDGE))
    return np.minimum(expit(measured.intercept + measured.slope * odds), measured.ceiling)


def measure(model: str, pasts: Sequence[Past]) -> Measured | None:
    """Judge a model at each cut that says something; None where none does."""
    probabilities, judged = [], []
    for past in pasts:
        if not past.is_telling:
            continue
        histories = past.repeat_days, past.last_purchase, past.observed
        fit = PURCHASE_FITS[model](*histories, past.customers)
        if fit.problem:
            continue
        probabilities.append(no_purchase_probability(model, fit.parameters, *histories, CHURN_DAYS))
        judged.append(past)
    if not judged:
        return None
    probability = np.clip(np.concatenate(probabilities), EDGE, 1 - EDGE)
    customers = np.concatenate([past.customers for past in judged])
    lost = np.concatenate([past.lost for past in judged])
    log_likelihood = lost @ np.log(probability) + (customers - lost) @ np.log1p(-probability)
    intercept, slope = _regress(logit(probability), customers, lost)
    unbounded = Measured(0, 0.0, intercept, slope, 1.0)
    corrected = [measured_probability(unbounded, one) for one in probabilities]
    return Measured(
        customers=int(customers.sum()),
        score=float(log_likelihood / customers.sum()),
        intercept=intercept,
        slope=slope,
        ceiling=_ceiling(corrected, judged),
    )


def choose(fits: Mapping[str, Fit], measured: Mapping[str, Measured | None]) -> str | None:
    """The purchase model in force, of those that were fitted well; None without any.

    The one that said best, at the cuts, who would buy nothing. Where there is no such past, or
    where they said it equally well, the greater likelihood of all purchases decides, and BG/NBD
    where that is the same.
    """
    able = [model for model, fit in fits.items() if not fit.problem]
    if not able:
        return None
    scores = {model: found.score for model in able if (found := measured.get(model))}
    if scores:
        best = max(scores.values())
        able = [model for model in able if scores.get(model, -np.inf) >= best - SAME_SCORE]
    likelihoods = {model: fits[model].log_likelihood or -np.inf for model in able}
    most = max(likelihoods.values())
    return next(model for model in able if likelihoods[model] >= most - 0.01)


def _regress(odds: Array, customers: Array, lost: Array) -> tuple[float, float]:
    """Intercept and slope of the logistic regression of lost on odds, by maximum likelihood.

    One customer's worth of prior keeps them at 0 and 1 where the data say nothing. A slope below
    zero, by which the likelier lost would buy sooner, is none.
    """
    number = customers.sum()

    def minus_mean(place: Array) -> tuple[float, Array]:
        fitted = place[0] + place[1] * odds
        off = place - np.array([0.0, 1.0])
        value = -(lost @ log_expit(fitted) + (customers - lost) @ log_expit(-fitted))
        gap = customers * expit(fitted) - lost
        slopes = np.array([gap.sum(), gap @ odds]) + off
        return float(value + off @ off / 2) / number, slopes / number

    found = minimize(
        minus_mean, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B",
        bounds=[(None, None), (0.0, None)], options={"ftol": 1e-15, "gtol": 1e-10},
    )  # fmt: skip
    return float(found.x[0]), float(found.x[1])


def _ceiling(probabilities: Sequence[Array], pasts: Sequence[Past]) -> float:
    """The greatest probability that each cut bears out, from just below MEASURED_FROM to 0.99.

    One is borne out where, of the customers with at least that probability, at least that share
    bought nothing, by the lower bound of Wilson's interval.
    """
    ceiling = MEASURED_FROM - 0.001
    for bar in np.round(np.arange(MEASURED_FROM, 1.0, 0.01), 2):
        for probability, past in zip(probabilities, pasts, strict=True):
            at_least = probability >= bar
            number, lost = past.customers[at_least].sum(), past.lost[at_least].sum()
            if number == 0 or wilson_lower(lost / number, number) < bar:
                return ceiling
        ceiling = float(bar)
    return ceiling


def wilson_lower(share: float, number: float) -> float:
    """The lower bound of Wilson's one-sided interval of a share."""
    squared = WILSON**2
    centre = share + squared / (2 * number)
    half = WILSON * np.sqrt(share * (1 - share) / number + squared / (4 * number**2))
    return float((centre - half) / (1 + squared / number))
