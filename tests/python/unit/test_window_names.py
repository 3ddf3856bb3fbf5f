"""A window is as long as its name says, and a text that names no window is an error."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from jinja2 import Environment

MACRO = Path(__file__).resolve().parents[3] / "macros" / "time" / "window_days.sql"


class Refused(Exception):
    """What dbt's raise_compiler_error raises, here."""


class Answer(Exception):
    """What dbt's return() hands back, here."""


def _refuse(message: str) -> NoReturn:
    raise Refused(message)


def _return(value: Any) -> NoReturn:
    raise Answer(value)


def _window_days(window: str) -> int:
    environment = Environment()
    environment.globals = {
        "modules": SimpleNamespace(re=re),
        "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
        "return": _return,
    }
    macros: Any = environment.from_string(MACRO.read_text(encoding="utf-8")).module
    with pytest.raises(Answer) as answer:
        macros.window_days(window)
    return answer.value.args[0]


@pytest.mark.parametrize(
    ("window", "days"), [("30d", 30), ("prior_30d", 30), ("365d", 365), ("1d", 1)]
)
def test_a_window_is_as_long_as_its_name_says(window: str, days: int) -> None:
    assert _window_days(window) == days


@pytest.mark.parametrize("text", ["30", "0d", "d", "30days", "30d_prior", "prior30d", ""])
def test_what_names_no_window_is_an_error(text: str) -> None:
    with pytest.raises(Refused, match="is no window"):
        _window_days(text)
