"""What benchmarks of speed share: commands with their seconds and memory, models made by dbt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass
class Step:
    """The cost of a step: seconds of its work, seconds of its start, and megabytes at the peak."""

    name: str
    seconds: float
    start_seconds: float
    peak_megabytes: float


def run_measured(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command; its seconds and the peak of its memory in MB. RuntimeError where it fails."""
    begun = time.monotonic()
    log = Path(environment["PORTRAIT_WAREHOUSE"]).parent / "last-command.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text()[-3000:]}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024


class MeasuredWarehouse:
    """A folder with raw files and a warehouse of its own, whose models are made step by step."""

    def __init__(self, folder: Path, as_of: str) -> None:
        """Name the folder, which need not exist, and the as-of date of its builds."""
        self.folder = folder
        self.raw, self.warehouse = folder / "raw", folder / "warehouse"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "PORTRAIT_" not in name},
            "PYTHONPATH": str(PROJECT),
            "PORTRAIT_RAW": str(self.raw),
            "PORTRAIT_WAREHOUSE": str(self.warehouse),
            "PORTRAIT_AS_OF": as_of,
        }

    @property
    def build(self) -> Path:
        """The file of the layers below the marts."""
        return self.warehouse / "work" / "build.duckdb"

    def portrait(self, *command: str) -> None:
        """Run a command of portrait."""
        run_measured([sys.executable, "-m", "portrait.cli", *command], self.environment)

    def land(self) -> None:
        """Land the raw files."""
        self.portrait("land")

    def run_step(self, name: str, selected: Sequence[str], exclude: Sequence[str] = ()) -> Step:
        """Let dbt make some models."""
        target = self.folder / "target"
        wall, peak = run_measured(
            [
                *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "build"),
                *("--select", *selected, "--exclude", "test_type:data", "test_type:unit", *exclude),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", str(target), "--log-path", str(self.folder / "logs")),
            ],
            self.environment,
        )
        results = json.loads((target / "run_results.json").read_text())["results"]
        timed = [
            [datetime.fromisoformat(one[key]) for key in ("started_at", "completed_at")]
            for result in results
            for one in result["timing"]
            if one["name"] == "execute"
        ]
        begun, ended = min(begun for begun, _ in timed), max(ended for _, ended in timed)
        seconds = (ended - begun).total_seconds()
        return Step(name, seconds, wall - seconds, peak)
