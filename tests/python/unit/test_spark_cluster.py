"""Settings and processes of the Spark cluster of this machine; nothing here starts Java."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from portrait.errors import PortraitError
from portrait.spark import cluster as spark_cluster
from portrait.spark.cluster import (
    LOOPBACK,
    Cluster,
    Process,
    SparkMissing,
    SparkSettings,
    begun_at,
    find_java,
    find_pyspark,
    require_free,
    stop,
)

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def settings(tmp_path: Path, **values: str) -> SparkSettings:
    names = {f"PORTRAIT_SPARK_{name.upper()}": value for name, value in values.items()}
    return SparkSettings.from_environment(tmp_path, names)


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(SLEEPER, start_new_session=True)


def test_settings_have_defaults_beside_the_project(tmp_path: Path) -> None:
    found = settings(tmp_path, port="")
    assert (found.host, found.port) == (LOOPBACK, 10000)
    assert found.home == tmp_path / "target" / "spark"


@pytest.mark.parametrize("port", ["0", "65536", "ten", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(PortraitError, match="PORTRAIT_SPARK_PORT"):
        settings(tmp_path, port=port)


def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        with pytest.raises(PortraitError, match=f"{other.getsockname()[1]} .* is taken"):
            require_free(other.getsockname()[1])


def test_a_cluster_elsewhere_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match=r"spark\.example"):
        Cluster(settings(tmp_path, host="spark.example")).up()


def test_missing_java_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SparkMissing, match="needs Java 17"):
        find_java()


def test_an_old_java_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SparkMissing, match="is 11"):
        find_java()


def test_missing_pyspark_is_said(tmp_path: Path) -> None:
    with pytest.raises(SparkMissing, match="make spark-up"):
        find_pyspark(tmp_path)


def test_a_process_is_stopped_by_its_id(tmp_path: Path) -> None:
    child = sleeper()
    process = Process("worker_1", child.pid, begun_at(child.pid) or "")
    assert process.is_alive
    stop(process)
    assert not process.is_alive


def test_another_process_of_the_same_id_is_left_alone(tmp_path: Path) -> None:
    child = sleeper()
    try:
        cluster = Cluster(settings(tmp_path, home=str(tmp_path)))
        stranger = Process("master", child.pid, "long ago")
        cluster.record.write_text(json.dumps([asdict(stranger)]))
        assert cluster.processes() == []
        cluster.down()
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_killing_a_worker_needs_one(tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match="No worker"):
        Cluster(settings(tmp_path)).kill_worker()


def test_a_start_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A master that ends at once is reported with its last words."""
    home = tmp_path / "pyspark"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "spark-class").write_text("#!/bin/sh\necho no room\n")
    (home / "bin" / "spark-class").chmod(0o755)
    monkeypatch.setattr(spark_cluster, "find_java", lambda: tmp_path)
    monkeypatch.setattr(spark_cluster, "find_pyspark", lambda environment: home)
    cluster = Cluster(
        settings(tmp_path, home=str(tmp_path / "home"), port=str(spark_cluster.free_port()))
    )
    with pytest.raises(PortraitError, match="master ended:\nno room"):
        cluster.up()
    assert not cluster.record.exists()
