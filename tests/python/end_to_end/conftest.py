"""Builds that several tests read. Each is made once per test run, also by several workers."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from builds import CASES, SAMPLE, built


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder that all workers of the test run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def built_once(raw: Path, shared_folder: Path, name: str) -> Path:
    """Return the warehouse of a raw folder. The first worker builds it, the others wait for it."""
    warehouse = shared_folder / f"{name}-warehouse"
    with (shared_folder / f"{name}-warehouse.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (warehouse / "current").exists():
            built(raw, warehouse)
    return warehouse


@pytest.fixture(scope="session")
def sample_warehouse(shared_folder: Path) -> Path:
    """Return a warehouse in which the sample has been built. Copy it before you change it."""
    return built_once(SAMPLE, shared_folder, "sample")


@pytest.fixture(scope="session")
def published_sample(sample_warehouse: Path) -> Path:
    """Return the folder of the published sample: portrait.duckdb and analyst.duckdb."""
    return sample_warehouse / "current"


@pytest.fixture(scope="session")
def cases_warehouse(shared_folder: Path) -> Path:
    """Return a warehouse of the hand-checked cases (tests/cases). Copy it before you change it."""
    return built_once(CASES, shared_folder, "cases")


@pytest.fixture(scope="session")
def published_cases(cases_warehouse: Path) -> Path:
    """Return the folder of the published cases: portrait.duckdb and analyst.duckdb."""
    return cases_warehouse / "current"
