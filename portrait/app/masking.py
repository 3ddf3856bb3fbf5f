"""Hides personal data: what the YAML of a mart tags as personal is masked.

The ids of customers and records are shown. They are what a page is asked by, and what a steward's
rule is about; without the systems that they come from they name nobody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait.yaml_text import load_yaml

KEYS = ("customer_id", "record_id", "review_id", "customer_id_then")
HIDDEN = "•••"


@dataclass
class Masks:
    """What is hidden of which table; nothing where personal data may be shown."""

    project: Path
    shows_personal: bool
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    def personal(self, table: str) -> frozenset[str]:
        """The columns of a published table that are tagged as personal, without its keys.

        Raises:
            KeyError: the project has no such table, so that nobody knows what to hide.
        """
        if table not in self._known:
            self._known[table] = _personal_columns(self.project, table)
        return self._known[table]

    def hides(self, table: str, column: str) -> bool:
        """Whether the column is hidden."""
        return not self.shows_personal and column in self.personal(table)

    def shown(self, table: str, column: str, value: Any) -> Any:
        """The value, masked where the column is hidden."""
        if value is None or not self.hides(table, column):
            return value
        return masked(column, value)

    def row(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of a table with what is hidden masked."""
        return {column: self.shown(table, column, value) for column, value in row.items()}


def masked(column: str, value: Any) -> str:
    """So much of a value that its owner knows it again, and nobody else."""
    text = str(value).strip()
    if "email" in column and "@" in text:
        return f"{text[0]}{HIDDEN}@{HIDDEN}"
    if "phone" in column and len(text) > 6:
        return f"{HIDDEN}{text[-2:]}"
    if column.endswith("name") and text:
        return f"{text[0]}{HIDDEN}"
    return HIDDEN


def _personal_columns(project: Path, table: str) -> frozenset[str]:
    found = [
        *(project / "models" / "marts").glob(f"*/{table}.yml"),
        *(project / "models" / "quality").glob(f"{table}.yml"),
    ]
    if not found:
        raise KeyError(table)
    (model,) = load_yaml(found[0].read_text("utf-8"))["models"]
    return frozenset(
        column["name"]
        for column in model.get("columns", [])
        if (column.get("config") or {}).get("meta", {}).get("personal")
        and not re.search(rf"(^|_)({'|'.join(KEYS)})$", column["name"])
    )
