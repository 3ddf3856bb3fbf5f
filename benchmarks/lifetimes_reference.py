"""Fit and predict lifetime value with the package lifetimes, in an environment of its own.

    .venv-bench/bin/python benchmarks/lifetimes_reference.py HISTORIES ANSWER SCORES

HISTORIES is Parquet: per customer customer_id, frequency, recency and T in days, and
monetary_value. ANSWER takes the seconds of each step and the fitted parameters as JSON, SCORES
one row per customer as Parquet. Fit and predictions are as the package's documentation does them,
row by row with its own starting points; beside them stands the fit of BG/NBD on counted distinct
histories, which it can be given as weights.
"""

from __future__ import annotations

import json
import sys
import time

import pandas
from lifetimes import BetaGeoFitter, GammaGammaFitter

HORIZONS = (30, 90, 365)


def main(histories: str, answer: str, scores: str) -> None:
    """Fit, predict, and write down what it took."""
    seconds: dict[str, float] = {}
    data = pandas.read_parquet(histories)

    begun = time.monotonic()
    bg_nbd = BetaGeoFitter()
    bg_nbd.fit(data["frequency"], data["recency"], data["T"])
    valued = data[(data["frequency"] > 0) & (data["monetary_value"] > 0)]
    gamma_gamma = GammaGammaFitter()
    gamma_gamma.fit(valued["frequency"], valued["monetary_value"])
    seconds["fit"] = time.monotonic() - begun

    begun = time.monotonic()
    keys = ["frequency", "recency", "T"]
    counted = data.groupby(keys, as_index=False).size()
    weighted = BetaGeoFitter()
    weighted.fit(*(counted[key] for key in keys), weights=counted["size"])
    seconds["fit of BG/NBD on counted histories"] = time.monotonic() - begun

    begun = time.monotonic()
    data["p_alive"] = bg_nbd.conditional_probability_alive(*(data[key] for key in keys))
    for days in HORIZONS:
        data[f"expected_{days}d"] = bg_nbd.conditional_expected_number_of_purchases_up_to_time(
            days, *(data[key] for key in keys)
        )
    data["expected_amount"] = gamma_gamma.conditional_expected_average_profit(
        data["frequency"], data["monetary_value"]
    )
    data["value"] = gamma_gamma.customer_lifetime_value(
        bg_nbd, *(data[key] for key in keys), data["monetary_value"], time=12, freq="D",
        discount_rate=0.0,
    )  # fmt: skip
    seconds["scores"] = time.monotonic() - begun

    data.to_parquet(scores)
    parameters = {**bg_nbd.params_.to_dict(), **gamma_gamma.params_.to_dict()}
    with open(answer, "w") as file:  # noqa: PTH123
        json.dump({"seconds": seconds, "parameters": parameters}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
