"""The form of a suite before great-expectations gets it, and the skipped checks beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from portrait.expectations.results import Check, Layer

# Turns the `result` of great-expectations into the text of Check.observed.
Describe = Callable[[dict[str, Any]], str]


def suite_name(layer: Layer, table: str) -> str:
    """The name of a suite, which its page in the Data Docs lies under; a dot would be a folder
    there.
    """
    return f"{layer}_{table.replace('.', '_')}"


@dataclass(frozen=True)
class Expectation:
    """One expectation: the class of great-expectations, its arguments, and what a person should
    know of it.

    `check` carries everything but the outcome; its status and observation are filled after the run.
    `failures` counts the values that are not as expected, where it is about single values.
    """

    type: str
    arguments: dict[str, Any]
    check: Check
    describe: Describe
    details: str = ""
    failures: int | None = None


@dataclass(frozen=True)
class Suite:
    """The expectations on one relation of the checks' in-memory database, in the order in which
    they are shown.
    """

    layer: Layer
    table: str
    relation: str
    expectations: tuple[Expectation, ...]

    @property
    def name(self) -> str:
        """A name that is unique over the layers."""
        return suite_name(self.layer, self.table)


@dataclass
class Plan:
    """What a checkpoint will run, and what was left out, with the reason."""

    suites: list[Suite] = field(default_factory=list)
    skipped: list[Check] = field(default_factory=list)

    def skip(self, check: Check, why: str) -> None:
        """Record a check that cannot be measured, and why."""
        self.skipped.append(replace(check, status="skipped", observed=why))

    def add(self, layer: Layer, table: str, relation: str, expectations: list[Expectation]) -> None:
        """Record a suite, unless nothing is left to expect."""
        if expectations:
            self.suites.append(Suite(layer, table, relation, tuple(expectations)))
