"""Writes the dictionary: one page in two languages, with a search, and without requests.

What differs between the languages stands in the page twice; the style shows one of the two. The
script reads the page itself, so that the search finds just what is written there.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path

from portrait.dictionary.catalogue import Entry, chinese, read_entries
from portrait.publishing.postgres_ddl import Column
from portrait.reading import markup
from portrait.reading.published import Build, open_build
from portrait.reading.words import LANGUAGE_NAMES, LANGUAGES, Words

STYLE = Path(__file__).with_name("page.css")
SCRIPT = Path(__file__).with_name("page.js")
MARKDOWN_TABLE = re.compile(r"\| (?P<head>.+?) \| \|(?:---\|)+ \| (?P<body>.+) \|")
# What a browser may do with the page: run its one script, and ask for nothing.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
)
HTML_LANGUAGE = {"en": "en", "zh": "zh-CN"}


def write_dictionary(file: Path, project: Path, target: Path) -> None:
    """Write the page about the published file; the YAML of the project tells keys and tags.

    Raises:
        PortraitError: the file cannot be read.
    """
    build = open_build(file)
    with build.connection:
        entries = read_entries(build, project)
    target.write_text(page(build, entries), "utf-8")


def page(build: Build, entries: Iterable[Entry]) -> str:
    """The whole page."""
    shown = tuple(entries)
    titles = " · ".join(Words(language)("dictionary") for language in LANGUAGES)
    script = SCRIPT.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    schemas = {entry.table.name: entry.table.schema for entry in shown}
    topics = [
        (topic, list(found)) for topic, found in groupby(shown, key=lambda entry: entry.topic)
    ]
    links = "".join(f'<li><a href="#{topic}">{_topic(topic)}</a></li>' for topic, _ in topics)
    sections = "".join(
        f'<section id="{topic}"><h2>{_topic(topic)}</h2>'
        + "".join(_table(entry, schemas) for entry in found)
        + "</section>"
        for topic, found in topics
    )
    built = {
        "date": build.as_of_date, "build": build.build_id, "currency": build.currency,
        "timezone": build.timezone,
    }  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(digest=digest)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(titles)}</title>"
        f"<style>{markup.STYLE}{STYLE.read_text('utf-8')}</style></head><body>"
        f"<header><h1>{_said('dictionary')}</h1>"
        f'<p class="note">{_said("build_line", **built)}</p>'
        f'<p class="note">{_said("dictionary_note")}</p></header>'
        f"{_controls()}<nav><ul>{links}</ul></nav><main>{sections}</main>"
        f"<script>{script}</script></body></html>\n"
    )


def _controls() -> str:
    """The language, the search, and what it found; without scripts there is nothing to control."""
    choice = "".join(
        f'<button type="button" data-language="{language}" lang="{HTML_LANGUAGE[language]}">'
        f"{LANGUAGE_NAMES[language]}</button>"
        for language in LANGUAGES
    )
    return (
        f'<div id="controls" role="search" hidden><div class="choice">{choice}</div>'
        f'<label for="words">{_said("dictionary_search")}</label>'
        '<input id="words" type="search" autocomplete="off" spellcheck="false">'
        f'<label><input id="personal" type="checkbox"> {_said("dictionary_personal_only")}</label>'
        f'<button type="button" id="open" aria-pressed="false">'
        f'<span class="closed">{_said("dictionary_open")}</span>'
        f'<span class="opened">{_said("dictionary_close")}</span></button>'
        f'<p role="status"><span id="some"><b id="tables"></b> {_said("dictionary_tables")} · '
        f'<b id="columns"></b> {_said("dictionary_columns")}</span>'
        f'<span id="none">{_said("dictionary_nothing")}</span></p></div>'
    )


def _said(key: str, **values: object) -> str:
    """A text of words.yml in each language."""
    return _both(*(Words(language)(key, **values) for language in LANGUAGES))


def _both(english: str, chinese_text: str) -> str:
    return (
        f'<span class="en">{escape(english)}</span>'
        f'<span class="zh" lang="zh-CN">{escape(chinese_text)}</span>'
    )


def _topic(topic: str) -> str:
    """What a topic is called; a folder that no text knows has its own name."""
    try:
        return _said(f"topic_{topic}")
    except KeyError:
        return escape(topic)


def _table(entry: Entry, schemas: dict[str, str]) -> str:
    """A table: what it is, and its columns, which are folded away."""
    name, sentence = chinese()["tables"].get(entry.table.name, ("", ""))
    described = [column for column in entry.table.columns if column.comment]
    tags = len(entry.table.columns) - len(described)
    rows = "".join(_column(entry, column, schemas) for column in described)
    more = f'<p class="note">{_said("dictionary_tags", count=tags)}</p>' if tags else ""
    key = ", ".join(f"<code>{escape(column)}</code>" for column in entry.keys.key)
    anchor = escape(entry.name, quote=True)
    return (
        f'<article id="{anchor}"><header><h3><a href="#{anchor}"><code>{escape(entry.name)}</code>'
        f'</a> <span class="zh" lang="zh-CN">{escape(name)}</span></h3>'
        f'<p class="zh" lang="zh-CN">{escape(sentence)}</p>'
        f'<div class="text" lang="en">{_description(entry)}</div>'
        + (
            f'<p class="key"><span class="chip">{_said("dictionary_key")}</span> {key}</p>'
            if key
            else ""
        )
        + f"</header><details><summary>{len(described)} {_said('dictionary_columns')}</summary>"
        f'<div class="scroll" role="region" aria-label="{anchor}" tabindex="0"><table><thead><tr>'
        f'<th scope="col">{_said("dictionary_column")}</th>'
        f'<th scope="col">{_said("dictionary_meaning")}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}</details></article>"
    )


def _column(entry: Entry, column: Column, schemas: dict[str, str]) -> str:
    """A column: its names and type; its meaning, and what else is known of it."""
    label = chinese()["columns"].get(column.name, "")
    kind = column.type.lower() + (" not null" if column.is_required else "")
    marks = []
    if column.name in entry.keys.key:
        marks.append(_said("dictionary_key"))
    if column.name in entry.keys.unique:
        marks.append(_said("dictionary_unique"))
    if column.name in entry.personal:
        marks.append(_said("dictionary_personal"))
    if word := entry.keys.analyst.get(column.name):
        marks.append(_said(f"analysts_{word}"))
    chips = "".join(f'<span class="chip">{mark}</span>' for mark in marks)
    for reference in entry.keys.references:
        if reference.column == column.name and reference.table in schemas:
            target = escape(f"{schemas[reference.table]}.{reference.table}", quote=True)
            chips += f'<a href="#{target}">→ {target}.{escape(reference.field)}</a>'
    personal = " data-personal" if column.name in entry.personal else ""
    return (
        f'<tr{personal}><th scope="row"><code>{escape(column.name)}</code>'
        f'<span class="zh" lang="zh-CN">{escape(label)}</span>'
        f"<small>{escape(kind)}</small></th>"
        f'<td><span lang="en">{_prose(column.comment or "")}</span>'
        + (f'<span class="marks">{chips}</span>' if chips else "")
        + "</td></tr>"
    )


def _description(entry: Entry) -> str:
    """What a table is; a table of Markdown in it, which the comment has in one line, as one."""
    text = entry.table.comment or ""
    found = MARKDOWN_TABLE.search(text)
    if not found:
        return f"<p>{_prose(text)}</p>"
    columns = [markup.Column(heading) for heading in found["head"].split(" | ")]
    rows = [row.split(" | ") for row in found["body"].split(" | | ")]
    return (
        f"<p>{_prose(text[: found.start()])}</p>"
        + markup.table(f"{entry.name}: {columns[0].heading}", columns, rows)
        + f"<p>{_prose(text[found.end() :])}</p>"
    )


def _prose(text: str) -> str:
    """A description, with the names between its backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
