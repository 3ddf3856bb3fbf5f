"""What a checkpoint says: one record per expectation, and the counts."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Layer = Literal["landing", "staging", "marts"]
Status = Literal["passed", "warned", "failed", "skipped"]
Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class Check:
    """The outcome of one expectation.

    `name` is unique within a table; `sentence` says in plain English what is expected; `observed`
    what was found, or why it was not measured; `failures` counts the values that were not as
    expected, None where the expectation is not about single values; `reason` says why the
    expectation exists, `owner` who is responsible for it; `severity` whether the build stops where
    it is not met (error) or goes on (warn), and `mend` what to change then.
    """

    layer: Layer
    table: str
    name: str
    sentence: str
    status: Status
    observed: str
    reason: str
    owner: str
    failures: int | None = None
    severity: Severity = "error"
    mend: str = ""

    @property
    def success(self) -> bool | None:
        """Whether it was met; None where the expectation was skipped."""
        return None if self.status == "skipped" else self.status == "passed"


@dataclass(frozen=True)
class CheckResult:
    """All outcomes of a checkpoint, in the order of the layers, and its Data Docs' first page."""

    checks: tuple[Check, ...]
    docs_index: Path

    @property
    def passed(self) -> int:
        """How many expectations were met."""
        return self._counts["passed"]

    @property
    def warned(self) -> int:
        """How many expectations were not met, but leave the figures right."""
        return self._counts["warned"]

    @property
    def failed(self) -> int:
        """How many expectations were not met, so that the build stops."""
        return self._counts["failed"]

    @property
    def skipped(self) -> int:
        """How many expectations could not be measured, each with its reason in `observed`."""
        return self._counts["skipped"]

    @property
    def success(self) -> bool:
        """Whether no expectation failed."""
        return self.failed == 0

    @property
    def failures(self) -> tuple[Check, ...]:
        """The expectations that failed."""
        return tuple(check for check in self.checks if check.status == "failed")

    @property
    def warnings(self) -> tuple[Check, ...]:
        """The expectations that were not met and stop nothing."""
        return tuple(check for check in self.checks if check.status == "warned")

    @property
    def _counts(self) -> Counter[str]:
        return Counter(check.status for check in self.checks)

    def to_json(self) -> list[dict[str, Any]]:
        """The checks as plain values, for a file."""
        return [asdict(check) for check in self.checks]
