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
from builds import PROJECT, SAMPLE, environment

from portrait.spark.cluster import Cluster, SparkMissing, SparkSettings, free_port

# Whose SQL unit tests run on tables of their own.
COMPILED = (
    "int_clv_purchases_expected",
    "customer_lifetime_value",
    "int_events_sessioned",
    "int_sessions_summarised",
    "int_campaign_arm_totals",
    "int_campaign_lifts_measured",
    "int_campaign_splits_tested",
    "rpt_campaign_kind_lifts",
)


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """Return the folder of the dbt project."""
    return PROJECT


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder in whose `target` dbt has parsed the project as it lies on disk.

    It is parsed once per test run, also when several workers share the run: neither the project's
    own `target/` nor a warehouse of it is touched.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "manifest"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "target" / "manifest.json").exists():
            _parse(folder)
    return folder


@pytest.fixture(scope="session")
def manifest(parsed: Path) -> dict[str, Any]:
    """Return dbt's manifest of the project."""
    return json.loads((parsed / "target" / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def compiled(parsed: Path) -> dict[str, str]:
    """Return the SQL of the models that unit tests run, as dbt compiles it for DuckDB."""
    files = (parsed / "target" / "compiled").rglob("*.sql")
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def _parse(folder: Path) -> None:
    """Let dbt parse and compile into `folder/target`; fail with dbt's own words otherwise."""
    warehouse = folder / "warehouse"
    (warehouse / "work").mkdir(parents=True)
    run = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "compile", "--no-introspect"),
            *("--select", *COMPILED),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        ],
        env=environment(SAMPLE, warehouse),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        pytest.fail(f"dbt could not parse the project:\n{run.stdout}{run.stderr}", pytrace=False)


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
                PROJECT,
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
