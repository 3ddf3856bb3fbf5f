"""What the tags are called, and why a customer has one: the registry."""

from collections.abc import Mapping
from pathlib import Path

from portrait.landing.configuration import read_configuration
from portrait.landing.tag_rules import tag_rows

NAMES = {"en": "name_en", "zh": "name_zh"}


class Registry:
    """The tags by their code."""

    def __init__(self, tags: Mapping[str, Mapping[str, str | None]]) -> None:
        """Take the rows of the registry by code."""
        self.tags = tags

    def name(self, code: str, language: str, otherwise: str | None = None) -> str:
        """The name of a tag in a language; what the build calls it where the registry lacks it."""
        tag = self.tags.get(code, {})
        return tag.get(NAMES[language]) or otherwise or code

    def reason(self, code: str) -> str:
        """The definition of a tag."""
        return self.tags.get(code, {}).get("definition") or ""


def read_registry(project: Path, config_folder: Path) -> Registry:
    """The registry of the project and the company.

    Raises:
        PortraitError: the company's configuration cannot be read.
    """
    configuration = read_configuration(project, config_folder)
    return Registry({row["tag_code"] or "": row for row in tag_rows(project, configuration)})
