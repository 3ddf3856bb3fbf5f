"""What campaigns brought beside those who were held out."""

from portrait.reading import markup
from portrait.reading.published import Row
from portrait.reading.words import Words, interval, signed
from portrait.report import drawing
from portrait.report.drawing import Interval
from portrait.report.teller import MOST_ROWS, Teller


def html(teller: Teller) -> str:
    """Write the section."""
    words, found = teller.words, teller.figures.campaigns
    if not found:
        return teller.said("no_campaigns")
    parts = [
        teller.table(
            words("page_campaigns"),
            [(words("campaign"), "wide"), (words("channel"), ""), (words("kind"), ""),
             (words("begins"), "tight"), (words("customers"), "right"),
             (words("opened"), "right"), (words("clicked"), "right"),
             (words("extra_after_cost"), "right")],
            [
                [
                    str(row["campaign_name"] or row["campaign_id"]),
                    words.value(row["campaign_channel"]),
                    words.value(row["campaign_kind"]),
                    teller.shown(row["start_date"]),
                    teller.shown(row["customers_count"], "count"),
                    teller.part(row["opened_contacts_count"], row["sent_contacts_count"]),
                    teller.part(row["clicked_contacts_count"], row["sent_contacts_count"]),
                    teller.shown(row["extra_realised_after_cost_amount"], "money"),
                ]
                for row in found[:MOST_ROWS]
            ],
        ),
        teller.more(len(found)),
        teller.heading("lift"),
    ]  # fmt: skip
    if not teller.figures.lifts:
        return "".join([*parts, teller.said("no_lift")])
    parts += [markup.note(words("lift_note")), _lifts(teller)]
    return "".join(parts)


def _judged(words: Words, row: Row, lift: str) -> str:
    """Whether a lift is sure, or why nothing can be said of it."""
    return words.value(row[f"{lift}_unjudged_reason"] or bool(row[f"is_{lift}_lift_sure"]))


def _lifts(teller: Teller) -> str:
    words = teller.words
    named = [
        (f"{row['campaign_name'] or row['campaign_id']} · {words.value(row['arm'])}", row)
        for row in teller.figures.lifts
    ]
    charts = []
    for name, sure, label in (
        ("response_lift_points", "is_response_lift_sure", words("lift_points")),
        ("realised_lift_amount", "is_realised_lift_sure", words("revenue_lift")),
    ):
        drawn = [
            Interval(
                word,
                float(row[name]),
                float(row[f"lower_{name}"]),
                float(row[f"upper_{name}"]),
                bool(row[sure]),
            )
            for word, row in named
            if None not in (row[name], row[f"lower_{name}"], row[f"upper_{name}"])
        ]
        if drawn:
            charts.append(drawing.intervals(label, drawn, words.short))
    return markup.note(words("lift_marks")) + drawing.grid(charts) + teller.table(
        words("lift"),
        [(words("group"), "wide"), (words("customers"), "right"), (words("response"), "right"),
         (words("lift_points"), "right"), (words("interval"), "right"), (words("is_sure"), ""),
         (words("revenue_lift"), "right"), (words("interval"), "right"), (words("is_sure"), "")],
        [
            [
                word,
                teller.shown(row["customers_count"], "count"),
                teller.shown(row["response_pct"], "pct"),
                signed(row["response_lift_points"]),
                interval(row, "response_lift_points"),
                _judged(words, row, "response"),
                signed(row["realised_lift_amount"]),
                interval(row, "realised_lift_amount"),
                _judged(words, row, "realised"),
            ]
            for word, row in named
        ],
    )  # fmt: skip
