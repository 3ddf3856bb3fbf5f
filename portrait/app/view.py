"""What a page is given: the build, the words, the masks, and answers that are kept by build."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from portrait.app.masking import Masks
from portrait.app.registry import Registry, read_registry
from portrait.app.settings import AppSettings
from portrait.reading import markup
from portrait.reading.heats import Heat
from portrait.reading.published import Build, open_build
from portrait.reading.words import Words
from portrait.settings import Settings
from portrait.warehouse import Warehouse

T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """All that a page needs."""

    build: Build
    words: Words
    masks: Masks
    settings: Settings
    app: AppSettings

    def ask(self, query: Callable[..., T], *values: Any, known: Any = None) -> T:
        """The answer of a query to this build; it is asked once per build and values.

        `known` is given to it too, and does not change between two questions to one build.
        """
        name = f"{query.__module__}.{query.__qualname__}"
        answer: T = _answer(self.build.build_id, name, values, query, known, self.build)
        return answer

    def tag(self, code: str, otherwise: str | None = None) -> str:
        """What a tag is called."""
        return self.registry.name(code, self.words.language, otherwise)

    @property
    def registry(self) -> Registry:
        """The tags of the project and the company."""
        return _registry(self.build.build_id, self.settings)

    def shown(self, value: Any, form: str = "") -> str:
        """A value as it is read, money with its currency."""
        return self.words.shown(value, form, self.build.currency)

    def table(
        self, name: str, columns: list[tuple[str, str]], rows: list[list[markup.Cell]]
    ) -> None:
        """Show a table; headings are words, forms those of markup.Column."""
        st.html(markup.table(name, [markup.Column(*one) for one in columns], rows))

    def heat(self, name: str, shown: Heat) -> None:
        """Show a table whose cells are shaded by a share from 0 to 1."""
        st.html(markup.heat(name, shown))

    def customer_link(self, customer_id: str) -> markup.Link:
        """A link to the page of a customer."""
        return markup.Link(
            customer_id, f"?page=customer&customer_id={customer_id}&lang={self.words.language}"
        )


@st.cache_data(show_spinner=False, max_entries=2000)
def _answer(
    build_id: str, name: str, values: tuple[Any, ...], _query: Any, _known: Any, _build: Build
) -> Any:
    with _build.cursor() as cursor:
        return _query(cursor, *values, *(() if _known is None else (_known,)))


@st.cache_resource(show_spinner=False, max_entries=2)
def _build(file: str) -> Build:
    return open_build(Path(file))


@st.cache_resource(show_spinner=False, max_entries=2)
def _registry(build_id: str, _settings: Settings) -> Registry:
    return read_registry(_settings.project, _settings.config_folder)


@st.cache_resource(show_spinner=False)
def _masks(project: str, shows_personal: bool) -> Masks:
    return Masks(Path(project), shows_personal)


def make_view(language: str, app: AppSettings) -> View:
    """The view of the build that is published now.

    Raises:
        PortraitError: nothing is published.
    """
    settings = Settings.from_environment()
    # The link is followed, so that a new build is another file.
    file = (Warehouse(settings.warehouse).current / "portrait.duckdb").resolve()
    return View(
        _build(str(file)),
        Words(language),
        _masks(str(settings.project), app.shows_personal),
        settings,
        app,
    )
