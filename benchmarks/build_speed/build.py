"""Measures one `portrait build`: as a whole, per stage, per layer, per model and per test.

The whole, the stages and the seconds of models and tests are measured. Two models run at a time,
so the processor time and the memory of a model or layer are a sample: at each look (five a second)
the processor time since the last one is shared evenly among the models that ran, and the memory
counts for each of them. A layer's memory is therefore that of the whole build while it worked.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.build_speed.company import folder_bytes
from benchmarks.build_speed.process import Measured, Moment, measure
from portrait.build.outcomes import LAYERS, layer_of
from portrait.sql import sql_text
from portrait.warehouse import Warehouse

BUILDING = "Building"
# What dbt does while no model runs: parsing, compiling, writing artifacts.
BETWEEN = "between models"
STAGE_BEGINS, STAGE_ENDS = re.compile(r"^(\w[\w ]*) …$"), re.compile(r"^(\w[\w ]*): [\d.]+ s")


@dataclass(frozen=True)
class Span:
    """Something that ran: its name, its layer or stage, and when (seconds since 1970)."""

    name: str
    layer: str
    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return self.ended - self.begun


@dataclass
class Cost:
    """What a layer, a model or a test took; processor time and memory where they are known."""

    name: str
    kind: str
    seconds: float
    cpu_seconds: float | None = None
    peak_bytes: int | None = None


@dataclass
class BuildFigures:
    """What one build took, and what it made."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    problem: str = ""
    raw_rows: int = 0
    raw_bytes: int = 0
    landed_bytes: int = 0
    work_bytes: int = 0
    published_bytes: int = 0
    stages: list[Cost] = field(default_factory=list)
    layers: list[Cost] = field(default_factory=list)
    models: list[Cost] = field(default_factory=list)
    tests: list[Cost] = field(default_factory=list)

    def stage(self, name: str) -> float:
        """Seconds of a stage, 0 where there was none."""
        return sum(cost.seconds for cost in self.stages if cost.name == name)

    def dearest(self, number: int) -> list[Cost]:
        """The most expensive models and tests."""
        return sorted([*self.models, *self.tests], key=lambda cost: -cost.seconds)[:number]


class KeptResults:
    """The results of all dbt runs of a build, of which dbt keeps only the last."""

    def __init__(self, target: Path) -> None:
        """Take the folder of dbt's artifacts."""
        self.file = target / "run_results.json"
        self.seen = self._stamp()
        self.results: dict[str, dict[str, Any]] = {}

    def look(self) -> None:
        """Read the file, if it is new and whole."""
        stamp = self._stamp()
        if stamp == self.seen:
            return
        with contextlib.suppress(OSError, ValueError):
            results = json.loads(self.file.read_text("utf-8"))["results"]
            self.results |= {one["unique_id"]: one for one in results}
            self.seen = stamp

    def _stamp(self) -> int:
        return self.file.stat().st_mtime_ns if self.file.exists() else 0


def run_build(environment: Mapping[str, str], raw_rows: int, raw_bytes: int) -> BuildFigures:
    """Run `portrait build`; a build that fails is told in `problem`."""
    warehouse = Warehouse(Path(environment["PORTRAIT_WAREHOUSE"]))
    kept = KeptResults(warehouse.target)
    done = measure([sys.executable, "-m", "portrait.cli", "build"], dict(environment), kept.look)
    figures = BuildFigures(
        seconds=done.seconds,
        cpu_seconds=done.cpu_seconds,
        peak_bytes=done.peak_bytes,
        problem="" if done.succeeded else done.text[-3000:],
        raw_rows=raw_rows,
        raw_bytes=raw_bytes,
        landed_bytes=folder_bytes(warehouse.landing),
        work_bytes=sum(
            file.stat().st_size
            for file in (warehouse.work_build, warehouse.work_portrait)
            if file.exists()
        ),
    )
    stages = stages_of(done)
    figures.stages = [
        Cost(span.name, "stage", span.seconds, *share(done.moments, [span], [span]))
        for span in stages
    ]
    spans = model_spans(kept.results.values(), _nodes(warehouse))
    figures.models = [
        Cost(span.name, "model", span.seconds, *share(done.moments, [span], spans))
        for span in spans
    ]
    figures.layers = layers_of(done.moments, stages, spans)
    if done.succeeded:
        figures.published_bytes = folder_bytes(warehouse.current.resolve())
        figures.tests = tests_of(warehouse)
    return figures


def stages_of(done: Measured) -> list[Span]:
    """The stages of a build by the lines that it printed."""
    begun: dict[str, float] = {}
    stages = []
    for at, line in done.lines:
        if found := STAGE_BEGINS.match(line):
            begun[found[1]] = at
        elif (found := STAGE_ENDS.match(line)) and found[1] in begun:
            stages.append(Span(found[1], found[1], begun.pop(found[1]), at))
    return stages


def model_spans(
    results: Iterable[Mapping[str, Any]], nodes: Mapping[str, Mapping[str, Any]]
) -> list[Span]:
    """When each model and seed was executed."""
    spans = []
    for result in results:
        node = nodes.get(result["unique_id"])
        if node is None or node["resource_type"] not in ("model", "seed"):
            continue
        for timing in result["timing"]:
            if timing["name"] == "execute" and timing["started_at"] and timing["completed_at"]:
                begun, ended = (
                    datetime.fromisoformat(timing[key]).timestamp()
                    for key in ("started_at", "completed_at")
                )
                spans.append(Span(node["name"], layer_of(node), begun, ended))
    return spans


def layers_of(
    moments: Sequence[Moment], stages: Sequence[Span], spans: Sequence[Span]
) -> list[Cost]:
    """What the layers took; seconds are those in which at least one model of the layer ran."""
    costs = []
    for layer in LAYERS:
        own = [span for span in spans if span.layer == layer]
        if own:
            costs.append(Cost(layer, "layer", covered(own), *share(moments, own, spans)))
    building = [stage for stage in stages if stage.name == BUILDING]
    if building:
        whole = sum(stage.seconds for stage in building)
        cpu, _ = share(moments, building, building)
        inside = [
            span for span in spans if any(one.begun <= span.begun <= one.ended for one in building)
        ]
        used, _ = share(moments, inside, inside)
        left = None if cpu is None or used is None else max(cpu - used, 0.0)
        costs.append(Cost(BETWEEN, "layer", max(whole - covered(inside), 0.0), left))
    return costs


def covered(spans: Sequence[Span]) -> float:
    """Seconds in which at least one of the spans ran."""
    total, until = 0.0, 0.0
    for span in sorted(spans, key=lambda one: one.begun):
        total += max(span.ended - max(span.begun, until), 0.0)
        until = max(until, span.ended)
    return total


def share(
    moments: Sequence[Moment], own: Sequence[Span], all_spans: Sequence[Span]
) -> tuple[float | None, int | None]:
    """Processor seconds and peak memory of some spans, of which others ran at the same time.

    The processor time between two looks is shared by the length of each span within them.
    """
    if not own or len(moments) < 2:
        return None, None
    first, last = min(one.begun for one in own), max(one.ended for one in own)
    cpu, peak = 0.0, 0
    for before, after in pairwise(moments):
        if after.at < first or before.at > last:
            continue
        mine = sum(_overlap(span, before.at, after.at) for span in own)
        if not mine:
            continue
        peak = max(peak, before.held_bytes, after.held_bytes)
        everything = sum(_overlap(span, before.at, after.at) for span in all_spans)
        # What is left of an interval in which nothing ran belongs to nobody.
        running = min(covered_within(all_spans, before.at, after.at) / (after.at - before.at), 1.0)
        cpu += (after.cpu_seconds - before.cpu_seconds) * running * mine / everything
    return cpu, peak


def covered_within(spans: Sequence[Span], begun: float, ended: float) -> float:
    """Seconds between two times in which at least one of the spans ran."""
    cut = [
        Span(span.name, span.layer, max(span.begun, begun), min(span.ended, ended))
        for span in spans
        if span.ended > begun and span.begun < ended
    ]
    return covered(cut)


def _overlap(span: Span, begun: float, ended: float) -> float:
    return max(min(span.ended, ended) - max(span.begun, begun), 0.0)


def tests_of(warehouse: Warehouse) -> list[Cost]:
    """Seconds of each data test of the current build, as it noted them."""
    with duckdb.connect() as connection:
        file = sql_text(warehouse.current / "portrait.duckdb")
        connection.execute(f"attach {file} as portrait (read_only)")
        rows = connection.execute(
            "select test_name, duration_seconds from portrait.quality.test_results"
            " where kind = 'test' and duration_seconds is not null"
            " and build_id = (select build_id from portrait.quality.build_info)"
        ).fetchall()
    return [Cost(name, "test", float(seconds)) for name, seconds in rows]


def _nodes(warehouse: Warehouse) -> dict[str, Any]:
    try:
        return dict(json.loads((warehouse.target / "manifest.json").read_text("utf-8"))["nodes"])
    except (OSError, ValueError):
        return {}
