"""The report: what was measured, as Markdown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from benchmarks.build_speed.build import Cost
from benchmarks.build_speed.figures import Side, Size
from benchmarks.build_speed.goals import GIB, Goal, goals_of
from portrait.publishing.publish import git_commit, project_version
from portrait.settings import Settings

SHOWN = 20
# Columns of words, not of numbers.
WORDS = ("Size", "Verdict", "Kind", "Made", "Differences")
METHOD = Path(__file__).with_name("method.md")


def report(sizes: Sequence[Size], plot: str) -> str:
    """The whole report; `plot` is the name of the image beside it."""
    return "\n".join(
        [
            "# What a build costs",
            "",
            "Written by `make bench`; do not edit. How it is measured stands at the end.",
            "",
            *_machine(),
            "",
            "## Goals",
            *_goals(goals_of(sizes)),
            "",
            f"![Seconds by size, and seconds per million raw rows by stage]({plot})",
            "",
            "## Builds",
            *_builds(sizes),
            *_problems(sizes),
            "",
            "## Stages",
            *_costs(sizes, "Stage", lambda size: size.full.stages),
            "",
            "## Layers",
            *_costs(sizes, "Layer", lambda size: size.full.layers),
            "",
            f"## The {SHOWN} most expensive models and tests",
            *_dearest(sizes),
            "",
            "## By hand",
            *_sides(sizes),
            "",
            METHOD.read_text("utf-8"),
        ]
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; all columns but the first and those of words are numbers."""
    lines = ["---" if not place or head in WORDS else "--:" for place, head in enumerate(heads)]
    return [
        f"| {' | '.join(heads)} |",
        f"|{'|'.join(lines)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _machine() -> list[str]:
    project = Settings.from_environment().project
    commit = git_commit(project)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(package)}"
        for name, package in (("dbt", "dbt-core"), ("pandas", "pandas"))
    )
    return [
        f"Machine: {_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB of memory,"
        f" {platform.system()}. Python {platform.python_version()}, DuckDB {duckdb.__version__},"
        f" {versions}; portrait {project_version(project)}"
        f"{f' at {commit[:10]}' if commit else ''}.",
    ]


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB


def _goals(goals: Iterable[Goal]) -> list[str]:
    def number(value: float | None, unit: str) -> str:
        if value is None:
            return ""
        digits = 0 if unit == "s" else 1 if unit in ("GiB", "%") else 2
        return f"{value:,.{digits}f} {unit}"

    return _table(
        ("Goal", "Size", "At most", "Aim", "Measured", "Verdict"),
        (
            (
                goal.name, goal.size, number(goal.most, goal.unit), number(goal.aim, goal.unit),
                number(goal.measured, goal.unit), goal.verdict,
            )
            for goal in goals
        ),
    )  # fmt: skip


def _builds(sizes: Sequence[Size]) -> list[str]:
    def row(name: str, of: Iterable[str]) -> tuple[str, ...]:
        return (name, *of)

    full = [size.full for size in sizes]
    later = [size.new_day for size in sizes]
    rows = [
        row("raw rows", (f"{one.raw_rows:,}" for one in full)),
        row("raw files, GiB", (_gib(one.raw_bytes) for one in full)),
        row("landed beside them, GiB", (_gib(one.landed_bytes) for one in full)),
        row("work databases, GiB", (_gib(one.work_bytes) for one in full)),
        row("published, GiB", (_gib(one.published_bytes) for one in full)),
        row("**build, s**", (f"**{one.seconds:,.1f}**" for one in full)),
        row("processor, s", (f"{one.cpu_seconds:,.1f}" for one in full)),
        row("memory at the peak, GiB", (_gib(one.peak_bytes) for one in full)),
        row("raw rows per second", (_per_second(one.raw_rows, one.seconds) for one in full)),
        row("rows of the new day", (
            f"{size.new_rows:,} ({100 * size.new_rows / max(size.full.raw_rows, 1):.2f} %)"
            for size in sizes
        )),
        row("**build after it, s**", (f"**{one.seconds:,.1f}**" for one in later)),
        row("processor, s", (f"{one.cpu_seconds:,.1f}" for one in later)),
        row("memory at the peak, GiB", (_gib(one.peak_bytes) for one in later)),
        row("limit: reading, s", (f"{size.limit.read_seconds:,.2f}" for size in sizes)),
        row("limit: writing, s", (f"{size.limit.write_seconds:,.2f}" for size in sizes)),
        row("build against the limit, times", (
            f"{size.full.seconds / size.limit.seconds:,.0f}" if size.limit.seconds else ""
            for size in sizes
        )),
        row("generating the files, once, s", (f"{size.generate_seconds:,.0f}" for size in sizes)),
    ]  # fmt: skip
    return _table(("", *_people(sizes)), rows)


def _problems(sizes: Sequence[Size]) -> list[str]:
    lines = []
    for size in sizes:
        for name, build in (("The build", size.full), ("The build after a new day", size.new_day)):
            if build.problem:
                told = "\n".join(f"    {line}" for line in build.problem.splitlines()[-12:])
                lines += ["", f"{name} of {size.people:,} people failed:", "", told]
    return lines


def _costs(sizes: Sequence[Size], head: str, costs_of: object) -> list[str]:
    assert callable(costs_of)
    costs: list[dict[str, Cost]] = [
        {cost.name: _sum([one for one in costs_of(size) if one.name == cost.name])
         for cost in costs_of(size)}
        for size in sizes
    ]  # fmt: skip
    names = list(dict.fromkeys(name for one in costs for name in one))
    heads = [f"{people}: s, processor s, GiB" for people in _people(sizes)]
    return _table(
        (head, *heads),
        ((name, *(_cost(one.get(name)) for one in costs)) for name in names),
    )


def _sum(costs: Sequence[Cost]) -> Cost:
    cpu = [cost.cpu_seconds for cost in costs if cost.cpu_seconds is not None]
    peaks = [cost.peak_bytes for cost in costs if cost.peak_bytes is not None]
    return Cost(
        costs[0].name, costs[0].kind, sum(cost.seconds for cost in costs),
        sum(cpu) if cpu else None, max(peaks, default=None),
    )  # fmt: skip


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return ""
    cpu = "" if cost.cpu_seconds is None else f", {cost.cpu_seconds:,.1f}"
    peak = "" if cost.peak_bytes is None else f", {_gib(cost.peak_bytes)}"
    return f"{cost.seconds:,.1f}{cpu}{peak}"


def _dearest(sizes: Sequence[Size]) -> list[str]:
    """At the largest size, with the seconds of the same at the others."""
    largest = sizes[-1]
    by_name = [
        {cost.name: cost for cost in (*size.full.models, *size.full.tests)} for size in sizes
    ]
    heads = [f"{people}: s" for people in _people(sizes)]
    rows = []
    for cost in largest.full.dearest(SHOWN):
        seconds = [f"{one[cost.name].seconds:,.1f}" if cost.name in one else "" for one in by_name]
        cpu = "" if cost.cpu_seconds is None else f"{cost.cpu_seconds:,.1f}"
        peak = "" if cost.peak_bytes is None else _gib(cost.peak_bytes)
        rows.append((cost.name, cost.kind, *seconds, cpu, peak))
    return _table(("Model or test", "Kind", *heads, "processor s", "GiB"), rows)


def _sides(sizes: Sequence[Size]) -> list[str]:
    lines: list[str] = []
    for size in sizes:
        if not size.by_hand:
            continue
        rows = [_side(side, "by hand") for side in size.by_hand]
        rows += [_side(side, "pandas") for side in size.pandas]
        lines += [
            "",
            f"{size.people:,} people:",
            "",
            *_table(
                (
                    "Table", "Made", "Rows", "Columns", "s", "processor s", "GiB", "models, s",
                    "times", "Differences",
                ),
                rows,
            ),
        ]  # fmt: skip
    return lines


def _side(side: Side, how: str) -> tuple[str, ...]:
    is_whole = side.name == how
    columns = f"{side.columns} of {side.mart_columns}" if side.mart_columns else f"{side.columns}"
    has_models = is_whole and not side.problem and side.seconds
    return (
        "all" if is_whole else side.name,
        how,
        f"{side.rows:,}" if side.rows else "",
        columns if side.columns else "",
        f"{side.seconds:,.2f}",
        f"{side.cpu_seconds:,.2f}",
        _gib(side.peak_bytes) if side.peak_bytes else "",
        f"{side.models_seconds:,.2f}" if side.models_seconds else "",
        f"{side.models_seconds / side.seconds:.2f}" if has_models else "",
        side.problem or "none",
    )


def _people(sizes: Sequence[Size]) -> list[str]:
    return [f"{size.people:,} people" for size in sizes]


def _gib(number: int) -> str:
    return f"{number / GIB:,.2f}"


def _per_second(rows: int, seconds: float) -> str:
    return f"{rows / seconds:,.0f}" if seconds else ""
