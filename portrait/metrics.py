"""`mf` of MetricFlow on the published file: `make metrics METRICS="query …"` (docs/metrics.md).

Run in the environment of MetricFlow, which the build does not need. Two things differ from `mf` as
it comes. It would ask the internet for a newer version of itself at each call; this one does not.
And it would read the semantic manifest from `target/`, which builds write to; this one parses into
a folder of its own, so that a query and a build never wait for each other.
"""

import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt_metricflow.cli import main as mf
from dbt_metricflow.cli.dbt_connectors.dbt_config_accessor import dbtArtifacts
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)

from portrait.build.dbt_child import locked
from portrait.errors import PortraitError
from portrait.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
TARGET = PROJECT / "target" / "metrics"


class NoUpdates:
    """In the place of what would ask the internet for a newer version."""

    def check(self, *package: str) -> None:
        """Say that there is none."""


def prepare() -> None:
    """Read the definitions of the project, and point MetricFlow to them and to the published file.

    Raises:
        PortraitError: a setting is wrong, nothing is published, or dbt cannot read the project.
    """
    warehouse = Settings.from_environment().warehouse.absolute()
    if not (warehouse / "current" / "portrait.duckdb").exists():
        raise PortraitError("Nothing is published yet: run make build first.")
    os.environ |= {
        "PORTRAIT_WAREHOUSE": str(warehouse),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET": "published",
        "DBT_TARGET_PATH": str(TARGET),
        "DBT_LOG_PATH": str(TARGET / "logs"),
    }
    with locked(TARGET / "lock"):
        if not dbtRunner().invoke(["--quiet", "parse"]).success:
            raise PortraitError("dbt cannot read the project.")
        text = (TARGET / "semantic_manifest.json").read_text("utf-8")
    manifest = parse_manifest_from_dbt_generated_manifest(manifest_json_string=text)
    dbtArtifacts.build_semantic_manifest_from_dbt_project_root = lambda project_root: manifest
    mf.UpdateChecker = NoUpdates


if __name__ == "__main__":
    try:
        prepare()
    except PortraitError as error:
        sys.exit(str(error))
    mf.cli(prog_name="mf")
