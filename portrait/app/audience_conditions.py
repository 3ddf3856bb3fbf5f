"""The conditions that the form of an audience can ask for, as the grammar writes them.

Each has `plain()`, which gives what stands in the YAML file. docs/audiences.md explains the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from portrait.landing.audience_rules import OPERATORS

LISTED = ("in", "not_in")


class Condition(Protocol):
    """What a customer, or a row of a table, meets or not."""

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        ...


@dataclass(frozen=True)
class TagCondition:
    """Whether a customer has a tag."""

    tag: str

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        return {"tag": self.tag}


@dataclass(frozen=True)
class AudienceCondition:
    """Whether a customer meets the conditions of another audience."""

    audience: str

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        return {"audience": self.audience}


@dataclass(frozen=True)
class ColumnCondition:
    """A column of customer_portrait, or of the rows of a table, compared with a value."""

    column: str
    comparison: str
    value: Any

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        return {"column": self.column, self.comparison: _plain(self.value)}


@dataclass(frozen=True)
class Rows:
    """The rows of a table that count: those in a window of days, if told, that meet conditions."""

    table: str
    window_days: int | None = None
    where: Sequence[Condition] = ()

    def plain(self, asked: dict[str, Any]) -> dict[str, Any]:
        """As the grammar writes what is `asked` of them."""
        asked = dict(asked)
        if self.window_days:
            asked["window_days"] = self.window_days
        if self.where:
            asked["where"] = [one.plain() for one in self.where]
        return {self.table: asked}


@dataclass(frozen=True)
class RowsCondition:
    """Whether any, all or none of a customer's rows count."""

    rows: Rows
    quantifier: str

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        return self.rows.plain({"rows": self.quantifier})


@dataclass(frozen=True)
class MeasureCondition:
    """A measure of a customer's rows, compared with a value; `of` is a column, none for count."""

    rows: Rows
    measure: str
    of: str | None
    comparison: str
    value: Any

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        asked = {"measure": self.measure} | ({"of": self.of} if self.of else {})
        return self.rows.plain(asked) | {self.comparison: _plain(self.value)}


@dataclass(frozen=True)
class RelationCondition:
    """Whether somebody to whom a customer is related meets all conditions."""

    relation: str
    conditions: Sequence[Condition]

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        found = [one.plain() for one in self.conditions]
        return {self.relation: found[0] if len(found) == 1 else {"all": found}}


@dataclass(frozen=True)
class Not:
    """What is met where the condition is not."""

    condition: Condition

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        return {"not": self.condition.plain()}


@dataclass(frozen=True)
class AnyOf:
    """What is met where at least one of the conditions is."""

    conditions: Sequence[Condition]

    def plain(self) -> dict[str, Any]:
        """As the grammar writes it."""
        return {"any": [one.plain() for one in self.conditions]}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def comparisons(kind: str) -> list[str]:
    """What a value of that kind may be compared by."""
    return [*OPERATORS[kind], *(["within_days"] if kind == "date" else []), "is_known"]
