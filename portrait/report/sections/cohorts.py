"""Who came back."""

from portrait.reading import heats, markup
from portrait.report.teller import Teller


def html(teller: Teller) -> str:
    """Write the section."""
    if not teller.figures.cohorts:
        return teller.said("nobody_bought")
    return markup.note(teller.words("cohorts_note")) + markup.heat(
        teller.words("cohorts"), heats.cohorts(teller.words, teller.figures.cohorts)
    )
