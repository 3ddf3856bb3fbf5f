"""Lets dbt render the SQL of models, and the comparisons of the matching macros."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portrait.errors import PortraitError

COMPARISONS = "{{ tojson({'comparisons': match_comparisons(), 'fields': match_fields()}) }}"

# dbt has a separate process: it reads the environment when it starts, and keeps state.
CHILD = """
import json, sys
from dbt.cli.main import dbtRunner
inline, models, target, project = json.loads(sys.argv[1])
rendered = {}
for what in (["--inline", inline], ["--select", *models] if models else []):
    if what:
        run = dbtRunner().invoke([
            "--quiet", "compile", *what, "--project-dir", project, "--profiles-dir", project,
            "--target-path", target, "--log-path", target, "--target", "duckdb",
        ])
        if not run.success:
            sys.exit(str(run.exception or [one.message for one in run.result.results]))
        for one in run.result.results:
            rendered[one.node.name] = one.node.compiled_code
json.dump(rendered, open(target + "/rendered.json", "w"))
"""


def render(project: Path, models: Sequence[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """The comparisons and fields of the macros, and the SQL of each model for DuckDB.

    PortraitError where dbt fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "warehouse" / "work"
        work.mkdir(parents=True)
        run = subprocess.run(
            [sys.executable, "-c", CHILD, json.dumps([COMPARISONS, models, folder, str(project)])],
            cwd=project,
            env={**os.environ, "PORTRAIT_WAREHOUSE": str(work.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        file = Path(folder) / "rendered.json"
        if run.returncode != 0 or not file.exists():
            raise PortraitError(f"dbt could not render the matching models: {run.stderr[-2000:]}")
        rendered = json.loads(file.read_text(encoding="utf-8"))
    structure = json.loads(
        next(text for name, text in rendered.items() if name not in models).strip()
    )
    return structure, {name: rendered[name] for name in models}
