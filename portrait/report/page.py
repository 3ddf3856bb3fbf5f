"""Writes the report: one page in two languages, without scripts and without requests.

Each language is the whole page once; a choice at its top, which is CSS alone, shows one of them.
"""

from html import escape
from pathlib import Path

from portrait.reading import markup
from portrait.reading.words import LANGUAGE_NAMES, LANGUAGES, Words
from portrait.report.figures import Figures, read_figures
from portrait.report.sections import (
    campaigns,
    changes,
    channels,
    cohorts,
    funnel,
    key_figures,
    quality,
    segments,
)
from portrait.report.teller import Teller

STYLE = Path(__file__).with_name("page.css")
# What a browser may do with the page: no script runs, and nothing is asked for.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
HTML_LANGUAGE = {"en": "en", "zh": "zh-CN"}
SECTIONS = {
    "what_changed": changes.html,
    "key_figures": key_figures.html,
    "page_segments": segments.html,
    "cohorts": cohorts.html,
    "funnel": funnel.html,
    "channels": channels.html,
    "page_campaigns": campaigns.html,
    "page_quality": quality.html,
}


def write_report(file: Path, before: Path | None, target: Path) -> None:
    """Write the page about the build in `file`, beside the published file `before`.

    Raises:
        PortraitError: the file cannot be read.
    """
    target.write_text(page(read_figures(file, before)), "utf-8")


def page(figures: Figures) -> str:
    """The whole page."""
    titles = " · ".join(Words(language)("report") for language in LANGUAGES)
    choice = "".join(
        f'<input type="radio" name="language" id="say-{language}"'
        f"{' checked' if language == LANGUAGES[0] else ''}>"
        f'<label for="say-{language}" lang="{HTML_LANGUAGE[language]}">'
        f"{LANGUAGE_NAMES[language]}</label>"
        for language in LANGUAGES
    )
    style = markup.STYLE + STYLE.read_text("utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="{HTML_LANGUAGE[LANGUAGES[0]]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(titles)} {figures.summary.as_of_date}</title>"
        f"<style>{style}</style></head><body>{choice}"
        + "\n".join(_main(Teller(figures, Words(language))) for language in LANGUAGES)
        + "</body></html>\n"
    )


def _main(teller: Teller) -> str:
    """The page in one language."""
    words, summary = teller.words, teller.figures.summary
    language = words.language
    built = words(
        "build_line", date=summary.as_of_date, build=summary.build_id, currency=summary.currency,
        timezone=teller.figures.timezone,
    )  # fmt: skip
    links = "".join(
        f'<li><a href="#{language}-{key}">{escape(words(key))}</a></li>' for key in SECTIONS
    )
    sections = "".join(
        f'<section id="{language}-{key}"><h2>{escape(words(key))}</h2>{html(teller)}</section>'
        for key, html in SECTIONS.items()
    )
    return (
        f'<main class="{language}" lang="{HTML_LANGUAGE[language]}">'
        f"<h1>{escape(words('report'))}</h1>{markup.note(built)}"
        f"{markup.note(words('report_note'))}"
        f'<nav aria-label="{escape(words("contents"), quote=True)}"><ul>{links}</ul></nav>'
        f"{sections}</main>"
    )
