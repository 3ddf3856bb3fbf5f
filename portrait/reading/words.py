"""What the app and the report say in English and Chinese (words.yml), and how numbers read."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from portrait.reading.published import Row
from portrait.yaml_text import load_yaml

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
LANGUAGES = tuple(LANGUAGE_NAMES)
# How large numbers are cut short: a thousand has no word of its own in Chinese.
SHORT = {
    "en": ((10**9, " bn"), (10**6, " m"), (10**3, " k")),
    "zh": ((10**8, " 亿"), (10**4, " 万")),
}
FILE = Path(__file__).with_name("words.yml")


@cache
def texts() -> dict[str, dict[str, Any]]:
    """The content of words.yml: by kind, then by key, a text per language."""
    content: dict[str, dict[str, Any]] = load_yaml(FILE.read_text("utf-8"))
    return content


class Words:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        """Take the language, en or zh."""
        self.language = language
        self._at = LANGUAGES.index(language)

    def __call__(self, key: str, **values: Any) -> str:
        """A text by its key, with values in its places.

        Raises:
            KeyError: there is no such text.
        """
        text: str = texts()["texts"][key][self._at]
        return text.format(**values) if values else text

    def column(self, name: str) -> str:
        """What a column is called; its own name in words where the file has none."""
        found = texts()["columns"].get(name)
        text: str = found[self._at] if found else name.replace("_", " ").capitalize()
        return text

    def value(self, code: Any) -> str:
        """What a code of the marts is called; itself where the file has no word for it."""
        if code is None:
            return self("unknown")
        if isinstance(code, bool):
            return self("yes") if code else self("no")
        found = texts()["values"].get(str(code))
        text: str = found[self._at] if found else str(code).replace("_", " ")
        return text

    def reason(self, code: str) -> str:
        """What is wrong with a row: `missing_order_id`, `broken_line: 2 fields, expected 11`."""
        kind, colon, rest = code.partition(":")
        if colon:
            return f"{self.value(kind)}:{rest}"
        fault, _, column = code.partition("_")
        if fault in ("missing", "invalid", "future"):
            return self("fault_of_column", fault=self.value(fault), column=column)
        return self.value(code)

    def shown(self, value: Any, form: str = "", currency: str = "") -> str:
        """A value as it is read: a date, a number of the form, or a code.

        `form` is money, count, pct (0 to 100), share (0 to 1), number, days, or empty.
        """
        if value is None or value == "":
            return "–"
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, date):
            return f"{value:%Y-%m-%d}"
        match form:
            case "money":
                digits = 0 if abs(value) >= 1000 else 2
                return f"{value:,.{digits}f} {currency}".strip()
            case "count":
                return f"{value:,.0f}"
            case "pct":
                return f"{float(value):.1f} %"
            case "share":
                # Nearly certain is not certain.
                share = min(float(value), 0.999) if value < 1 else float(value)
                return f"{100 * share:.1f} %"
            case "number":
                return f"{float(value):,.2f}".rstrip("0").rstrip(".")
            case "days":
                return self("days", days=f"{value:,.0f}")
            case "text":
                return str(value)
        return self.value(value)

    def short(self, value: float) -> str:
        """A number in few letters, for the axis of a chart: 1.2 m, 120 万."""
        for size, word in SHORT[self.language]:
            if abs(value) >= size:
                return f"{value / size:,.3g}{word}"
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def signed(value: float | None) -> str:
    """A difference: with its sign."""
    return "–" if value is None else f"{value:+,.1f}"


def interval(row: Row, name: str) -> str:
    """The bounds of a measure of a row."""
    lower, upper = row[f"lower_{name}"], row[f"upper_{name}"]
    return "–" if lower is None else f"{lower:+,.1f} … {upper:+,.1f}"
