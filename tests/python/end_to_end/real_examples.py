"""Build an example on real data for the tests of what it publishes."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas
import pytest

PROJECT = Path(__file__).resolve().parents[3]


def raw_file(path: str) -> Path:
    """The file of real data, or a skip that says where it was looked for."""
    file = (PROJECT / os.environ.get("PORTRAIT_REAL_DATA", "data/real") / path).resolve()
    if not file.is_file():
        pytest.skip(f"real data are absent: {file} (examples/{path.split('/')[0]}/README.md)")
    return file


def build_example(name: str, raw_file: Path, warehouse: Path, **settings: str) -> Path:
    """Run the adapter and ``portrait build`` as a user would; returns the published file.

    Several workers of a test run share the folder: the first builds, the others wait for it.
    """
    published = warehouse / "current" / "portrait.duckdb"
    with warehouse.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not published.exists():
            _build(name, raw_file, warehouse, settings)
    return published


def _build(name: str, raw_file: Path, warehouse: Path, settings: dict[str, str]) -> None:
    environment = os.environ | {
        "PORTRAIT_REAL_DATA": str(raw_file.parents[1]),
        "PORTRAIT_RAW": str(warehouse / "raw"),
        "PORTRAIT_WAREHOUSE": str(warehouse),
        # Apart from the project's own, which another test may be using at the same time.
        "DBT_TARGET_PATH": str(warehouse / "target"),
        "DBT_LOG_PATH": str(warehouse / "logs"),
        **settings,
    }
    adapter = [str(PROJECT / "examples/run_adapter.py"), name, "--warehouse", str(warehouse)]
    for arguments in (adapter, ["-m", "portrait.cli", "build"]):
        step = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert step.returncode == 0, f"{arguments} failed:\n{step.stdout}\n{step.stderr}"


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


def frame(connection: duckdb.DuckDBPyConnection, query: str) -> pandas.DataFrame:
    """The result of a query as a frame."""
    return connection.execute(query).df()


def scores_by_share_strictly_worse(values: pandas.Series) -> pandas.Series:
    """RFM scores of values where more is better, written again: by rank, not by window.

    score = min(5, 1 + floor(5 * share of customers with a strictly worse value))
    """
    strictly_worse = values.rank(method="min").astype(int) - 1
    return (1 + 5 * strictly_worse // len(values)).clip(upper=5)


def assert_scores_are_right(rfm: pandas.DataFrame) -> None:
    """Each score equals the one computed here, and equal values score equally."""
    goodness = {
        "recency_score": -rfm["recency_days"],
        "frequency_score": rfm["frequency"],
        "monetary_score": rfm["monetary_units"],
    }
    for score, values in goodness.items():
        expected = scores_by_share_strictly_worse(values)
        wrong = rfm[rfm[score] != expected]
        assert wrong.empty, f"{len(wrong)} wrong values of {score}:\n{wrong.head()}"
        assert rfm.groupby(values)[score].nunique().max() == 1
    codes = rfm["recency_score"] * 100 + rfm["frequency_score"] * 10 + rfm["monetary_score"]
    assert (rfm["rfm_code"].astype(int) == codes).all()
