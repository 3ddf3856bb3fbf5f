"""Lets dbt render the SQL of models, and the comparisons of the matching macros."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portrait.build.dbt_runner import DbtSession
from portrait.build.outcomes import read_artifact
from portrait.errors import PortraitError

COMPARISONS = (
    "{{ tojson({'comparisons': match_comparisons(), 'fields': match_fields(),"
    " 'spelling': spelling('first_name')}) }}"
)


def render(project: Path, models: Sequence[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """What the matching macros say (`COMPARISONS`), and the SQL of each model for DuckDB.

    PortraitError where dbt fails.
    """
    rendered: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        settings = {"PORTRAIT_WAREHOUSE": name}
        target = folder / "target"
        with DbtSession(project, target, folder / "logs", settings) as dbt:
            for what in (["--inline", COMPARISONS], ["--select", *models] if models else []):
                if not what:
                    continue
                run = dbt.run(["compile", *what], lambda *_: None)
                if not run.succeeded:
                    said = "\n".join(run.errors)
                    raise PortraitError(f"dbt could not render the matching models:\n{said}")
                for result in read_artifact(target, "run_results.json")["results"]:
                    rendered[result["unique_id"].split(".")[-1]] = result["compiled_code"]
    structure = json.loads(
        next(text for name, text in rendered.items() if name not in models).strip()
    )
    return structure, {name: rendered[name] for name in models}
