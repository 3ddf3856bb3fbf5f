"""Segments: the map of recency and frequency, groups, migration, cohorts."""

import streamlit as st

from portrait.app import charts
from portrait.app.view import View
from portrait.reading import markup
from portrait.reading.queries import segments

SCORES = (5, 4, 3, 2, 1)


def show(view: View) -> None:
    """Show the page."""
    _map(view)
    _groups(view)
    _migration(view)
    _cohorts(view)


def _map(view: View) -> None:
    words = view.words
    st.subheader(words("rfm_map"), anchor=False)
    st.html(markup.note(words("rfm_map_note")))
    found = {
        (row["recency_score"], row["frequency_score"]): row for row in view.ask(segments.rfm_map)
    }
    if not found:
        st.info(words("nothing_to_show"))
        return
    choices = {"customers_count": "count", "monetary_amount": "money"}
    measure = st.segmented_control(
        words("measure"), list(choices), default="customers_count", required=True,
        format_func=words.column,
    ) or "customers_count"  # fmt: skip
    most = max(float(row[measure] or 0) for row in found.values()) or 1.0
    view.heat(
        words("rfm_map"),
        words("recency_down_frequency_across"),
        [f"F {score}" for score in reversed(SCORES)],
        [
            (
                f"R {recency}",
                [
                    (
                        view.words.shown(found[recency, frequency][measure], choices[measure]),
                        float(found[recency, frequency][measure] or 0) / most,
                    )
                    if (recency, frequency) in found
                    else None
                    for frequency in reversed(SCORES)
                ],
            )
            for recency in SCORES
        ],
    )


def _groups(view: View) -> None:
    words = view.words
    st.subheader(words("groups"), anchor=False)
    scheme = st.selectbox(words("sorted_by"), segments.SCHEMES, format_func=words.column)
    found = view.ask(segments.groups, scheme)
    everybody = sum(row["customers_count"] for row in found) or 1
    charts.show(
        charts.bars(
            [(words.value(row["segment"]), row["customers_count"]) for row in found],
            words("customers"),
        )
    )
    view.table(
        words("groups"),
        [(words.column(scheme), ""), (words("customers"), "right"), (words("share"), "right"),
         (words.column("monetary_amount"), "right"),
         (words.column("lifetime_value_amount"), "right"),
         (words.column("churn_probability"), "right"), (words.column("recency_days"), "right")],
        [
            [
                words.value(row["segment"]),
                view.shown(row["customers_count"], "count"),
                view.shown(row["customers_count"] / everybody, "share"),
                view.shown(row["monetary_amount"], "money"),
                view.shown(row["lifetime_value_amount"], "money"),
                view.shown(row["churn_probability"], "share"),
                view.shown(row["recency_days"], "count"),
            ]
            for row in found
        ],
    )  # fmt: skip
    named = [row["segment"] for row in found if row["segment"] is not None]
    if not named:
        return
    segment = st.selectbox(words("what_sets_apart"), named, format_func=words.value)
    traits = view.ask(segments.traits, scheme, segment)
    if not traits:
        st.html(markup.note(words("nothing_sets_apart")))
        return
    view.table(
        words("what_sets_apart"),
        [(words("tag"), "wide"), (words("share"), "right"), (words("of_everybody"), "right"),
         (words("index"), "right")],
        [
            [
                view.tag(row["tag_code"]),
                view.shown(row["share_pct"], "pct"),
                view.shown(row["everybody_share_pct"], "pct"),
                view.shown(row["index_against_all"], "count"),
            ]
            for row in traits
        ],
    )  # fmt: skip


def _migration(view: View) -> None:
    words = view.words
    st.subheader(words("migration"), anchor=False)
    known = view.ask(segments.months)
    if not known:
        st.html(markup.note(words("nothing_to_show")))
        return
    st.html(markup.note(words("migration_note")))
    month = st.selectbox(words("month"), known, format_func=lambda day: f"{day:%Y-%m}")
    found = {
        (row["previous_rfm_segment"], row["rfm_segment"]): int(row["customers_count"])
        for row in view.ask(segments.migration, month)
    }
    names = sorted(
        {name for pair in found for name in pair},
        key=lambda name: (segments.RFM_ORDER.index(name) if name in segments.RFM_ORDER else len(segments.RFM_ORDER), name),
    )
    reached = [name for name in names if any(after == name for _, after in found)]
    body = []
    for before in names:
        whole = sum(found.get((before, after), 0) for after in names)
        if whole:
            body.append(
                (
                    f"{words.value(before)} ({whole:,})",
                    [
                        (f"{found[before, after]:,}", found[before, after] / whole)
                        if (before, after) in found
                        else None
                        for after in reached
                    ],
                )
            )
    view.heat(
        words("migration"), words("from_down_to_across"), [words.value(n) for n in reached], body
    )


def _cohorts(view: View) -> None:
    words = view.words
    st.subheader(words("cohorts"), anchor=False)
    found = view.ask(segments.cohorts)
    if not found:
        st.html(markup.note(words("nothing_to_show")))
        return
    st.html(markup.note(words("cohorts_note")))
    cohorts = sorted({row["cohort_month"] for row in found})
    numbers = sorted({row["month_number"] for row in found if row["month_number"] > 0})
    cells = {(row["cohort_month"], row["month_number"]): row for row in found}
    body = []
    for cohort in cohorts:
        size = int(cells[cohort, 0]["cohort_customers_count"]) if (cohort, 0) in cells else 0
        line: list[tuple[str, float] | None] = []
        for number in numbers:
            cell = cells.get((cohort, number))
            if not cell or not cell["cohort_customers_count"] or not cell["is_complete"]:
                line.append(None)
                continue
            share = float(cell["retained_customers_count"] / cell["cohort_customers_count"])
            line.append((f"{100 * share:.0f} %", min(1.0, share)))
        body.append((f"{cohort:%Y-%m} ({size:,})", line))
    view.heat(words("cohorts"), words("first_purchase"), [f"+{n}" for n in numbers], body)
