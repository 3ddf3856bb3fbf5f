"""dbt's parse is kept for all warehouses: nothing in it may depend on a setting.

portrait/build/dbt_child.py parses with the settings at their defaults and compiles with their
values. So names, places, configurations and arguments of tests must not read a setting.
"""

from __future__ import annotations

import re
from pathlib import Path

from portrait.build.dbt_child import NOT_PARSED

# What would read a setting where dbt parses.
READS = re.compile(
    r"\b(?:setting|env_var)\s*\(|\bvar\s*\(\s*['\"]"
    r"(?:warehouse|as_of|as_of_max_gap_days|timezone|currency|country)['\"]"
)
CONFIG = re.compile(r"\{\{-?\s*config\s*\((?P<arguments>.*?)\)\s*-?\}\}", re.DOTALL)
FOLDERS = ("models", "seeds", "tests/generic", "tests/assertions", "tests/integrity", "analyses")


def settings_where_dbt_parses(files: dict[str, str]) -> list[str]:
    """The files that read a setting in YAML or in the configuration of a model."""
    found = []
    for name, text in files.items():
        if name.endswith(".yml"):
            parsed = [text]
        else:
            parsed = [match["arguments"] for match in CONFIG.finditer(text)]
        found += [name for part in parsed if READS.search(part)]
    return found


def test_no_configuration_reads_a_setting(project_dir: Path) -> None:
    files = {
        str(path.relative_to(project_dir)): path.read_text("utf-8")
        for folder in FOLDERS
        for path in sorted((project_dir / folder).rglob("*"))
        if path.suffix in (".yml", ".sql")
    }
    files["dbt_project.yml"] = (project_dir / "dbt_project.yml").read_text("utf-8")
    assert len(files) > 300
    assert settings_where_dbt_parses(files) == []


def test_a_setting_in_a_configuration_is_found() -> None:
    files = {
        "a.yml": "models: [{name: a, config: {enabled: \"{{ env_var('PORTRAIT_CURRENCY') }}\"}}]",
        "b.sql": "{{ config(schema=setting('currency')) }} select 1",
        "c.sql": "{{ config(materialized='view') }} select '{{ setting('currency') }}' as currency",
        "c.yml": "arguments: {below: \"{{ var('session_gap_minutes') }}\"}",
        "d.sql": "{{ config(\n    alias = var('currency')\n) }}\nselect 1",
    }
    assert settings_where_dbt_parses(files) == ["a.yml", "b.sql", "d.sql"]


def test_the_settings_left_out_are_those_of_the_project(project_dir: Path) -> None:
    macro = (project_dir / "macros" / "settings" / "setting.sql").read_text("utf-8")
    read = set(re.findall(r"env_var\('(PORTRAIT_\w+)'", macro))
    assert read | {"PORTRAIT_RAW"} == set(NOT_PARSED)
