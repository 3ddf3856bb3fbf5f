"""The outcome of every check of a build, in one shape: dbt's tests and the expectations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait.errors import PortraitError

if TYPE_CHECKING:  # great-expectations takes seconds to load
    from portrait.expectations import CheckResult

# From the raw files to the published tables; a test belongs to the last layer that it reads.
LAYERS = ("landing", "reference", "staging", "intermediate", "marts", "quality")


@dataclass(frozen=True)
class Outcome:
    """What one node of dbt or one expectation came to.

    `kind` is test, expectation, or for what is no check model, seed, …; `status` is pass, warn,
    fail, error or skipped; `failures` counts failing rows or values.
    """

    kind: str
    name: str
    layer: str
    subject: str
    severity: str
    status: str
    failures: int | None
    seconds: float | None
    message: str = ""
    description: str = ""
    # dbt's own name of the node; empty for an expectation.
    unique_id: str = ""

    @property
    def is_check(self) -> bool:
        """Whether it judges data, rather than making it."""
        return self.kind in ("test", "expectation")

    @property
    def is_failure(self) -> bool:
        """Whether it stops the build."""
        return self.status in ("fail", "error")

    def row(self) -> dict[str, Any]:
        """The row of state table test_results, without the build's columns."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "subject": self.subject,
            "test_name": self.name,
            "severity": self.severity,
            "status": self.status,
            "failures_count": self.failures,
            "duration_seconds": self.seconds,
            # Of a database's error the text may hold values of a row; that of a warning does not.
            "message": self.message if self.status == "warn" else None,
        }


def read_artifact(target: Path, name: str) -> dict[str, Any]:
    """A JSON artifact of dbt in its target folder; PortraitError where it cannot be read."""
    try:
        return json.loads((target / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PortraitError(f"dbt left no readable {name} in {target}.") from error


def read_dbt_outcomes(target: Path) -> list[Outcome]:
    """The outcome of each node of the last dbt run that wrote into the target folder."""
    return outcomes_of_results(target, read_artifact(target, "run_results.json").get("results", []))


def outcomes_of_results(target: Path, results: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    """The outcomes of results as dbt states them, named by the manifest in the target folder."""
    manifest = read_artifact(target, "manifest.json")
    nodes = {**manifest.get("nodes", {}), **manifest.get("sources", {})}
    return [
        _dbt_outcome(result, nodes)
        for result in results
        if not result["unique_id"].startswith("operation.") or result["status"] != "success"
    ]


def _dbt_outcome(result: Mapping[str, Any], nodes: Mapping[str, Any]) -> Outcome:
    node = nodes.get(result["unique_id"], {})
    kind = node.get("resource_type") or result["unique_id"].split(".")[0]
    config = node.get("config") or {}
    subject = _subject(node, nodes) if kind == "test" else node
    status = str(result["status"])
    return Outcome(
        kind=kind,
        name=node.get("name") or result["unique_id"],
        layer=layer_of(subject),
        subject=subject.get("name", ""),
        severity=str(config.get("severity") or "error").lower(),
        status={"success": "pass", "runtime error": "error"}.get(status, status),
        failures=result.get("failures"),
        seconds=result.get("execution_time"),
        message=(result.get("message") or "").strip(),
        description=" ".join((node.get("description") or "").split()),
        unique_id=result["unique_id"],
    )


def _subject(test: Mapping[str, Any], nodes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node that the test is attached to, else the node of the last layer that it reads."""
    if test.get("attached_node") in nodes:
        return nodes[test["attached_node"]]
    read = [
        nodes[name] for name in (test.get("depends_on") or {}).get("nodes", []) if name in nodes
    ]
    return max(read, key=lambda node: _rank(layer_of(node)), default={})


def layer_of(node: Mapping[str, Any]) -> str:
    """The layer of a model, seed or source; empty where it has none."""
    match node.get("resource_type"):
        case "source":
            return "landing"
        case "seed":
            return "reference"
        case "model" | "snapshot":
            return next((part for part in node.get("fqn", []) if part in LAYERS), "")
    return ""


def _rank(layer: str) -> int:
    return LAYERS.index(layer) if layer in LAYERS else -1


def expectation_outcomes(result: CheckResult) -> list[Outcome]:
    """The outcome of each expectation of a checkpoint."""
    statuses = {"passed": "pass", "warned": "warn", "failed": "fail"}
    return [
        Outcome(
            kind="expectation",
            name=check.name,
            layer=check.layer,
            subject=check.table,
            severity=check.severity,
            status=statuses.get(check.status, check.status),
            failures=check.failures,
            seconds=None,
            message=" ".join(filter(None, [check.observed + ".", check.mend]))
            if check.status == "warned"
            else check.observed,
            description=check.sentence,
        )
        for check in result.checks
    ]


def count_statuses(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many checks passed, warned, failed (an error is a failure), were skipped."""
    counts = {"passed": 0, "warned": 0, "failed": 0, "skipped": 0}
    names = {"pass": "passed", "warn": "warned", "fail": "failed", "error": "failed"}
    for outcome in outcomes:
        if outcome.is_check:
            counts[names.get(outcome.status, "skipped")] += 1
    return counts
