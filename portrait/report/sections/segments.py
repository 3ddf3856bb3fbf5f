"""Who is where, and who went where."""

from portrait.reading import heats, markup
from portrait.reading.published import Row
from portrait.report import drawing
from portrait.report.drawing import Bar
from portrait.report.figures import SCHEMES
from portrait.report.teller import Teller

# Amounts and means of fewer customers are not shown: they would be almost those of one.
FEWEST_CUSTOMERS = 5


def html(teller: Teller) -> str:
    """Write the section."""
    words, figures = teller.words, teller.figures
    parts = [teller.heading("rfm_map")]
    if figures.rfm_map:
        parts += [
            markup.note(words("rfm_map_note")),
            markup.heat(
                words("rfm_map"),
                heats.rfm_map(words, figures.rfm_map, "customers_count", "count"),
            ),
        ]
    else:
        parts.append(teller.said("nobody_bought"))
    parts += [teller.heading("groups"), _groups(teller), teller.heading("migration")]
    if figures.migration:
        parts += [
            markup.note(f"{figures.migration_month:%Y-%m}. {words('migration_note')}"),
            markup.heat(words("migration"), heats.migration(words, figures.migration)),
        ]
    else:
        parts.append(teller.said("no_migration"))
    return "".join(parts)


def _groups(teller: Teller) -> str:
    words = teller.words
    found = {name: teller.figures.groups[name] for name in SCHEMES if teller.figures.groups[name]}
    if not found:
        return teller.said("no_customers")
    charts, tables = [], []
    for scheme, rows in found.items():
        everybody = sum(row["customers_count"] for row in rows)
        charts.append(
            drawing.bars(
                words.column(scheme),
                [
                    Bar(
                        words.value(row["segment"]),
                        float(row["customers_count"]),
                        teller.shown(row["customers_count"], "count"),
                    )
                    for row in rows
                ],
            )
        )
        tables.append(
            teller.table(
                words.column(scheme),
                [(words.column(scheme), ""), (words("customers"), "right"),
                 (words("share"), "right"), (words.column("monetary_amount"), "right"),
                 (words.column("lifetime_value_amount"), "right"),
                 (words.column("churn_probability"), "right")],
                [_group(teller, row, everybody) for row in rows],
            )
        )  # fmt: skip
    note = markup.note(words("few_customers_note", count=FEWEST_CUSTOMERS))
    return drawing.stacks(charts) + note + "".join(tables)


def _group(teller: Teller, row: Row, everybody: int) -> list[str]:
    may_tell = row["customers_count"] >= FEWEST_CUSTOMERS
    worth = [
        teller.shown(row["monetary_amount"], "money"),
        teller.shown(row["lifetime_value_amount"], "money"),
        teller.shown(row["churn_probability"], "share"),
    ]
    return [
        teller.words.value(row["segment"]),
        teller.shown(row["customers_count"], "count"),
        teller.shown(row["customers_count"] / everybody, "share"),
        *(worth if may_tell else ["–"] * len(worth)),
    ]
