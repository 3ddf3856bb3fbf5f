"""The figures that churn is judged by, on cases that a person can count."""

from __future__ import annotations

import pandas
import pytest

from benchmarks.value_quality import auc, top_decile_precision


def test_auc_counts_pairs_and_halves_ties() -> None:
    """Lost 3 and 1, kept 2 and 1: of the four pairs two are right, one is a tie, one is wrong."""
    scores = pandas.Series([3, 1, 2, 1])
    is_lost = pandas.Series([True, True, False, False])
    assert auc(scores, is_lost) == pytest.approx(2.5 / 4)
    assert auc(pandas.Series([1, 1, 1, 1]), is_lost) == 0.5


def test_top_decile_is_of_the_highest_scores() -> None:
    scores = pandas.Series(range(20))
    is_lost = scores == 19
    assert top_decile_precision(scores, is_lost) == 0.5


def test_equal_scores_at_the_edge_share_what_is_left_of_the_decile() -> None:
    """The two highest of twenty: the first, and one of four equal ones, one of which is lost."""
    scores = pandas.Series([9, 5, 5, 5, 5] + [0] * 15)
    is_lost = pandas.Series([True, True, False, False, False] + [True] * 15)
    assert top_decile_precision(scores, is_lost) == pytest.approx((1 + 1 / 4) / 2)
