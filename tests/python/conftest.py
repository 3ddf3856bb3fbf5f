"""Fixtures that all Python tests share."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portrait.spark.cluster import Cluster, SparkMissing, SparkSettings, free_port

PROJECT_DIR = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """Return the folder of the dbt project."""
    return PROJECT_DIR


@pytest.fixture(scope="session")
def manifest(
    project_dir: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> dict[str, Any]:
    """Return dbt's manifest of the project as it lies on disk.

    It is parsed once per test run, also when several workers share the run, into a folder of the
    run: neither `target/` nor a warehouse is touched.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "manifest"
    folder.mkdir(exist_ok=True)
    path = folder / "target" / "manifest.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _parse(project_dir, folder)
    return json.loads(path.read_text(encoding="utf-8"))


def _parse(project_dir: Path, folder: Path) -> None:
    """Let dbt write its manifest into `folder/target`; fail with dbt's own words otherwise."""
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "parse",
            "--no-partial-parse",
            "--project-dir",
            str(project_dir),
            "--profiles-dir",
            str(project_dir),
            "--target-path",
            str(folder / "target"),
            "--log-path",
            str(folder / "logs"),
        ],
        env={**os.environ, "PORTRAIT_WAREHOUSE": str(folder / "warehouse")},
        cwd=project_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        pytest.fail(f"dbt parse failed:\n{run.stdout}{run.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Cluster]:
    """Start one cluster for all workers of the run; the last one that used it stops it.

    Without Java or pyspark the test is skipped with the sentence that says what is missing.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "spark"
    folder.mkdir(exist_ok=True)
    with _shared(folder) as shared:
        shared.setdefault("port", free_port())
        cluster = Cluster(
            SparkSettings.from_environment(
                PROJECT_DIR,
                {
                    "PORTRAIT_SPARK_ENV": os.environ.get("PORTRAIT_SPARK_ENV", ""),
                    "PORTRAIT_SPARK_HOME": str(folder / "home"),
                    "PORTRAIT_SPARK_PORT": str(shared["port"]),
                },
            )
        )
        try:
            cluster.up()
        except SparkMissing as missing:
            pytest.skip(str(missing))
        shared["users"] = shared.get("users", 0) + 1
    yield cluster
    with _shared(folder) as shared:
        shared["users"] -= 1
        if shared["users"] == 0:
            cluster.down()


@contextmanager
def _shared(folder: Path) -> Iterator[dict[str, int]]:
    """What the workers of a run know of their cluster, for one of them at a time."""
    path = folder / "shared.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shared: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        yield shared
        path.write_text(json.dumps(shared))
