"""Reads the thresholds of the suites, `expectations/<layer>.yml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from portrait.errors import PortraitError
from portrait.expectations.results import Severity

_RULE_KEYS = {"at_least_pct", "spared_rows", "owner", "reason"}
_MEASURE_KEYS = {
    "name",
    "says",
    "measure",
    "over",
    "at_least",
    "at_most",
    "minimum_rows",
    "each",
    "change",
    "severity",
    "words",
    "words_are_personal",
    "mend",
    "follows_seeds",
    "owner",
    "reason",
}


@dataclass(frozen=True)
class Rule:
    """A rule of the landing suites: the share in per cent that must hold, its owner and reason."""

    at_least_pct: float
    spared_rows: int
    owner: str
    reason: str


@dataclass(frozen=True)
class Measure:
    """A number of one table with its limits.

    `measure` is a SQL expression over the table, `over` counts the rows that it is about: with
    fewer than `minimum_rows` of them it is not measured. With `change`, the limits are on its
    change since the previous published build, in per cent of the earlier value or in points.

    `severity` is error where figures would be wrong, else warn. `words` is a query of the words
    that are meant, with their rows, most first; of personal words only the number is shown. `mend`
    says what to change. `follows_seeds` marks drift that a change of the company's own seeds
    explains.
    """

    name: str
    says: str
    measure: str
    owner: str
    reason: str
    over: str = "count(*)"
    minimum_rows: int = 20
    at_least: float | None = None
    at_most: float | None = None
    change: Literal["percent", "points"] | None = None
    severity: Severity = "error"
    words: str = ""
    words_are_personal: bool = False
    mend: str = ""
    follows_seeds: bool = False


@dataclass(frozen=True)
class LayerConfig:
    """The measures of a layer: for every table, for named tables, and their drift."""

    every_table: tuple[Measure, ...]
    tables: dict[str, tuple[Measure, ...]]
    drift: dict[str, tuple[Measure, ...]]


def read_rules(path: Path) -> dict[str, Rule]:
    """Read `landing.yml`.

    Raises:
        PortraitError: the file cannot be read or does not hold to the form.
    """
    rules = {}
    for name, node in _section(_read(path), "rules", path).items():
        where = f"{path.name}: rule {name}"
        _refuse_unknown(node, _RULE_KEYS, where)
        rules[name] = Rule(
            at_least_pct=float(node.get("at_least_pct", 100)),
            spared_rows=int(node.get("spared_rows", 0)),
            **_who_and_why(node, where),
        )
    if missing := {"columns", "filled", "parsed", "distinct_key"} - rules.keys():
        raise PortraitError(f"{path.name}: the rule {', '.join(sorted(missing))} is missing.")
    return rules


def read_measures(path: Path) -> LayerConfig:
    """Read `staging.yml` or `marts.yml`.

    Raises:
        PortraitError: the file cannot be read or does not hold to the form.
    """
    content = _read(path)
    minimum = int((content.get("defaults") or {}).get("minimum_rows", 20))
    return LayerConfig(
        every_table=_measures(content.get("every_table") or [], path, "every_table", minimum),
        tables={
            table: _measures(nodes, path, table, minimum)
            for table, nodes in _section(content, "tables", path).items()
        },
        drift={
            table: _measures(nodes, path, f"drift of {table}", minimum, is_drift=True)
            for table, nodes in _section(content, "drift", path).items()
        },
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise PortraitError(f"{path}: this is not readable YAML ({reason}).") from error
    if not isinstance(content, dict):
        raise PortraitError(f"{path.name}: expected named sections.")
    return content


def _section(content: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = content.get(name) or {}
    if not isinstance(section, dict):
        raise PortraitError(f"{path.name}: expected names under {name!r}.")
    return section


def _measures(
    nodes: list[dict[str, Any]], path: Path, place: str, minimum: int, *, is_drift: bool = False
) -> tuple[Measure, ...]:
    measures: list[Measure] = []
    for node in nodes:
        where = f"{path.name}: {place}: {node.get('name', 'an expectation without a name')}"
        _refuse_unknown(node, _MEASURE_KEYS, where)
        for key in ("name", "says", "measure"):
            if not node.get(key):
                raise PortraitError(f"{where} has no {key!r}.")
        if "at_least" not in node and "at_most" not in node:
            raise PortraitError(f"{where} has neither 'at_least' nor 'at_most'.")
        if is_drift != ("change" in node) or node.get("change", "percent") not in (
            "percent",
            "points",
        ):
            raise PortraitError(f"{where}: 'change: percent' or 'change: points' belongs to drift.")
        if node.get("severity", "error") not in ("error", "warn"):
            raise PortraitError(f"{where}: the severity is error or warn.")
        if node.get("severity") == "warn" and not node.get("mend"):
            raise PortraitError(f"{where} warns and has no 'mend'.")
        measures += [_measure(node, value, minimum, where) for value in node.get("each", [None])]
    names = [measure.name for measure in measures]
    for name in set(names):
        if names.count(name) > 1:
            raise PortraitError(f"{path.name}: {place} names {name} twice.")
    return tuple(measures)


def _measure(node: dict[str, Any], value: str | None, minimum: int, where: str) -> Measure:
    """One measure; a value of `each` stands for {value} in name, sentence and SQL."""
    text = {"name": node["name"], "says": node["says"], "measure": node["measure"]}
    if value is not None:
        slug = "_".join(value.lower().split())
        text = {
            "name": node["name"].replace("{value}", slug),
            "says": node["says"].replace("{value}", value),
            "measure": node["measure"].replace("{value}", value.replace("'", "''")),
        }
    return Measure(
        **text,
        over=node.get("over", "count(*)"),
        minimum_rows=int(node.get("minimum_rows", minimum)),
        at_least=_number(node.get("at_least"), where),
        at_most=_number(node.get("at_most"), where),
        change=node.get("change"),
        severity=node.get("severity", "error"),
        words=node.get("words", ""),
        follows_seeds=bool(node.get("follows_seeds", False)),
        words_are_personal=bool(node.get("words_are_personal", False)),
        mend=" ".join(str(node.get("mend", "")).split()),
        **_who_and_why(node, where),
    )


def _number(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PortraitError(f"{where}: {value!r} is no number.")
    return float(value)


def _who_and_why(node: dict[str, Any], where: str) -> dict[str, str]:
    for key in ("owner", "reason"):
        if not node.get(key):
            raise PortraitError(f"{where} has no {key!r}.")
    return {"owner": node["owner"], "reason": " ".join(str(node["reason"]).split())}


def _refuse_unknown(node: dict[str, Any], known: set[str], where: str) -> None:
    if unknown := set(node) - known:
        raise PortraitError(f"{where} has an unknown key {', '.join(sorted(unknown))}.")
