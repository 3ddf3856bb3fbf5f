"""A build on Spark: land, dbt build into new schemas, then move readers on to them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from portrait.build.dbt_runner import ALL_BUT_UNIT_TESTS, run_dbt
from portrait.build.pipeline import dbt_environment, land_files, require_dbt_success
from portrait.console import Display
from portrait.errors import PortraitError
from portrait.settings import Settings
from portrait.warehouse import Warehouse, new_build_id

# The name that all schemas begin with.
BASE = "PORTRAIT_SPARK_BASE"
DEFAULT_BASE = "portrait"


def build_on_spark(settings: Settings, display: Display) -> str:
    """Build on the cluster that the environment names, publish what passed, and return its id.

    What fails leaves the views that readers use as they were.
    """
    base = os.environ.get(BASE, "").strip() or DEFAULT_BASE
    if not re.fullmatch(r"[a-z][a-z0-9_]*", base):
        raise PortraitError(f"{BASE} is {base!r}: expected letters, digits and _, as in a schema.")
    # A schema's name has neither capitals nor dashes.
    build_id = new_build_id().lower().replace("-", "_")
    warehouse = Warehouse(settings.warehouse)
    environment = dbt_environment(settings) | {"PORTRAIT_SPARK_SCHEMA": f"{base}_{build_id}"}
    target = warehouse.work / "target_spark"
    with warehouse.locked():
        with display.stage("Landing") as stage:
            land_files(settings, stage)
        with display.stage("Building") as stage:
            result = run_dbt(
                settings.project,
                target,
                warehouse.work / "logs_spark",
                environment,
                stage.step,
                ALL_BUT_UNIT_TESTS,
                "spark",
            )
            stage.note = f"{len(result.outcomes)} models and tests"
        require_dbt_success(result)
        with display.stage("Publishing") as stage:
            _run_operation(
                settings, target, environment, "publish_build", base=base, build_id=build_id
            )
            stage.note = f"{build_id} in {base}_marts and {base}_quality"
    return build_id


def _run_operation(
    settings: Settings, target: Path, environment: dict[str, str], macro: str, **arguments: str
) -> None:
    command = [
        *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "run-operation"),
        *(macro, "--args", json.dumps(arguments), "--target", "spark"),
        *("--project-dir", str(settings.project), "--profiles-dir", str(settings.project)),
        *("--target-path", str(target)),
    ]
    run = subprocess.run(
        command,
        cwd=settings.project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise PortraitError(f"{macro} failed on Spark:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
