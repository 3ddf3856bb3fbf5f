"""Segments: the map of recency and frequency, groups, migration, cohorts."""

import streamlit as st

from portrait.app import charts
from portrait.app.view import View
from portrait.reading import heats, markup
from portrait.reading.queries import segments


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
    found = view.ask(segments.rfm_map)
    if not found:
        st.info(words("nothing_to_show"))
        return
    choices = {"customers_count": "count", "monetary_amount": "money"}
    measure = st.segmented_control(
        words("measure"), list(choices), default="customers_count", required=True,
        format_func=words.column,
    ) or "customers_count"  # fmt: skip
    view.heat(words("rfm_map"), heats.rfm_map(words, found, measure, choices[measure]))


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
    view.heat(words("migration"), heats.migration(words, view.ask(segments.migration, month)))


def _cohorts(view: View) -> None:
    words = view.words
    st.subheader(words("cohorts"), anchor=False)
    found = view.ask(segments.cohorts)
    if not found:
        st.html(markup.note(words("nothing_to_show")))
        return
    st.html(markup.note(words("cohorts_note")))
    view.heat(words("cohorts"), heats.cohorts(words, found))
