"""What is known of the tables of a published file, and what they are called in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portrait.publishing.postgres_ddl import Keys, Table, model_keys, read_models, read_tables
from portrait.reading.published import Build
from portrait.yaml_text import load_yaml

# The public schemas; the marts are told apart by the folders of their models.
SCHEMAS = ("marts", "quality")
NO_KEYS = Keys()
CHINESE = Path(__file__).with_name("zh.yml")


@dataclass(frozen=True)
class Entry:
    """A table with its topic, its keys, and the names of its columns of personal data."""

    table: Table
    topic: str
    keys: Keys = NO_KEYS
    personal: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Schema and name, as a query writes them."""
        return f"{self.table.schema}.{self.table.name}"


@cache
def chinese() -> dict[str, dict[str, Any]]:
    """The content of zh.yml: of `tables` a name and a sentence, of `columns` a name."""
    content: dict[str, dict[str, Any]] = load_yaml(CHINESE.read_text("utf-8"))
    return content


def read_entries(build: Build, project: Path) -> tuple[Entry, ...]:
    """The tables of an open build by topic and name, with what the YAML of their models adds."""
    tables = read_tables(build.connection, SCHEMAS)
    models = read_models(project, tables)
    entries = []
    for table in tables:
        if table.name not in models:
            entries.append(Entry(table, table.schema))
            continue
        path, model = models[table.name]
        # A quality model lies in the folder of its schema, a mart in one of its area.
        entries.append(Entry(table, path.parent.name, model_keys(model), _personal(model)))
    return tuple(sorted(entries, key=lambda entry: (entry.table.schema, entry.topic, entry.name)))


def _personal(model: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        column["name"]
        for column in model.get("columns") or ()
        if ((column.get("config") or {}).get("meta") or {}).get("personal")
    )
