"""The check of orders on generated companies: how many planted bad orders it finds, and what else.

    python -m benchmarks.order_quality [--people N] [--seed S ...]

A company with bad orders (out of range, to a strange address, paid short or otherwise, late) and
with people who take advantage is generated and built as far as its reviews, and held against the
truth.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import yaml

from benchmarks.identity_quality import PROJECT, Companies
from benchmarks.order_scores import OrderScores, add_order_scores

CAMPAIGNS = PROJECT / "portrait" / "generator" / "profiles" / "campaigns.yml"
FEW_VISITS = {"size": {"orders_per_person": 12, "events_per_person": 2, "stores": 24}}


def reviewed_companies(folder: Path, seeds: tuple[int, ...], people: int) -> OrderScores:
    """Build the company of each seed; the scores of all of them."""
    profile = yaml.safe_load(CAMPAIGNS.read_text(encoding="utf-8")) | FEW_VISITS
    scores = OrderScores()
    with Companies(folder) as companies:
        for seed in seeds:
            raw = companies.generate(seed, people, "bad_orders", profile)
            truth = raw.with_name(f"{raw.name}_truth")
            companies.build(raw, "+fct_order_reviews", "+fct_orders")
            add_order_scores(companies.query, truth, scores)
            shutil.rmtree(raw)
            shutil.rmtree(truth)
    return scores


def main() -> None:
    """Print the figures of all companies together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seed", type=int, nargs="+", default=[831])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scores = reviewed_companies(Path(folder), tuple(options.seed), options.people)
    print(scores.summary())


if __name__ == "__main__":
    main()
