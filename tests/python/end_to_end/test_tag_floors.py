"""Tags hold their floors of accuracy on a company whose truth is known.

The figures themselves are what `python -m benchmarks.tag_accuracy` prints.
"""

from pathlib import Path

import pytest

from benchmarks.tag_accuracy import tag_accuracies

# What somebody told, or an order shows, is as good as the records that were joined.
FLOOR = 0.95
# What is concluded from few signals.
CONCLUDED = {
    "ATTR_GENDER_SHOPPING_": 0.75,
    "BEHAV_CHANNEL_BEFORE_": 0.65,
    "CONS_SENSITIVE_PROMOTION_HIGH": 0.6,
    # The other customer may be the same person, not joined.
    "SOC_HOUSEHOLD_SHARED_YES": 0.8,
}


@pytest.mark.slow(reason="a company of 2,000 people is built as far as its tags")
def test_sampled_tags_are_right(tmp_path: Path) -> None:
    found = {tag.tag_code: tag for tag in tag_accuracies(tmp_path / "place", 2000, 817, 100)}
    assert len(found) >= 25
    for code, tag in found.items():
        floor = next((low for start, low in CONCLUDED.items() if code.startswith(start)), FLOOR)
        assert tag.sampled < 10 or tag.share >= floor, tag
