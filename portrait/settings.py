"""Settings of a run, read once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from portrait.errors import PortraitError

DEFAULTS = {
    "PORTRAIT_RAW": "data/sample",
    "PORTRAIT_WAREHOUSE": "warehouse",
    "PORTRAIT_AS_OF": "",
    "PORTRAIT_TIMEZONE": "Asia/Shanghai",
    "PORTRAIT_CURRENCY": "CNY",
    "PORTRAIT_COUNTRY": "",
}


@dataclass(frozen=True)
class Settings:
    """Folders (absolute) and business settings of a run.

    `as_of` is None where the latest business date in the data decides; `timezone` is the IANA name
    of the business time zone; `currency` is the ISO 4217 code of the reporting currency; `country`
    is the ISO 3166 code of the country of phone numbers that name none, or empty.
    """

    project: Path
    raw: Path
    warehouse: Path
    as_of: date | None = None
    timezone: str = DEFAULTS["PORTRAIT_TIMEZONE"]
    currency: str = DEFAULTS["PORTRAIT_CURRENCY"]
    country: str = DEFAULTS["PORTRAIT_COUNTRY"]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; folders are relative to the current one, empty is the default.

        Raises:
            PortraitError: a value is not what its setting takes.
        """
        environment = os.environ if environment is None else environment
        values = {
            name: environment.get(name, "").strip() or default for name, default in DEFAULTS.items()
        }
        return cls(
            project=_project_folder(),
            raw=_folder(values["PORTRAIT_RAW"]),
            warehouse=_folder(values["PORTRAIT_WAREHOUSE"]),
            as_of=_as_of(values["PORTRAIT_AS_OF"]),
            timezone=_timezone(values["PORTRAIT_TIMEZONE"]),
            currency=_currency(values["PORTRAIT_CURRENCY"]),
            country=_country(values["PORTRAIT_COUNTRY"]),
        )


def parse_date(text: str) -> date | None:
    """Read YYYY-MM-DD, and nothing else; None where it is no date."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _project_folder() -> Path:
    """The current folder if it is a dbt project, else the folder around this package."""
    around_package = Path(__file__).resolve().parent.parent
    for folder in (Path.cwd(), around_package):
        if (folder / "dbt_project.yml").is_file():
            return folder
    return Path.cwd()


def _folder(text: str) -> Path:
    return Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 (resolve() follows links)


def _as_of(text: str) -> date | None:
    if not text:
        return None
    as_of = parse_date(text)
    if as_of is None:
        raise PortraitError(f"PORTRAIT_AS_OF is {text!r}: expected a date such as 2024-12-31.")
    return as_of


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise PortraitError(
            f"PORTRAIT_TIMEZONE is {text!r}: expected an IANA time zone such as Asia/Shanghai."
        ) from error
    return text


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise PortraitError(
            f"PORTRAIT_CURRENCY is {text!r}: expected an ISO 4217 code such as CNY."
        )
    return text.upper()


def _country(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z]{2}", text):
        raise PortraitError(
            f"PORTRAIT_COUNTRY is {text!r}: expected an ISO 3166 code of two letters such as DE."
        )
    return text.upper()
