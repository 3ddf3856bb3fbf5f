"""Risk on generated companies: how many of those who take advantage are found, and who else is.

    python -m benchmarks.risk_quality [--people N] [--seed S ...]

A company with large families, resellers who pay, staff of organisations, and people who take
advantage of coupons, refunds and orders is generated and built as far as its risk, and held against
the truth. Prints the figures of risk and of households.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.household_scores import HouseholdScores, add_household_scores
from benchmarks.identity_quality import Companies
from benchmarks.risk_scores import RiskScores, add_risk_scores

PROFILE = {
    "size": {"orders_per_person": 8, "events_per_person": 10, "stores": 24},
    "people": {"large_family": 0.15, "reseller": 0.01},
    "abuse": {"coupon_abuser": 0.015, "refund_abuser": 0.015, "order_brusher": 0.015},
}


def judged_companies(
    folder: Path, seeds: tuple[int, ...], people: int
) -> tuple[RiskScores, HouseholdScores]:
    """Build the company of each seed; the scores of all of them."""
    risk, households = RiskScores(), HouseholdScores()
    with Companies(folder) as companies:
        for seed in seeds:
            raw = companies.generate(seed, people, "abuse", PROFILE)
            truth = raw.with_name(f"{raw.name}_truth")
            companies.build(raw, "+customer_risk", "+int_household_members_listed")
            add_risk_scores(companies.query, truth, risk)
            add_household_scores(companies.query, truth, households, HouseholdScores())
            shutil.rmtree(raw)
            shutil.rmtree(truth)
    return risk, households


def main() -> None:
    """Print the figures of all companies together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seed", type=int, nargs="+", default=[821])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scores = judged_companies(Path(folder), tuple(options.seed), options.people)
    for each in scores:
        print(each.summary())


if __name__ == "__main__":
    main()
