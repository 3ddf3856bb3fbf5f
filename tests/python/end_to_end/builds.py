"""Run the project's commands as a user does, each test run in folders of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
SAMPLE = PROJECT / "data" / "sample"
CASES = PROJECT / "tests" / "cases" / "raw"


def environment(raw: Path, warehouse: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a command: the settings, and nothing of the caller's own."""
    inherited = {name: value for name, value in os.environ.items() if "PORTRAIT_" not in name}
    return inherited | {
        "PORTRAIT_RAW": str(raw),
        "PORTRAIT_WAREHOUSE": str(warehouse),
        **{f"PORTRAIT_{name.upper()}": value for name, value in settings.items()},
    }


def portrait(
    command: Sequence[str], raw: Path, warehouse: Path, project: Path = PROJECT, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `portrait <command>` in the project folder and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "portrait.cli", *command],
        cwd=project,
        env=environment(raw, warehouse, **settings) | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )


def built(raw: Path, warehouse: Path, **settings: str) -> Path:
    """Run `portrait build`, which must succeed; return the folder of the published build.

    What it printed is in `printed.txt` of the warehouse.
    """
    run = portrait(["build"], raw, warehouse, **settings)
    assert run.returncode == 0, run.stdout + run.stderr
    (warehouse / "printed.txt").write_text(run.stdout + run.stderr, "utf-8")
    return warehouse / "current"
