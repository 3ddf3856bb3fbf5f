"""Tables whose cells are the darker the more they hold: of answers of `queries`, for any reader."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portrait.reading.published import Row
from portrait.reading.queries.segments import RFM_ORDER
from portrait.reading.words import Words

SCORES = (5, 4, 3, 2, 1)
# A text and a share from 0 to 1; None where nothing is known.
Cell = tuple[str, float] | None


@dataclass(frozen=True)
class Heat:
    """The heading of the rows' headings, the headings of the columns, and the rows."""

    corner: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


def rfm_map(words: Words, found: Iterable[Row], measure: str, form: str) -> Heat:
    """Recency down, frequency across; `measure` is a column of the rows."""
    cells = {(row["recency_score"], row["frequency_score"]): row[measure] for row in found}
    most = max((float(value or 0) for value in cells.values()), default=0.0) or 1.0

    def cell(recency: int, frequency: int) -> Cell:
        if (recency, frequency) not in cells:
            return None
        value = cells[recency, frequency]
        return words.shown(value, form), float(value or 0) / most

    across = sorted(SCORES)
    return Heat(
        words("recency_down_frequency_across"),
        [f"F {score}" for score in across],
        [(f"R {down}", [cell(down, score) for score in across]) for down in SCORES],
    )


def migration(words: Words, found: Iterable[Row]) -> Heat:
    """Segments of the month before down, of the month across; shaded by the share of the row."""
    cells = {
        (row["previous_rfm_segment"], row["rfm_segment"]): int(row["customers_count"])
        for row in found
    }
    names = sorted({name for pair in cells for name in pair}, key=_rank)
    reached = [name for name in names if any(after == name for _, after in cells)]
    body: list[tuple[str, Sequence[Cell]]] = []
    for before in names:
        whole = sum(cells.get((before, after), 0) for after in names)
        if whole:
            body.append(
                (
                    f"{words.value(before)} ({whole:,})",
                    [
                        (f"{cells[before, after]:,}", cells[before, after] / whole)
                        if (before, after) in cells
                        else None
                        for after in reached
                    ],
                )
            )
    return Heat(words("from_down_to_across"), [words.value(name) for name in reached], body)


def _rank(segment: str) -> tuple[int, str]:
    """From the best to the worst; what is no segment of RFM comes last."""
    return (RFM_ORDER.index(segment) if segment in RFM_ORDER else len(RFM_ORDER), segment)


def cohorts(words: Words, found: Sequence[Row]) -> Heat:
    """Months of the first purchase down, months since across; a month that is not over is empty."""
    numbers = sorted({row["month_number"] for row in found if row["month_number"] > 0})
    cells = {(row["cohort_month"], row["month_number"]): row for row in found}

    def cell(row: Row | None) -> Cell:
        if not row or not row["cohort_customers_count"] or not row["is_complete"]:
            return None
        share = float(row["retained_customers_count"] / row["cohort_customers_count"])
        return f"{100 * share:.0f} %", min(1.0, share)

    body: list[tuple[str, Sequence[Cell]]] = []
    for cohort in sorted({row["cohort_month"] for row in found}):
        first = cells.get((cohort, 0))
        size = int(first["cohort_customers_count"]) if first else 0
        body.append((f"{cohort:%Y-%m} ({size:,})", [cell(cells.get((cohort, n))) for n in numbers]))
    return Heat(words("first_purchase"), [f"+{number}" for number in numbers], body)


def attribution(words: Words, found: Sequence[Row]) -> Heat:
    """Channels down, models across; without revenue there is nothing to share."""
    found = [row for row in found if row["amount_share_pct"] is not None]
    shares = {
        (row["channel"], row["attribution_model"]): float(row["amount_share_pct"]) for row in found
    }
    models = list(dict.fromkeys(row["attribution_model"] for row in found))
    channels = sorted(
        {row["channel"] for row in found},
        key=lambda channel: (-max(shares.get((channel, model), 0.0) for model in models), channel),
    )
    # The shade is of the known channels: beside "unknown" they would all be white.
    most = max((share for (name, _), share in shares.items() if name != "unknown"), default=1.0)

    def cell(channel: str, model: str) -> Cell:
        if (channel, model) not in shares:
            return None
        share = shares[channel, model]
        return f"{share:.1f} %", 0.0 if channel == "unknown" else share / (most or 1.0)

    return Heat(
        words("channel"),
        [words.value(model) for model in models],
        [(words.value(one), [cell(one, model) for model in models]) for one in channels],
    )
