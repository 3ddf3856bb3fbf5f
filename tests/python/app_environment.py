"""Runs the scripts of tests/app in the environment of the app; without it they are skipped."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from builds import PROJECT, environment

APP_PYTHON = PROJECT / (os.environ.get("PORTRAIT_APP_ENV") or ".venv-app") / "bin" / "python"
CHROMIUM = Path("/usr/bin/chromium")


def require(module: str, target: str) -> None:
    """Skip the test where the environment of the app lacks a module."""
    if not APP_PYTHON.exists():
        pytest.skip(f"the app is not installed in {APP_PYTHON.parents[1]}: `make {target}`")
    if not list(APP_PYTHON.parents[1].glob(f"lib/python3.*/site-packages/{module}")):
        pytest.skip(f"{module} is not installed in {APP_PYTHON.parents[1]}: `make {target}`")


def run(script: str, *told: str, raw: Path, warehouse: Path, **settings: str) -> dict[str, Any]:
    """Run a script of tests/app, and return what it says."""
    done = subprocess.run(
        [str(APP_PYTHON), f"tests/app/{script}.py", *told],
        cwd=PROJECT,
        env=environment(raw, warehouse, **settings) | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return said
