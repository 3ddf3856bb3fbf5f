"""Settings of a run, read once from the environment."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from portrait.errors import PortraitError

DEFAULTS = {
    "PORTRAIT_RAW": "data/sample",
    "PORTRAIT_WAREHOUSE": "warehouse",
    "PORTRAIT_AS_OF": "",
    "PORTRAIT_AS_OF_MAX_GAP_DAYS": "31",
    "PORTRAIT_TIMEZONE": "Asia/Shanghai",
    "PORTRAIT_CURRENCY": "CNY",
    "PORTRAIT_CONFIG": "",
    "PORTRAIT_UNKNOWN_WORDS_MAX_PCT": "1",
    "PORTRAIT_COUNTRY": "",
    "PORTRAIT_MEMORY_LIMIT": "",
    "PORTRAIT_TEMP": "",
}
# An as-of date later than this after today is a slip of the pen, or a program's "for ever".
LATEST_AS_OF = timedelta(days=366)
# Names that the system knows and that are no place: dbt and the database do not know them.
NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
# dbt and the database take these in the path of a file for the end of the path, or of its name.
REFUSED_IN_FOLDERS = "'\"#?;"
PSEUDONYM_KEY = "PORTRAIT_PSEUDONYM_KEY"
SHORTEST_PSEUDONYM_KEY = 16
# Less is taken for a slip of the pen.
LEAST_MEMORY_MB = 500


@dataclass(frozen=True)
class Settings:
    """Folders (absolute) and business settings of a run.

    `as_of` is None where the latest business date in the data decides; `timezone` is the IANA name
    of the business time zone; `currency` is the ISO 4217 code of the reporting currency; `config`
    is the folder of the company's own seeds and limits, None for `config` in the raw folder;
    `unknown_words_max_pct` is the share of the net amount that unknown words may hold. Stray rows
    behind a gap of more than `as_of_max_gap_days` decide no as-of date; 0 turns that off.
    `country` is the ISO 3166 code of the country of phone numbers that name none, or empty.
    `memory_limit` is what the database may use, such as 8GB; empty for what it takes by itself,
    four fifths of the machine's memory. What does not fit goes to the folder `temp`, None for one
    in the warehouse.
    """

    project: Path
    raw: Path
    warehouse: Path
    as_of: date | None = None
    timezone: str = DEFAULTS["PORTRAIT_TIMEZONE"]
    currency: str = DEFAULTS["PORTRAIT_CURRENCY"]
    as_of_max_gap_days: int = int(DEFAULTS["PORTRAIT_AS_OF_MAX_GAP_DAYS"])
    config: Path | None = None
    unknown_words_max_pct: float = float(DEFAULTS["PORTRAIT_UNKNOWN_WORDS_MAX_PCT"])
    country: str = DEFAULTS["PORTRAIT_COUNTRY"]
    memory_limit: str = DEFAULTS["PORTRAIT_MEMORY_LIMIT"]
    temp: Path | None = None

    @property
    def spill(self) -> Path:
        """The folder for what does not fit into memory; it need not exist."""
        return self.temp or _spill("", self.warehouse)

    @property
    def config_folder(self) -> Path:
        """The folder of the company's configuration; it need not exist."""
        return self.config or self.raw / "config"

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
            warehouse=_warehouse(values["PORTRAIT_WAREHOUSE"]),
            as_of=_as_of(values["PORTRAIT_AS_OF"]),
            as_of_max_gap_days=_days(values, "PORTRAIT_AS_OF_MAX_GAP_DAYS"),
            timezone=_timezone(values["PORTRAIT_TIMEZONE"]),
            currency=_currency(values["PORTRAIT_CURRENCY"]),
            config=_config(values["PORTRAIT_CONFIG"]),
            unknown_words_max_pct=_unknown_words_max_pct(values["PORTRAIT_UNKNOWN_WORDS_MAX_PCT"]),
            country=_country(values["PORTRAIT_COUNTRY"]),
            memory_limit=_memory_limit(values["PORTRAIT_MEMORY_LIMIT"]),
            temp=_spill(values["PORTRAIT_TEMP"], _warehouse(values["PORTRAIT_WAREHOUSE"])),
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


def _config(text: str) -> Path | None:
    if not text:
        return None
    folder = _folder(text)
    if not folder.is_dir():
        raise PortraitError(f"PORTRAIT_CONFIG is {text!r}: there is no such folder.")
    return folder


def _warehouse(text: str) -> Path:
    folder = _folder(text)
    if bad := sorted({mark for mark in str(folder) if mark in REFUSED_IN_FOLDERS or mark < " "}):
        raise PortraitError(
            f"PORTRAIT_WAREHOUSE is {str(folder)!r}: {' '.join(map(repr, bad))} in the path of the "
            "warehouse cannot be passed on to dbt and the database; take another folder."
        )
    return folder


def _as_of(text: str) -> date | None:
    if not text:
        return None
    as_of = parse_date(text)
    if as_of is None:
        raise PortraitError(f"PORTRAIT_AS_OF is {text!r}: expected a date such as 2024-12-31.")
    today = datetime.now(UTC).date()
    if as_of > today + LATEST_AS_OF:
        raise PortraitError(
            f"PORTRAIT_AS_OF is {text}, more than a year after today ({today}): "
            "expected the last day that the data tell about."
        )
    return as_of


def _days(values: Mapping[str, str], name: str) -> int:
    text = values[name]
    if not re.fullmatch(r"[0-9]{1,5}", text):
        raise PortraitError(f"{name} is {text!r}: expected a number of days such as 31.")
    return int(text)


def pseudonym_key(environment: Mapping[str, str] | None = None) -> str:
    """The key of the analysts' pseudonyms, empty where none is set.

    Raises:
        PortraitError: it is so short that its pseudonyms can be undone by trying keys.
    """
    environment = os.environ if environment is None else environment
    key = environment.get(PSEUDONYM_KEY, "")
    if key and len(key.strip()) < SHORTEST_PSEUDONYM_KEY:
        raise PortraitError(
            f"{PSEUDONYM_KEY} has {len(key.strip())} characters, and a short key can be found by "
            f"trying: take at least {SHORTEST_PSEUDONYM_KEY}, as `openssl rand -hex 32` gives them."
        )
    return key


def _memory_limit(text: str) -> str:
    if not text:
        return ""
    found = re.fullmatch(r"([0-9]+(?:[.][0-9]+)?) ?(MB|GB|TB|MiB|GiB|TiB)", text)
    if not found:
        raise PortraitError(
            f"PORTRAIT_MEMORY_LIMIT is {text!r}: expected an amount of memory such as 8GB."
        )
    if float(found[1]) * {"M": 1, "G": 1e3, "T": 1e6}[found[2][0]] < LEAST_MEMORY_MB:
        raise PortraitError(
            f"PORTRAIT_MEMORY_LIMIT is {text}: a build takes at least {LEAST_MEMORY_MB} MB."
        )
    return text


def _spill(text: str, warehouse: Path) -> Path:
    """A folder for this warehouse alone, since it is cleared."""
    if not text:
        return warehouse / "work" / "spill"
    folder = _folder(text)
    if not folder.is_dir():
        raise PortraitError(f"PORTRAIT_TEMP is {text!r}: there is no such folder.")
    return folder / f"portrait-{hashlib.sha256(str(warehouse).encode()).hexdigest()[:12]}"


def _timezone(text: str) -> str:
    if text not in available_timezones() - NO_ZONES:
        raise PortraitError(
            f"PORTRAIT_TIMEZONE is {text!r}: expected an IANA time zone such as Asia/Shanghai."
        )
    return text


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise PortraitError(
            f"PORTRAIT_CURRENCY is {text!r}: expected an ISO 4217 code such as CNY."
        )
    return text.upper()


def _unknown_words_max_pct(text: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or float(text) > 100:
        raise PortraitError(
            f"PORTRAIT_UNKNOWN_WORDS_MAX_PCT is {text!r}: expected a percentage from 0 to 100."
        )
    return float(text)


def _country(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z]{2}", text):
        raise PortraitError(
            f"PORTRAIT_COUNTRY is {text!r}: expected an ISO 3166 code of two letters such as DE."
        )
    return text.upper()
