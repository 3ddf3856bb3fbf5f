"""Identity review: the queue, both records of a case side by side, and the decision as a rule."""

from datetime import UTC, datetime
from math import ceil

import streamlit as st

from portrait.app.decisions import FILE, write_rule
from portrait.app.queries import identity
from portrait.app.queries.identity import Rule
from portrait.app.view import View
from portrait.errors import PortraitError
from portrait.reading import markup
from portrait.reading.published import Row

PERSON = ("full_name", "gender", "birth_date", "email", "phone", "region", "city", "address",
          "loyalty_number", "organisation", "records_count")  # fmt: skip


def show(view: View) -> None:
    """Show the page."""
    words = view.words
    kinds = view.ask(identity.kinds)
    if not kinds:
        st.info(words("nothing_to_review"))
        return
    counts = {row["review_type"]: row["cases_count"] for row in kinds}
    st.html(markup.note(words("review_note")))
    left, right = st.columns([3, 1])
    with left:
        kind = st.selectbox(
            words("kind_of_case"), list(counts),
            format_func=lambda one: f"{words.value(one)} ({counts[one]:,})",
        )  # fmt: skip
    with right:
        pages = ceil(counts[kind] / identity.PAGE)
        page = st.number_input(words("page_of", pages=pages), 1, pages, 1) - 1
    cases = view.ask(identity.queue, kind, page)
    view.table(
        words("queue"),
        [(words("records"), ""), (words("probability"), "right"),
         (words("evidence"), "wide")],
        [
            [
                _pair(case),
                view.shown(case["match_probability"], "share"),
                str(case["evidence"] or "–"),
            ]
            for case in cases[:10]
        ],
    )  # fmt: skip
    by_id = {case["review_id"]: case for case in cases}
    chosen = st.selectbox(words("case"), list(by_id), format_func=lambda one: _pair(by_id[one]))
    if chosen:
        _case(view, by_id[chosen])


def _pair(case: Row) -> str:
    """What a case is about: two records, one, or a whole customer."""
    records = [str(one) for one in (case["record_id"], case["other_record_id"]) if one]
    return " – ".join(records) or str(case["customer_id"])


def _case(view: View, case: Row) -> None:
    words = view.words
    st.subheader(_pair(case), anchor=False)
    if case["evidence"]:
        st.html(markup.note(str(case["evidence"])))
    question = case["question_zh" if words.language == "zh" else "question"]
    st.html(markup.facts([(words("to_settle_it"), str(question), "")]))
    if case["score_levels"]:
        st.html(markup.note(words("levels_note")))
        st.html(markup.chips(str(case["score_levels"]).split(", ")))
    sides = [one for one in (case["record_id"], case["other_record_id"]) if one]
    if not sides:
        _open_customer(view, case["customer_id"])
        return
    if not view.app.shows_personal:
        st.html(markup.note(words("masked_note")))
    for place, record_id in zip(st.columns(len(sides)), sides, strict=True):
        with place:
            _record(view, record_id)
    if len(sides) == 2:
        _shared(view, *sides)
        _decision(view, *sides)


def _record(view: View, record_id: str) -> None:
    words = view.words
    row = view.ask(identity.record, record_id)
    st.markdown(f"**{record_id}**")
    if not row:
        st.html(markup.note(words("not_delivered")))
        return
    bought = view.ask(identity.bought, record_id)
    facts = [
        (words("system"), words.value(row["system"]), ""),
        (words("first_seen"), view.shown(row["first_seen_at"]), ""),
        (words("orders_of_record"), view.shown(bought["orders_count"], "count"),
         f"{view.shown(bought['first_date'])} … {view.shown(bought['last_date'])}"
         if bought["orders_count"] else ""),
        (words("customer"), str(row["customer_id"]), ""),
    ]  # fmt: skip
    for column in PERSON:
        if row.get(column) is not None:
            value = view.masks.shown("dim_customers", column, row[column])
            facts.append((words.column(column), view.shown(value, "text"), ""))
    st.html(markup.facts(facts))
    _open_customer(view, row["customer_id"])


def _open_customer(view: View, customer_id: str) -> None:
    link = view.customer_link(customer_id)
    st.html(markup.link(markup.Link(f"{view.words('open_customer')} {link.text}", link.target)))


def _shared(view: View, record_id: str, other: str) -> None:
    words = view.words
    found = view.ask(identity.identifiers, record_id, other)
    if not found:
        return
    holders = {(True, True): "both", (True, False): "first_only", (False, True): "second_only"}

    def named(of_one: bool, of_other: bool) -> str:
        return words(holders[of_one, of_other]) if of_one or of_other else ""

    view.table(
        words("identifiers"),
        [(words("identifier"), ""), (words("held_by"), ""), (words("no_longer_held_by"), ""),
         (words("state"), ""), (words("records"), "right")],
        [
            [
                words.value(row["identifier_type"]),
                named(row["is_of_one"], row["is_of_other"]),
                named(row["is_earlier_of_one"], row["is_earlier_of_other"]),
                words.value(row["identifier_status"]),
                view.shown(row["records_count"], "count"),
            ]
            for row in found
        ],
    )  # fmt: skip


def _decision(view: View, record_id: str, other: str) -> None:
    words = view.words
    st.subheader(words("decision"), anchor=False)
    st.html(markup.note(words("decision_note")))
    rule = st.radio(
        words("rule"), identity.RULES, format_func=lambda one: words(f"rule_{one}"), key="rule"
    )
    reason = st.text_input(words("why"), key="reason", max_chars=200)
    steward = st.text_input(words("steward"), key="steward", max_chars=60)
    if not reason.strip() or not steward.strip():
        st.html(markup.note(words("reason_and_steward")))
        return
    decided = Rule.about(rule, record_id, other, reason, steward, datetime.now(UTC).date())
    st.code(f"{identity.header()}\n{decided.line()}", language=None)
    if not view.app.may_write:
        st.html(markup.note(words("copy_line", file=f"config/{FILE}")))
        return
    if st.button(words("write_rule", file=f"config/{FILE}"), type="primary"):
        try:
            path = write_rule(view.settings.project, view.settings.config_folder, decided)
            st.success(words("rule_written", path=path))
        except (PortraitError, OSError) as error:
            st.error(str(error))
