"""Settings of the app, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from portrait.errors import PortraitError
from portrait.reading.words import LANGUAGES

CHOICES = {
    "PORTRAIT_APP_PERSONAL": ("mask", "show"),
    "PORTRAIT_APP_WRITE": ("yes", "no"),
    "PORTRAIT_APP_LANGUAGE": LANGUAGES,
}


@dataclass(frozen=True)
class AppSettings:
    """Whether personal data are shown, files may be written, and the first language."""

    shows_personal: bool = False
    may_write: bool = True
    language: str = "en"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "AppSettings":
        """Read the settings; empty is the default.

        Raises:
            PortraitError: a value is none of those that its setting takes.
        """
        environment = os.environ if environment is None else environment
        found = {}
        for name, words in CHOICES.items():
            found[name] = environment.get(name, "").strip() or words[0]
            if found[name] not in words:
                raise PortraitError(f"{name} is {found[name]!r}: expected {' or '.join(words)}.")
        return cls(
            shows_personal=found["PORTRAIT_APP_PERSONAL"] == "show",
            may_write=found["PORTRAIT_APP_WRITE"] == "yes",
            language=found["PORTRAIT_APP_LANGUAGE"],
        )
