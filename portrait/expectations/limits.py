"""The limits that the company sets for itself, on top of those of the project.

A file of limits has a section per layer, each in the shape of the project's file of that layer, and
says only what differs: the name of an expectation and its limits.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from portrait.contract import load_contract
from portrait.errors import PortraitError
from portrait.expectations.config import (
    LayerConfig,
    Measure,
    Rule,
    read_measures,
    read_rules,
)

CONFIG_FOLDER = "expectations"
_MEASURE_LIMITS = ("at_least", "at_most", "minimum_rows")
_RULE_LIMITS = ("at_least_pct", "spared_rows")
_WORDS = {"owner", "reason"}
Limited = TypeVar("Limited", Rule, Measure)


@dataclass(frozen=True)
class Thresholds:
    """What every layer is held to, and what the company changed, a sentence per limit."""

    rules: Mapping[str, Rule]
    staging: LayerConfig
    marts: LayerConfig
    changes: tuple[str, ...] = ()


def read_thresholds(project: Path, limits: str | None = None, file: str = "") -> Thresholds:
    """Read the project's thresholds, changed by the text of the company's limits.

    Raises:
        PortraitError: a file of the project is wrong, or the company's limits are: no YAML, an
        expectation or a limit that does not exist, a limit that is no number.
    """
    folder = project / CONFIG_FOLDER
    thresholds = Thresholds(
        read_rules(folder / "landing.yml"),
        read_measures(folder / "staging.yml"),
        read_measures(folder / "marts.yml"),
    )
    if limits is None:
        return thresholds
    try:
        content = yaml.safe_load(limits) or {}
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise PortraitError(f"{file}: this is not readable YAML ({reason}).") from error
    _require_names(content, ("landing", "staging", "marts"), file)
    changer = _Changer(file)
    bases = [f"base_{table.system}__{table.name}" for table in load_contract(project)]
    marts = thresholds.marts.tables
    landing = content.get("landing") or {}
    _require_names(landing, ("rules",), f"{file}: landing")
    return Thresholds(
        changer.rules(thresholds.rules, landing.get("rules") or {}),
        changer.layer("staging", thresholds.staging, content.get("staging") or {}, bases),
        changer.layer("marts", thresholds.marts, content.get("marts") or {}, marts),
        tuple(changer.changes),
    )


def _require_names(node: Any, known: Iterable[str], where: str) -> None:
    known = tuple(known)
    if not isinstance(node, dict):
        raise PortraitError(f"{where}: expected {' and '.join(known)} with names below.")
    for name in node:
        if name not in known:
            raise PortraitError(f"{where}: {name} is unknown{_meant(str(name), known)}.")


def _meant(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"[:-1]
    return f"; there is {', '.join(known)}" if known else ""


class _Changer:
    """Applies the company's limits and notes what each changes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.changes: list[str] = []

    def rules(self, rules: Mapping[str, Rule], node: Any) -> dict[str, Rule]:
        _require_names(node, rules, f"{self.file}: landing: rules")
        return {
            name: self._changed(rule, node[name], _RULE_LIMITS, f"landing: {name}")
            if name in node
            else rule
            for name, rule in rules.items()
        }

    def layer(
        self, layer: str, config: LayerConfig, node: Any, tables: Iterable[str]
    ) -> LayerConfig:
        where = f"{self.file}: {layer}"
        _require_names(node, ("every_table", "tables", "drift"), where)
        every = self._measures(config.every_table, node.get("every_table"), f"{layer}: every_table")
        return LayerConfig(
            every_table=every,
            tables=self._tables(config.tables, node.get("tables"), layer, tables, every),
            drift=self._tables(config.drift, node.get("drift"), f"{layer}: drift", config.drift),
        )

    def _tables(
        self,
        tables: Mapping[str, tuple[Measure, ...]],
        node: Any,
        where: str,
        known: Iterable[str],
        every: tuple[Measure, ...] = (),
    ) -> dict[str, tuple[Measure, ...]]:
        """The measures of each table; one of every table may have a limit of its own there."""
        _require_names(node or {}, known, f"{self.file}: {where}")
        changed = dict(tables)
        for table, limits in (node or {}).items():
            own = tables.get(table, ())
            own_names = {measure.name for measure in own}
            named = {one.get("name") for one in limits or [] if isinstance(one, dict)}
            also = tuple(m for m in every if m.name in named and m.name not in own_names)
            changed[table] = self._measures((*own, *also), limits, f"{where}: {table}")
        return changed

    def _measures(
        self, measures: tuple[Measure, ...], node: Any, where: str
    ) -> tuple[Measure, ...]:
        limits: dict[str, dict[str, Any]] = {}
        for one in node or []:
            if not isinstance(one, dict) or not isinstance(one.get("name"), str):
                raise PortraitError(f"{self.file}: {where}: expected a list of names with limits.")
            pattern = ".+".join(map(re.escape, one["name"].split("{value}")))
            found = [m.name for m in measures if re.fullmatch(pattern, m.name)]
            if not found:
                known = [measure.name for measure in measures]
                raise PortraitError(
                    f"{self.file}: {where}: {one['name']} is unknown{_meant(one['name'], known)}."
                )
            limits |= {name: {k: v for k, v in one.items() if k != "name"} for name in found}
        return tuple(
            self._changed(m, limits[m.name], _MEASURE_LIMITS, f"{where}: {m.name}")
            if m.name in limits
            else m
            for m in measures
        )

    def _changed(
        self, limited: Limited, node: Any, allowed: tuple[str, ...], where: str
    ) -> Limited:
        has: list[str] = [name for name in allowed if getattr(limited, name) is not None]
        _require_names(node, (*has, *sorted(_WORDS)), f"{self.file}: {where}")
        values: dict[str, Any] = {}
        for name in has:
            if name not in node:
                continue
            value = node[name]
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise PortraitError(f"{self.file}: {where}: {name} is {value!r}, and no number.")
            before = getattr(limited, name)
            values[name] = type(before)(value)
            self.changes.append(f"{where}: {name} {value:g} instead of {before:g}")
        values |= {name: " ".join(str(node[name]).split()) for name in _WORDS if name in node}
        return replace(limited, **values)
