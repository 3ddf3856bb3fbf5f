"""Quality: grades of what was delivered, checks, rejected and doubtful rows."""

import streamlit as st

from portrait.app.view import View
from portrait.reading import markup
from portrait.reading.queries import quality

WORST = 15


def show(view: View) -> None:
    """Show the page."""
    _grades(view)
    _tests(view)
    _rejected(view)
    _doubtful(view)
    _tags(view)


def _grades(view: View) -> None:
    words = view.words
    found = view.ask(quality.grades)
    landed = sum(one.landed for one in found)
    rejected = sum(one.rejected for one in found)
    checks = view.ask(quality.tests)
    failed = sum(row["failed_count"] for row in checks)
    warned = sum(row["warned_count"] for row in checks)
    passed = sum(row["passed_count"] for row in checks)
    st.html(markup.tiles([
        markup.Tile(words("rows_landed"), view.shown(landed, "count")),
        markup.Tile(words("rows_rejected"), view.shown(rejected, "count"),
                    view.shown(rejected / landed, "share") if landed else ""),
        markup.Tile(words("checks_passed"), view.shown(passed, "count")),
        markup.Tile(words("checks_warned"), view.shown(warned, "count")),
        markup.Tile(words("checks_failed"), view.shown(failed, "count")),
    ]))  # fmt: skip
    st.subheader(words("grades"), anchor=False)
    st.html(markup.note(words("grades_note")))
    st.html(markup.tiles(
        markup.Tile(
            words("grade", grade=grade),
            words("tables", count=sum(one.grade == grade for one in found)),
        )
        for grade in (*(grade for grade, _ in quality.GRADES), quality.LAST_GRADE)
    ))  # fmt: skip
    view.table(
        words("grades"),
        [(words("system"), ""), (words("table"), ""), (words("grade_heading"), ""),
         (words("bad_share"), "right"), (words("rows_landed"), "right"),
         (words("rows_rejected"), "right"), (words("values_unreadable"), "right")],
        [
            [
                words.value(one.system),
                one.table,
                one.grade,
                f"{one.bad_pct:.2f} %",
                view.shown(one.landed, "count"),
                view.shown(one.rejected, "count"),
                view.shown(one.unreadable, "count"),
            ]
            for one in found[:WORST]
        ],
    )  # fmt: skip


def _tests(view: View) -> None:
    words = view.words
    st.subheader(words("checks"), anchor=False)
    view.table(
        words("checks"),
        [(words("layer"), ""), (words("kind"), ""), (words("severity"), ""),
         (words("passed"), "right"), (words("warned"), "right"), (words("failed"), "right"),
         (words("skipped"), "right")],
        [
            [
                words.value(row["layer"]),
                words.value(row["kind"]),
                words.value(row["severity"]),
                *(
                    view.shown(row[name], "count")
                    for name in ("passed_count", "warned_count", "failed_count", "skipped_count")
                ),
            ]
            for row in view.ask(quality.tests)
        ],
    )  # fmt: skip
    found = view.ask(quality.warnings)
    if found:
        view.table(
            words("checks_to_look_at"),
            [(words("checks_to_look_at"), "wide"), (words("table"), ""), (words("severity"), ""),
             (words("rows"), "right")],
            [
                [
                    str(row["test_name"]),
                    str(row["subject"]),
                    words.value(row["severity"]),
                    view.shown(row["failures_count"], "count"),
                ]
                for row in found
            ],
        )  # fmt: skip


def _rejected(view: View) -> None:
    words = view.words
    st.subheader(words("rejected"), anchor=False)
    found = view.ask(quality.rejected)
    if not found:
        st.html(markup.note(words("nothing_rejected")))
        return
    view.table(
        words("rejected"),
        [(words("system"), ""), (words("table"), ""), (words("reason"), "wide"),
         (words("rows"), "right"), (words("last_file"), "tight")],
        [
            [
                words.value(row["system"]),
                str(row["table_name"]),
                words.reason(row["reason"]),
                view.shown(row["rows_count"], "count"),
                view.shown(row["last_load_date"]),
            ]
            for row in found[:WORST]
        ],
    )  # fmt: skip
    tables = sorted({(row["system"], row["table_name"]) for row in found})
    chosen = st.selectbox(
        words("where_they_stand"), tables, format_func=lambda one: f"{one[0]}.{one[1]}"
    )
    view.table(
        words("where_they_stand"),
        [(words("file"), "wide"), (words("line"), "right"), (words("reason"), ""),
         (words("row"), "wide")],
        [
            [
                str(row["file"]),
                view.shown(row["position_number"], "count"),
                words.reason(str(row["reason"])),
                str(view.masks.shown("rejected_rows", "raw_row", row["raw_row"]) or "–"),
            ]
            for row in view.ask(quality.rejected_examples, *chosen)
        ],
    )  # fmt: skip


def _doubtful(view: View) -> None:
    words = view.words
    st.subheader(words("doubtful"), anchor=False)
    found = view.ask(quality.doubtful)
    if found:
        view.table(
            words("doubtful"),
            [(words("system"), ""), (words("table"), ""), (words("doubt"), "wide"),
             (words("rows"), "right"), (words("amount_local"), "right")],
            [
                [
                    words.value(row["system"]),
                    str(row["table_name"] or "–"),
                    words.reason(str(row["doubt"])),
                    view.shown(row["rows_count"], "count"),
                    words.shown(row["amount"], "money"),
                ]
                for row in found
            ],
        )  # fmt: skip
    else:
        st.html(markup.note(words("nothing_doubtful")))
    strange = view.ask(quality.unknown_words)
    if strange:
        st.markdown(f"**{words('unknown_words')}**")
        view.table(
            words("unknown_words"),
            [(words("system"), ""), (words("column"), ""), (words("word"), ""),
             (words("seed"), ""), (words("rows"), "right"), (words("amount"), "right")],
            [
                [
                    words.value(row["system"]),
                    f"{row['table_name']}.{row['column_name']}",
                    str(row["word"]),
                    str(row["seed_name"]),
                    view.shown(row["rows_count"], "count"),
                    view.shown(row["amount"], "money"),
                ]
                for row in strange
            ],
        )  # fmt: skip
    values = view.ask(quality.unreadable)
    if values:
        st.markdown(f"**{words('values_unreadable')}**")
        view.table(
            words("values_unreadable"),
            [(words("system"), ""), (words("column"), ""), (words("reason"), ""),
             (words("for_example"), "wide"), (words("rows"), "right")],
            [
                [
                    words.value(row["system"]),
                    f"{row['table_name']}.{row['column_name']}",
                    words.value(row["reason"]),
                    str(
                        view.masks.shown(
                            "unreadable_values", "written_value", row["written_value"]
                        )
                        or "–"
                    ),
                    view.shown(row["rows_count"], "count"),
                ]
                for row in values
            ],
        )  # fmt: skip


def _tags(view: View) -> None:
    words = view.words
    found = view.ask(quality.tags_to_look_at)
    st.subheader(words("tags_to_look_at"), anchor=False)
    if not found:
        st.html(markup.note(words("tags_as_expected")))
        return
    view.table(
        words("tags_to_look_at"),
        [(words("tag"), "wide"), (words("share"), "right"), (words("expected"), "right")],
        [
            [
                view.tag(row["tag_code"], row["name_en"]),
                view.shown(row["coverage_pct"], "pct"),
                f"{view.shown(row['coverage_from_pct'], 'number')}"
                f" … {view.shown(row['coverage_to_pct'], 'number')} %",
            ]
            for row in found
        ],
    )  # fmt: skip
