"""dbt in a process of its own: its events are followed, and what failed is collected."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from portrait.build.dbt_child import ANSWER
from portrait.build.outcomes import Outcome, outcomes_of_results
from portrait.errors import PortraitError

FAILING_ROW = "failing row: "

# Reports (nodes done, nodes in all, what is being worked on).
Progress = Callable[[int, int, str], None]


@dataclass
class DbtResult:
    """The result of a run of dbt."""

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

    def followed_by(self, other: "DbtResult") -> "DbtResult":
        """Merge this run with a later one: a node that ran twice has its last result."""
        again = {outcome.unique_id for outcome in other.outcomes}
        return DbtResult(
            succeeded=self.succeeded and other.succeeded,
            seconds=self.seconds + other.seconds,
            outcomes=[one for one in self.outcomes if one.unique_id not in again] + other.outcomes,
            failing_rows=self.failing_rows + other.failing_rows,
            errors=self.errors + other.errors,
            statements=self.statements | other.statements,
        )

    def rows_of(self, name: str) -> list[str]:
        """The failing rows printed for the test of that name."""
        start = f"{name}: "
        return [row.removeprefix(start) for row in self.failing_rows if row.startswith(start)]


class DbtEvents:
    """Follows dbt's events, one JSON object per line."""

    def __init__(self, progress: Progress, log: TextIO | None = None) -> None:
        """Take the function that is called for each finished node, and a file for messages."""
        self.progress = progress
        self.log = log
        self.total = 0
        self.done: set[str] = set()
        self.failing_rows: list[str] = []
        self.errors: list[str] = []
        self.answer: dict[str, Any] | None = None

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
        if info.get("name") == ANSWER:
            self.answer = data
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
MODELS_AND_SEEDS = ("--resource-type", "model", "--resource-type", "seed")


class DbtSession:
    """dbt with the project read once, for all that a build asks of it.

    It begins to read when it is made, so that other work can be done meanwhile.
    """

    def __init__(
        self,
        project: Path,
        target: Path,
        logs: Path,
        environment: Mapping[str, str],
        profile_target: str | None = None,
    ) -> None:
        """Start dbt on a project; artifacts go to `target`, its log to `logs`.

        `environment` are the settings, on top of this process's own environment.
        """
        self.target = target
        target.mkdir(parents=True, exist_ok=True)
        logs.mkdir(parents=True, exist_ok=True)
        self.log = (logs / "dbt.log").open("w", encoding="utf-8")
        package_root = str(Path(__file__).resolve().parents[2])
        self.process = subprocess.Popen(
            dbt_command(project, target, logs, profile_target),
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

    def __enter__(self) -> "DbtSession":
        """Return the session, which ends dbt at its exit."""
        return self

    def __exit__(self, *_: object) -> None:
        """End dbt: it has nothing to finish between two commands."""
        self.close()

    def close(self) -> None:
        """End the process; between two commands dbt has no file open."""
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            _stop(self.process)
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()

    def run(self, arguments: Sequence[str], progress: Progress) -> DbtResult:
        """Run a command of dbt, as `build --select …`."""
        started = time.monotonic()
        answer, events = self._ask({"command": "run", "arguments": list(arguments)}, progress)
        errors = [*events.errors, *filter(None, [answer.get("error")])]
        return DbtResult(
            succeeded=bool(answer["success"]),
            seconds=time.monotonic() - started,
            outcomes=outcomes_of_results(self.target, answer["results"])
            if answer["results"]
            else [],
            failing_rows=events.failing_rows,
            errors=errors,
            statements=answer.get("statements", {}),
        )

    def compiled_tests(self) -> list[dict[str, Any]]:
        """The data tests of the project with their SQL (`dbt_child._test`)."""
        answer, events = self._ask({"command": "compile_tests"}, lambda *_: None)
        if not answer["success"]:
            errors = [*events.errors, *filter(None, [answer.get("error")])]
            raise PortraitError("dbt could not compile the data tests:\n" + "\n".join(errors))
        return answer["tests"]

    def _ask(
        self, request: Mapping[str, Any], progress: Progress
    ) -> tuple[dict[str, Any], DbtEvents]:
        events = DbtEvents(progress, self.log)
        try:
            if self.process.stdin:
                with contextlib.suppress(BrokenPipeError):
                    print(json.dumps(request), file=self.process.stdin, flush=True)
            for line in self.process.stdout or ():
                events.take(line)
                if events.answer is not None:
                    return events.answer, events
        except BaseException:
            _stop(self.process)
            raise
        return {"success": False, "results": [], "tests": []}, events


def dbt_command(
    project: Path, target: Path, logs: Path, profile_target: str | None = None
) -> list[str]:
    """The command line of the child; the kept parse of the project lies in its `target` folder."""
    parse = project / "target" / "parse" / (profile_target or "duckdb")
    return [
        *(sys.executable, "-m", "portrait.build.dbt_child", str(parse), str(target)),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--log-path", str(logs)),
        *(("--target", profile_target) if profile_target else ()),
    ]


def run_dbt(
    project: Path,
    target: Path,
    logs: Path,
    environment: Mapping[str, str],
    progress: Progress,
    options: Sequence[str] = ALL_BUT_UNIT_TESTS,
    profile_target: str | None = None,
) -> DbtResult:
    """Run one `dbt build` with these options in a session of its own."""
    with DbtSession(project, target, logs, environment, profile_target) as dbt:
        return dbt.run(("build", *options), progress)


def _stop(process: subprocess.Popen[str]) -> None:
    """End the child: first as Ctrl-C would, so that dbt closes its files, then for good."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
