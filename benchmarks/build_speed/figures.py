"""What was measured of one size, and how it is read again from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.build_speed.build import BuildFigures, Cost


@dataclass
class Limit:
    """What no build can beat: reading the raw columns once, and writing the result's bytes."""

    read_seconds: float = 0.0
    read_cpu_seconds: float = 0.0
    written_bytes: int = 0
    write_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.read_seconds + self.write_seconds


@dataclass
class Side:
    """A table made in another way: what it took, and how its rows compare with the project's."""

    name: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    rows: int = 0
    columns: int = 0
    mart_columns: int = 0
    models_seconds: float = 0.0
    problem: str = ""


@dataclass
class Size:
    """All figures of a company."""

    people: int
    generate_seconds: float = 0.0
    new_rows: int = 0
    full: BuildFigures = field(default_factory=BuildFigures)
    new_day: BuildFigures = field(default_factory=BuildFigures)
    limit: Limit = field(default_factory=Limit)
    by_hand: list[Side] = field(default_factory=list)
    pandas: list[Side] = field(default_factory=list)
    # The build after the new day against one from nothing: tables that differ; None: not compared.
    different_tables: list[str] | None = None


def load_size(saved: Mapping[str, Any]) -> Size:
    """The figures as they were saved."""
    return Size(
        **{
            **saved,
            "full": _build(saved["full"]),
            "new_day": _build(saved["new_day"]),
            "limit": Limit(**saved["limit"]),
            "by_hand": [Side(**one) for one in saved["by_hand"]],
            "pandas": [Side(**one) for one in saved["pandas"]],
        }
    )


def _build(saved: Mapping[str, Any]) -> BuildFigures:
    lists = {
        name: [Cost(**one) for one in saved[name]]
        for name in ("stages", "layers", "models", "tests")
    }
    return BuildFigures(**{**saved, **lists})
