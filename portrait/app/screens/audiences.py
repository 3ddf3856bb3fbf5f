"""Audiences: those in force, putting one together, and exporting one."""

import duckdb
import streamlit as st

from portrait.app.audience_draft import (
    Draft,
    Grammar,
    Preview,
    preview,
    read_grammar,
    save,
)
from portrait.app.queries import audiences
from portrait.app.screens.audience_form import ConditionForm
from portrait.app.view import View
from portrait.errors import PortraitError
from portrait.landing.audience_rules import (
    LARGEST_HOLDOUT,
    LAST_PRIORITY,
    LONGEST_NAME,
    USUAL_HOLDOUT,
    USUAL_PRIORITY,
)
from portrait.publishing.audience_export import (
    CHANNELS,
    Cap,
    Export,
    export_audience,
    usual_cap,
)
from portrait.reading import markup
from portrait.reading.heats import Heat
from portrait.reading.published import Row
from portrait.settings import Settings
from portrait.warehouse import Warehouse


def show(view: View) -> None:
    """Show the page."""
    words = view.words
    found = view.ask(audiences.audiences)
    if not found:
        st.info(words("no_such_table"))
        return
    names = [words(key) for key in ("audience_new", "audiences_in_force", "audience_export")]
    new, known, export = st.tabs(names)
    with new:
        _new(view, found)
    with known:
        _known(view, found)
    with export:
        _export(view, found)


# Putting one together.


@st.cache_resource(show_spinner=False, max_entries=2)
def _grammar(build_id: str, _settings: Settings) -> Grammar:
    return read_grammar(_settings.project, _settings.config_folder)


def _asked(
    connection: duckdb.DuckDBPyConnection, name: str, text: str, grammar: Grammar
) -> Preview:
    return preview(connection, grammar.compiled(name, text), name)


def _new(view: View, found: list[Row]) -> None:
    words = view.words
    grammar = _grammar(view.build.build_id, view.settings)
    st.html(markup.note(words("audience_new_note")))
    draft = _draft(view, grammar, found)
    if draft.is_empty():
        st.html(markup.note(words("choose_something")))
        return
    text = draft.yaml()
    try:
        shown = view.ask(_asked, draft.name, text, known=grammar)
    except PortraitError as error:
        st.error(str(error))
        return
    _preview(view, shown)
    st.subheader(words("file"), anchor=False)
    st.code(text, language="yaml")
    st.download_button(
        words("download"), text, file_name=f"{draft.name}.yml", mime="application/yaml"
    )
    _save(view, draft.name, text)


def _draft(view: View, grammar: Grammar, found: list[Row]) -> Draft:
    words = view.words
    tags = sorted(grammar.words.tags, key=view.tag)
    left, right = st.columns(2)
    with left:
        title = st.text_input(words("title_of"), value=words("new_audience"), max_chars=100)
        chosen = st.multiselect(
            words("has_all"),
            tags,
            format_func=view.tag,
            key="all_tags",
            placeholder=words("choose"),
        )
        none = st.multiselect(
            words("has_none"),
            tags,
            format_func=view.tag,
            key="no_tags",
            placeholder=words("choose"),
        )
    with right:
        name = st.text_input(words("name_of"), value="new_audience", max_chars=40)
        some = st.multiselect(
            words("has_any"),
            tags,
            format_func=view.tag,
            key="any_tags",
            placeholder=words("choose"),
        )
        titles = {row["audience"]: f"{row['title']}" for row in found}
        not_in = st.multiselect(
            words("not_in"),
            list(titles),
            format_func=titles.__getitem__,
            key="not_in",
            placeholder=words("choose"),
        )
    conditions = ConditionForm(view, grammar, titles).conditions()
    left, right = st.columns(2)
    with left:
        owner = st.text_input(words("owner"), value="marketing", max_chars=40)
    with right:
        holdout = st.number_input(words("holdout_pct"), 0, LARGEST_HOLDOUT, int(USUAL_HOLDOUT))
    with st.expander(words("more_of_audience")):
        description = st.text_input(words("description"), max_chars=300, key="description")
        first, second, third = st.columns(3)
        with first:
            group = st.text_input(words("exclusive_group"), max_chars=LONGEST_NAME, key="group")
        with second:
            priority = st.number_input(
                words("priority"), 1, LAST_PRIORITY, USUAL_PRIORITY, key="priority"
            )
        with third:
            salt = st.text_input(words("hash_salt"), max_chars=LONGEST_NAME, key="salt")
    return Draft(
        name=name.strip(), title=title, owner=owner, description=description, tags=chosen,
        any_tags=some, no_tags=none, conditions=conditions, not_in=not_in,
        holdout_pct=int(holdout), exclusive_group=group.strip(), priority=int(priority),
        hash_salt=salt.strip(),
    )  # fmt: skip


def _preview(view: View, shown: Preview) -> None:
    words = view.words
    size = shown.size
    share = size.members / size.customers if size.customers else 0.0
    st.html(markup.tiles([
        markup.Tile(words("members"), view.shown(size.members, "count"),
                    words("of_customers", share=view.shown(share, "share"))),
        markup.Tile(words("to_be_written_to"), view.shown(size.members - size.holdout, "count")),
        markup.Tile(words("held_out"), view.shown(size.holdout, "count")),
    ]))  # fmt: skip
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{words('profile')}**")
        _traits(view, [
            (one["tag_code"], None, 100 * one["share"], 100 * one["everybody_share"])
            for one in shown.profile
        ])  # fmt: skip
    with right:
        st.markdown(f"**{words('overlap')}**")
        if not shown.overlap:
            st.html(markup.note(words("no_overlap")))
            return
        view.table(
            words("overlap"),
            [(words("audience"), "wide"), (words("shared"), "right"),
             (words("of_this_one"), "right"), (words("of_the_other"), "right")],
            [
                [
                    str(one["title"] or one["audience"]),
                    view.shown(one["shared_count"], "count"),
                    view.shown(one["shared_count"] / size.matches, "share"),
                    view.shown(one["shared_count"] / one["members_count"], "share")
                    if one["members_count"]
                    else "–",
                ]
                for one in shown.overlap
            ],
        )  # fmt: skip


def _traits(view: View, traits: list[tuple[str, str | None, float, float]]) -> None:
    """Tags with their share in an audience and in all customers, both in percent."""
    words = view.words
    if not traits:
        st.html(markup.note(words("nothing_sets_apart")))
        return
    view.table(
        words("profile"),
        [(words("tag"), "wide"), (words("share"), "right"), (words("of_everybody"), "right")],
        [
            [view.tag(tag, name), view.shown(share, "pct"), view.shown(everybody, "pct")]
            for tag, name, share, everybody in traits
        ],
    )


def _save(view: View, name: str, text: str) -> None:
    words = view.words
    if not view.app.may_write:
        st.html(markup.note(words("saving_is_off")))
        return
    replaces = st.checkbox(words("replace_file"))
    if st.button(words("save_audience", name=name), type="primary"):
        try:
            path = save(view.settings.config_folder, name, text, replaces=replaces)
        except (PortraitError, OSError) as error:
            st.error(str(error))
        else:
            st.success(words("audience_saved", path=path))


# Those in force.


def _known(view: View, found: list[Row]) -> None:
    words = view.words
    view.table(
        words("audiences_in_force"),
        [(words("audience"), "wide"), (words("members"), "right"), (words("held_out"), "right"),
         (words("group_and_priority"), ""), (words("owner"), ""), (words("since"), "tight")],
        [
            [
                str(row["title"]),
                view.shown(row["members_count"], "count"),
                view.shown(row["holdout_members_count"], "count"),
                f"{row['exclusive_group']}, {row['priority']}" if row["exclusive_group"] else "–",
                str(row["owner"]),
                view.shown(row["first_date"]),
            ]
            for row in found
        ],
    )  # fmt: skip
    by_name = {row["audience"]: row for row in found}
    chosen = st.selectbox(
        words("what_sets_apart_audience"), list(by_name),
        format_func=lambda one: str(by_name[one]["title"]),
    )  # fmt: skip
    st.html(markup.note(str(by_name[chosen]["description"] or "")))
    _traits(view, [
        (row["tag_code"], row["name_en"], row["share_pct"], row["everybody_share_pct"])
        for row in view.ask(audiences.traits, chosen)
    ])  # fmt: skip
    shared = view.ask(audiences.overlap)
    if not shared:
        return
    st.markdown(f"**{words('overlap_all')}**")
    cells: dict[tuple[str, str], tuple[int, float]] = {}
    for row in shared:
        one, other = row["audience"], row["other_audience"]
        cells[one, other] = (row["shared_members_count"], row["both_pct"] / 100)
        cells[other, one] = (row["shared_members_count"], row["other_both_pct"] / 100)
    named = [name for name in by_name if any(name in pair for pair in cells)]
    titles = {name: str(by_name[name]["title"]) for name in named}
    view.heat(
        words("overlap_all"),
        Heat(
            words("share_of_the_row"),
            [titles[name] for name in named],
            [
                (
                    titles[name],
                    [
                        (f"{cells[name, other][0]:,}", cells[name, other][1])
                        if (name, other) in cells
                        else None
                        for other in named
                    ],
                )
                for name in named
            ],
        ),
    )


# Exporting one.


def _export(view: View, found: list[Row]) -> None:
    words = view.words
    titles = {row["audience"]: str(row["title"]) for row in found}
    left, right = st.columns(2)
    with left:
        name = st.selectbox(
            words("audience"), list(titles), format_func=titles.__getitem__, key="export_audience"
        )
        purpose = st.text_input(words("purpose"), value="marketing", max_chars=60)
    with right:
        channel = st.selectbox(words("channel"), CHANNELS, format_func=words.value)
        usual = usual_cap()
        cap = st.number_input(words("cap", days=usual.days), 0, 100, usual.count)
    command = f"portrait audience export {name} --channel {channel} --cap {cap}"
    st.html(markup.note(words("export_note")))
    if not (view.app.shows_personal and view.app.may_write):
        st.html(markup.note(words("export_is_off")))
        st.code(command, language=None)
        return
    if st.button(words("export_now"), type="primary"):
        warehouse = Warehouse(view.settings.warehouse)
        try:
            with warehouse.locked():
                own_cap = Cap(int(cap), usual.days)
                done = export_audience(warehouse, name, channel, purpose=purpose, cap=own_cap)
        except (PortraitError, OSError) as error:
            st.error(str(error))
        else:
            _exported(view, done)


def _exported(view: View, done: Export) -> None:
    words = view.words
    st.success(words("exported", path=done.file))
    body: list[list[markup.Cell]] = [
        [words("candidates"), view.shown(done.candidates, "count")],
        [words("sent"), view.shown(done.sent, "count")],
    ]
    body += [[words.value(reason), view.shown(n, "count")] for reason, n in done.suppressed.items()]
    body.append([words("failed"), view.shown(done.failed, "count")])
    view.table(
        words("audience_export"), [(words("what_became"), ""), (words("customers"), "right")], body
    )
