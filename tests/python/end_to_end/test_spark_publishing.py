"""What readers on Spark see when a build is published: views on it, and a row that names it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portrait.build.dbt_runner import DbtResult
from portrait.console import Display, make_console
from portrait.errors import PortraitError
from portrait.settings import Settings
from portrait.spark import build as spark_build
from portrait.spark.cluster import Cluster
from portrait.spark.parity import spark_environment, statements_on

Execute = Callable[[str], list[tuple[Any, ...]]]


def publish(
    project_dir: Path, folder: Path, cluster: Cluster, build_id: str, kept_builds: int = 3
) -> None:
    """Publish a build as `portrait spark build` does after its checks."""
    arguments = {"base": "shown", "build_id": build_id, "kept_builds": kept_builds}
    others = {name: text for name, text in os.environ.items() if not name.startswith("PORTRAIT_")}
    run = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet"),
            *("run-operation", "publish_build", "--args", json.dumps(arguments)),
            *("--project-dir", str(project_dir), "--profiles-dir", str(project_dir)),
            *("--target", "spark", "--target-path", str(folder / "target")),
            *("--log-path", str(folder / "logs")),
        ],
        env=others | spark_environment(cluster.settings, f"shown_{build_id}"),
        cwd=project_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def make_build(execute: Execute, build_id: str, tables: dict[str, int]) -> None:
    """Make the schemas of a build; each table has one row with that number."""
    for layer in ("marts", "quality"):
        execute(f"create schema shown_{build_id}_{layer}")
    for table, number in tables.items():
        execute(f"create table shown_{build_id}_marts.{table} as select {number} as n")
    execute(f"create table shown_{build_id}_quality.checked as select '{build_id}' as build_id")


def names(rows: list[tuple[Any, ...]], column: int = 0) -> set[str]:
    """One column of an answer."""
    return {row[column] for row in rows}


@pytest.mark.slow(reason="it needs Spark")
def test_publishing_moves_the_views_on_and_keeps_the_last_builds(
    spark_cluster: Cluster, project_dir: Path, tmp_path: Path
) -> None:
    with statements_on(spark_cluster.settings) as execute:
        make_build(execute, "b1", {"customers": 1, "gone": 1})
        publish(project_dir, tmp_path, spark_cluster, "b1")
        assert execute("select n from shown_marts.customers") == [(1,)]

        make_build(execute, "b2", {"customers": 2, "added": 2})
        assert execute("select n from shown_marts.customers") == [(1,)]
        publish(project_dir, tmp_path, spark_cluster, "b2", kept_builds=1)
        assert execute("select n from shown_marts.customers") == [(2,)]
        assert execute("select build_id from shown_quality.checked") == [("b2",)]
        assert names(execute("show tables in shown_marts"), 1) == {"customers", "added"}
        assert execute(
            "select build_id, schema_prefix from shown.builds order by published_at desc limit 1"
        ) == [("b2", "shown_b2")]
        schemas = names(execute("show schemas like 'shown_*'"))
        assert schemas == {"shown_marts", "shown_quality", "shown_b2_marts", "shown_b2_quality"}


def test_a_build_that_failed_publishes_nothing(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[object] = []
    failed = DbtResult(succeeded=False, seconds=1.0)
    monkeypatch.setattr(spark_build, "land_files", lambda settings, stage: None)
    monkeypatch.setattr(spark_build, "run_dbt", lambda *arguments: failed)
    monkeypatch.setattr(spark_build, "_run_operation", lambda *a, **b: published.append(a))
    settings = Settings(project=project_dir, raw=tmp_path, warehouse=tmp_path / "warehouse")
    with pytest.raises(PortraitError, match="Nothing was published"):
        spark_build.build_on_spark(settings, Display(make_console()))
    assert not published
