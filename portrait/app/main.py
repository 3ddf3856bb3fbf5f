"""The entry of the app: `streamlit run portrait/app/main.py` (`make app`)."""

from pathlib import Path

import streamlit as st

from portrait.app.screens import (
    audiences,
    campaigns,
    customer,
    identity,
    overview,
    quality,
    segments,
)
from portrait.app.settings import AppSettings
from portrait.app.view import make_view
from portrait.errors import PortraitError
from portrait.reading import markup
from portrait.reading.words import LANGUAGE_NAMES, LANGUAGES, Words

# In the order of the menu. The address names a page as `?page=segments`.
PAGES = {
    "overview": overview.show,
    "segments": segments.show,
    "audiences": audiences.show,
    "customer": customer.show,
    "identity": identity.show,
    "campaigns": campaigns.show,
    "quality": quality.show,
}
ICON = Path(__file__).with_name("icon.png")
STYLE = """
h1 {font-size: 1.9rem !important;} h2, h3 {font-size: 1.25rem !important;}
.block-container {padding-top: 2.4rem; padding-bottom: 3rem; max-width: 1180px;}
"""


def run() -> None:
    """Show the menu, and the page that the address names."""
    app = AppSettings.from_environment()
    _take_from_address(app)
    words = Words(st.session_state["language"])
    st.set_page_config(
        page_title=words("title"), page_icon=str(ICON), layout="wide",
        initial_sidebar_state="collapsed",
    )  # fmt: skip
    st.html(f"<style>{STYLE}{markup.STYLE}</style>")
    menu, language = st.columns([5, 1], vertical_alignment="center")
    with menu:
        st.segmented_control(
            words("menu"), list(PAGES), key="page", label_visibility="collapsed",
            format_func=lambda name: words(f"page_{name}"), on_change=_to_address, required=True,
            wrap=True,
        )  # fmt: skip
    with language:
        st.segmented_control(
            words("language"), list(LANGUAGES), key="language", label_visibility="collapsed",
            format_func=LANGUAGE_NAMES.__getitem__, on_change=_to_address, required=True,
        )  # fmt: skip
    name = st.session_state["page"]
    st.title(words(f"page_{name}"), anchor=False)
    try:
        view = make_view(st.session_state["language"], app)
        PAGES[name](view)
        st.html(markup.note(words(
            "build_line", date=view.build.as_of_date, build=view.build.build_id,
            currency=view.build.currency, timezone=view.build.timezone,
        )))  # fmt: skip
    except PortraitError as error:
        st.error(str(error))


def _take_from_address(app: AppSettings) -> None:
    """The page and the language that the address names, when a session begins."""
    told = st.query_params
    if "page" not in st.session_state:
        usual = "customer" if "customer_id" in told else "overview"
        page = told.get("page", usual)
        st.session_state["page"] = page if page in PAGES else usual
    if "language" not in st.session_state:
        asked = told.get("lang", app.language)
        st.session_state["language"] = asked if asked in LANGUAGES else app.language


def _to_address() -> None:
    """What is shown, so that the address can be handed on."""
    st.query_params.clear()
    st.query_params.update(page=st.session_state["page"], lang=st.session_state["language"])


if __name__ == "__main__":
    run()
