"""Run the project's commands as a user does, each test run in folders of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "data" / "sample"
CASES = PROJECT / "tests" / "cases" / "raw"
# What dbt, landing and the checks read of the project.
FOLDERS = ("models", "macros", "seeds", "portrait", "expectations")
TESTS = ("generic", "assertions", "integrity")
FILES = ("dbt_project.yml", "profiles.yml", "pyproject.toml")


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


def landed(raw: Path, warehouse: Path, project: Path = PROJECT, **settings: str) -> None:
    """Run `portrait land`, which must succeed."""
    run = portrait(["land"], raw, warehouse, project=project, **settings)
    assert run.returncode == 0, run.stdout + run.stderr


def dbt(
    command: Sequence[str], settings: Mapping[str, str], folder: Path, project: Path = PROJECT
) -> subprocess.CompletedProcess[str]:
    """Run dbt as a build does; return its messages. It writes into `target` and `logs` of `folder`.

    The process that a build runs dbt in prints its events; dbt's own loggers cost a fifth of a run.
    """
    # The process ends when its standard input does.
    read_end, write_end = os.pipe()
    try:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "portrait.build.dbt_child", *command),
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
            ],
            cwd=project,
            env={**settings, "PYTHONPATH": str(PROJECT)},
            stdin=read_end,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(read_end)
        os.close(write_end)
    messages = "\n".join(map(_message, run.stdout.splitlines()))
    return subprocess.CompletedProcess(run.args, run.returncode, messages, run.stderr)


def dbt_passed(
    command: Sequence[str], settings: Mapping[str, str], folder: Path, project: Path = PROJECT
) -> str:
    """Run dbt, which must succeed; return its messages."""
    run = dbt(command, settings, folder, project)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr
    return run.stdout


def _message(line: str) -> str:
    try:
        return str(json.loads(line)["info"].get("msg", ""))
    except (ValueError, KeyError, TypeError):
        return line


def copied_project(
    copy: Path, folders: Iterable[str] = FOLDERS, tests: Iterable[str] = TESTS
) -> Path:
    """Copy what a build reads of the project, so that a test may change it; return the copy."""
    for name in folders:
        shutil.copytree(PROJECT / name, copy / name)
    for name in tests:
        shutil.copytree(PROJECT / "tests" / name, copy / "tests" / name)
    for name in FILES:
        shutil.copy(PROJECT / name, copy / name)
    return copy
