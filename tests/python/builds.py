"""Run the project's commands as a user does, each test run in folders of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from portrait.build.dbt_runner import DbtSession
from portrait.warehouse import Warehouse

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "data" / "sample"
CASES = PROJECT / "tests" / "cases" / "raw"
# What dbt, landing and the checks read of the project.
FOLDERS = ("models", "macros", "seeds", "portrait", "expectations", "audiences")
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


def dbt_session(settings: Mapping[str, str], folder: Path, project: Path = PROJECT) -> DbtSession:
    """Return dbt as a build runs it; it writes into `target` and `logs` of the folder."""
    return DbtSession(project, folder / "target", folder / "logs", settings)


def run_passed(session: DbtSession, *command: str) -> None:
    """Run a command of dbt, which must succeed."""
    result = session.run(command, lambda *_: None)
    failed = [f"{outcome.name}: {outcome.message}" for outcome in result.failed]
    assert result.succeeded, "\n".join([*result.errors, *failed, *result.failing_rows])


def dbt_passed(
    command: Sequence[str], settings: Mapping[str, str], folder: Path, project: Path = PROJECT
) -> str:
    """Run one command of dbt, which must succeed; return its messages."""
    with dbt_session(settings, folder, project) as session:
        run_passed(session, *command)
    return (folder / "logs" / "dbt.log").read_text("utf-8")


def copied_project(
    copy: Path,
    folders: Iterable[str] = FOLDERS,
    tests: Iterable[str] = TESTS,
    with_parse: bool = True,
) -> Path:
    """Copy what a build reads of the project, so that a test may change it; return the copy.

    With the kept parse dbt parses only what has changed when it starts. It reads the other seeds
    where they were parsed, in the project itself: so not where a seed changes later.
    """
    for name in folders:
        shutil.copytree(PROJECT / name, copy / name)
    for name in tests:
        shutil.copytree(PROJECT / "tests" / name, copy / "tests" / name)
    for name in FILES:
        shutil.copy(PROJECT / name, copy / name)
    for file in PROJECT.glob("target/parse/*/partial_parse.msgpack") if with_parse else ():
        kept = copy / file.relative_to(PROJECT)
        kept.parent.mkdir(parents=True)
        shutil.copy(file, kept)
    return copy


def compiled_models(warehouse: Path) -> dict[str, str]:
    """Return the SQL of each model as a build compiled it, by the model's name."""
    folder = Warehouse(warehouse).target / "compiled" / "portrait" / "models"
    # The tests in a YAML file lie in a folder of its name.
    models = {
        file.stem: file.read_text("utf-8")
        for file in sorted(folder.rglob("*.sql"))
        if file.parent.suffix != ".yml"
    }
    assert len(models) > 100
    return models
