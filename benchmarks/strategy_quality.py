"""What the chosen strategies of generated companies cause, beside other ways to spend the budget.

    python -m benchmarks.strategy_quality [--people N] [--seed S ...]

A company whose campaigns cause orders is generated and built as far as its strategies. The truth
knows what each action would cause with each person after the last day.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import yaml

from benchmarks.identity_quality import PROJECT, Companies
from benchmarks.strategy_scores import StrategyScores, add_strategy_scores

CAMPAIGNS = PROJECT / "portrait" / "generator" / "profiles" / "campaigns.yml"
# As many campaigns in half a year as else in a whole one.
OFTEN = {"campaigns": {"every_days": 15, "reach": 0.5, "effect": 1, "visits": 0.8}}
FEW_VISITS = {"size": {"orders_per_person": 8, "events_per_person": 5, "stores": 24}}


def advised_companies(folder: Path, seeds: tuple[int, ...], people: int) -> StrategyScores:
    """Build the company of each seed; the scores of all of them."""
    profile = yaml.safe_load(CAMPAIGNS.read_text(encoding="utf-8")) | FEW_VISITS | OFTEN
    scores = StrategyScores()
    with Companies(folder) as companies:
        for seed in seeds:
            raw = companies.generate(seed, people, "campaigns", profile)
            truth = raw.with_name(f"{raw.name}_truth")
            companies.build(raw, "+customer_strategy")
            add_strategy_scores(companies.query, truth, scores)
            shutil.rmtree(raw)
            shutil.rmtree(truth)
    return scores


def main() -> None:
    """Print the figures of all companies together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seed", type=int, nargs="+", default=[5, 6])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scores = advised_companies(Path(folder), tuple(options.seed), options.people)
    print(scores.summary())


if __name__ == "__main__":
    main()
