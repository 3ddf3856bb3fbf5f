"""Runs `dbt build` in a process of its own, follows its events, and collects what failed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from portrait.build.dbt_child import STATEMENTS
from portrait.build.outcomes import Outcome, read_dbt_outcomes

FAILING_ROW = "failing row: "

# Reports (nodes done, nodes in all, what is in hand).
Progress = Callable[[int, int, str], None]


@dataclass
class DbtResult:
    """What a run of dbt came to."""

    succeeded: bool
    seconds: float
    outcomes: list[Outcome] = field(default_factory=list)
    # Failing rows that the project's own macro printed, as `<test>: <values>`.
    failing_rows: list[str] = field(default_factory=list)
    # Messages of a run that ended before or outside its nodes.
    errors: list[str] = field(default_factory=list)
    # How many SQL statements each node sent.
    statements: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> list[Outcome]:
        """The nodes that failed."""
        return [outcome for outcome in self.outcomes if outcome.is_failure]

    def rows_of(self, name: str) -> list[str]:
        """The failing rows printed for the test of that name."""
        start = f"{name}: "
        return [row.removeprefix(start) for row in self.failing_rows if row.startswith(start)]


class DbtEvents:
    """Follows dbt's events, one JSON object per line."""

    def __init__(self, progress: Progress, log: TextIO | None = None) -> None:
        """Take the function that hears of each finished node, and a file for the messages."""
        self.progress = progress
        self.log = log
        self.total = 0
        self.done: set[str] = set()
        self.failing_rows: list[str] = []
        self.errors: list[str] = []
        self.statements: dict[str, int] = {}

    def take(self, line: str) -> None:
        """Take one line of the log; what is not JSON is kept as an error message."""
        try:
            event = json.loads(line)
            info, data = event["info"], event["data"]
        except (ValueError, KeyError, TypeError):
            if line.strip():
                self.errors.append(line.strip())
                self._write(line.rstrip())
            return
        if info.get("name") == STATEMENTS:
            self.statements = data
            return
        message = str(info.get("msg", ""))
        self._write(f"{info.get('ts', '')} {message}")
        if info.get("name") == "ConcurrencyLine":
            self.total = int(data.get("node_count") or 0)
            self.progress(0, self.total, "")
        elif message.startswith(FAILING_ROW):
            self.failing_rows.append(message.removeprefix(FAILING_ROW).strip())
        elif info.get("level") == "error":
            self.errors.append(message.strip())
        self._count(data)

    def _write(self, text: str) -> None:
        if self.log:
            print(text, file=self.log)

    def _count(self, data: Mapping[str, Any]) -> None:
        node = data.get("node_info") or {}
        ended = bool(node.get("node_finished_at")) or node.get("node_status") == "skipped"
        name = node.get("unique_id")
        if not ended or not name or node.get("resource_type") == "operation" or name in self.done:
            return
        self.done.add(name)
        self.progress(len(self.done), self.total, str(node.get("node_name", "")))


# Everything but the unit tests, which belong to `make test`.
ALL_BUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def dbt_command(
    project: Path, target: Path, logs: Path, options: Sequence[str] = ALL_BUT_UNIT_TESTS
) -> list[str]:
    """The command line of the build; `options` say which nodes, and on which target."""
    return [
        sys.executable,
        "-m",
        "portrait.build.dbt_child",
        "build",
        *("--project-dir", str(project)),
        *("--profiles-dir", str(project)),
        *("--target-path", str(target)),
        *("--log-path", str(logs)),
        *options,
    ]


def run_dbt(
    project: Path,
    target: Path,
    logs: Path,
    environment: Mapping[str, str],
    progress: Progress,
    options: Sequence[str] = ALL_BUT_UNIT_TESTS,
) -> DbtResult:
    """Run the build; `environment` are the settings, on top of this process's own environment."""
    started = time.monotonic()
    run_results = target / "run_results.json"
    run_results.unlink(missing_ok=True)
    logs.mkdir(parents=True, exist_ok=True)
    package_root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        dbt_command(project, target, logs, options),
        cwd=project,
        env={
            **os.environ,
            **environment,
            "PYTHONPATH": os.pathsep.join(
                filter(None, [package_root, os.environ.get("PYTHONPATH")])
            ),
            "PYTHONUTF8": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        with (logs / "dbt.log").open("w", encoding="utf-8") as log:
            events = DbtEvents(progress, log)
            for line in _lines(process):
                events.take(line)
        code = process.wait()
    except BaseException:
        _stop(process)
        raise
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
    return DbtResult(
        succeeded=code == 0,
        seconds=time.monotonic() - started,
        outcomes=read_dbt_outcomes(target) if run_results.exists() else [],
        failing_rows=events.failing_rows,
        errors=events.errors,
        statements=events.statements,
    )


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    if process.stdout:
        yield from process.stdout


def _stop(process: subprocess.Popen[str]) -> None:
    """End the child: first as Ctrl-C would, so that dbt closes its files, then for good."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
