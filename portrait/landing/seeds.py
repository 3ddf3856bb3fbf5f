"""The seeds of the project as the company may change them: columns, types and key of each."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from portrait.errors import PortraitError
from portrait.yaml_text import load_yaml

# What a column without a type in the YAML is read as.
TEXT = "string"


@dataclass(frozen=True)
class Seed:
    """A seed: its file, its columns with their types, and the columns that tell its rows apart.

    `personal` are the columns that may tell who a person is: no message shows their values;
    `required` are those of the key and those that a test of the seed wants filled. The key
    is `config.meta.key` of the seed, else what its tests hold to be unique. Without a key (ranges,
    for example) the seed can be replaced as a whole only.
    """

    name: str
    path: Path
    columns: tuple[str, ...]
    types: Mapping[str, str]
    key: tuple[str, ...]
    personal: frozenset[str]
    required: frozenset[str]

    def type_of(self, column: str) -> str:
        """The SQL type of a column."""
        return self.types.get(column, TEXT)

    def rows(self) -> list[dict[str, str]]:
        """The rows of the project's file, as text."""
        with self.path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def load_seeds(project: Path) -> dict[str, Seed]:
    """Read every seed that a YAML file below `seeds/` describes, by name.

    Raises:
        PortraitError: a YAML file cannot be read, or a seed has no CSV file beside it.
    """
    seeds = {}
    for path in sorted((project / "seeds").glob("*/_*__seeds.yml")):
        try:
            nodes = load_yaml(path.read_text(encoding="utf-8"))["seeds"]
            for node in nodes:
                seeds[node["name"]] = _seed(path.parent / f"{node['name']}.csv", node)
        except (OSError, TypeError, KeyError, yaml.YAMLError) as error:
            raise PortraitError(f"{path}: the seeds could not be read ({error}).") from error
    return seeds


def _seed(path: Path, node: Mapping[str, Any]) -> Seed:
    with path.open(encoding="utf-8", newline="") as file:
        columns = tuple(next(csv.reader(file)))
    config = node.get("config") or {}
    key = tuple((config.get("meta") or {}).get("key") or _unique_columns(node))
    return Seed(
        name=node["name"],
        path=path,
        columns=columns,
        types=config.get("column_types") or {},
        key=key,
        personal=frozenset(
            column["name"]
            for column in node.get("columns") or []
            if ((column.get("config") or {}).get("meta") or {}).get("personal")
        ),
        required=frozenset((*key, *_filled_columns(node))),
    )


def _filled_columns(node: Mapping[str, Any]) -> list[str]:
    """The columns that tests of the seed want filled."""
    filled = [
        column["name"]
        for column in node.get("columns") or []
        if "not_null" in (column.get("data_tests") or [])
    ]
    for test in node.get("data_tests") or []:
        if isinstance(test, dict) and "not_null_columns" in test:
            filled += test["not_null_columns"]["arguments"]["columns"]
    return filled


def _unique_columns(node: Mapping[str, Any]) -> list[str]:
    """The columns that a test of the seed holds to be unique: one column, or a combination."""
    for column in node.get("columns") or []:
        if "unique" in (column.get("data_tests") or []):
            return [column["name"]]
    for test in node.get("data_tests") or []:
        if "unique_combination" in test:
            return list(test["unique_combination"]["arguments"]["columns"])
    return []
