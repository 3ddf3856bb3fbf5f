"""The profile: the rates and kinds of dirt of a generated company."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from portrait.errors import PortraitError

DEFAULT_PROFILE = Path(__file__).parent / "profiles" / "default.yml"
# Numbers that are no shares: the least value, and whether it must be whole.
QUANTITIES = {
    ("size", "orders_per_person"): (0, False),
    ("size", "events_per_person"): (0, False),
    ("size", "stores"): (1, True),
    ("period", "load_every_days"): (1, True),
    ("behavior", "heavy_tail"): (0.05, False),
    ("behavior", "mean_lifetime_days"): (1, False),
    ("behavior", "season_strength"): (0, False),
    ("campaigns", "every_days"): (1, True),
    ("campaigns", "effect"): (0, False),
    ("campaigns", "daily_cost"): (0, False),
}
# Shares of which at most one holds for a record or a row: together they are at most 1.
ALTERNATIVES = (
    ("text_dirt", "name_", ("name_full_width",)),
    ("text_dirt", "email_", ("email_of_organisation",)),
    ("text_dirt", "phone_", ("phone_of_organisation",)),
    ("row_dirt", "", ("broken_line",)),
    ("orders", "", ("guest", "till_without_card", "coupon", "line_discount",
                    "return_without_reference", "refund_without_order", "failed_payment_first")),
    ("visits", "log", ()),
    ("abuse", "", ()),
    ("bad_orders", "", ()),
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """The values of a profile by section; what a file leaves out is the default profile's."""

    sections: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, section: str) -> Mapping[str, Any]:
        """One section, by name."""
        return self.sections[section]


def load_profile(path: Path | None = None) -> Profile:
    """Read a profile over the default one.

    Raises:
        PortraitError: no such file, a section or name that is not known, or a value out of range.
    """
    sections = {name: dict(values) for name, values in _read(DEFAULT_PROFILE).items()}
    if path is not None:
        for section, values in _read(Path(path)).items():
            if section not in sections:
                raise PortraitError(f"{path}: no section is called {section!r}.")
            if not isinstance(values, dict):
                raise PortraitError(f"{path}: section {section} holds no names with values.")
            for name, value in values.items():
                if name not in sections[section]:
                    raise PortraitError(f"{path}: {section} has no {name!r}.")
                sections[section][name] = value
    for section, values in sections.items():
        for name, value in values.items():
            fault = _fault(section, name, value)
            if fault:
                raise PortraitError(f"{path or DEFAULT_PROFILE.name}: {section}.{name} {fault}.")
    _check_alternatives(path, sections)
    return Profile(sections)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise PortraitError(f"{path}: this is no readable profile ({reason}).") from error
    if not isinstance(content, dict):
        raise PortraitError(f"{path}: expected sections with names and values.")
    return content


def _fault(section: str, name: str, value: Any) -> str | None:
    """What is wrong with a value, as the rest of a sentence; None if nothing is."""
    if (section, name) == ("period", "last_day"):
        return None if type(value) is date else f"is {value!r}: expected a date like 2026-06-30"
    if section == "placeholders":
        is_list = isinstance(value, list) and value
        if is_list and all(isinstance(entry, str) and entry for entry in value):
            return None
        return "is no list of texts with at least one (write phone numbers in quotes)"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"is {value!r}: expected a number"
    least, whole = QUANTITIES.get((section, name), (0, False))
    if whole and not isinstance(value, int):
        return f"is {value}: expected a whole number"
    if not value >= least:
        return f"is {value}: expected {least} or more"
    if (section, name) not in QUANTITIES and value > 1:
        return f"is {value}: expected a share from 0 to 1"
    return None


def _check_alternatives(path: Path | None, sections: Mapping[str, Mapping[str, Any]]) -> None:
    for section, prefix, others in ALTERNATIVES:
        names = [n for n in sections[section] if n.startswith(prefix) and n not in others]
        total = sum(sections[section][name] for name in names)
        if total > 1 + 1e-9:
            raise PortraitError(
                f"{path or DEFAULT_PROFILE.name}: in {section}, {', '.join(names)} exclude each "
                f"other and add up to {total:g}, more than 1."
            )
