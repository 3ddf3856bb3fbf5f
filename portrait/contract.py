"""The source contract: what the YAML of the dbt sources says (docs/source_contract.md)."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from portrait.errors import PortraitError

TYPES = ("text", "decimal", "rate", "date", "timestamp", "boolean", "currency", "count")
RESERVED_COLUMNS = ("_file", "_row", "_load_date", "_instance", "_is_deleted", "_delivery")

# Part of every contract hash: raise it when landing itself writes something else than before.
LANDING_VERSION = 2


@dataclass(frozen=True)
class Column:
    """A column of a raw table: its type is one of TYPES, `meta` holds all of its `config.meta`."""

    name: str
    data_type: str
    required: bool = False
    personal: bool = False
    meta: dict[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True)
class Table:
    """A raw table: files under `<raw>/<system>/<name>`, landed under `<schema>/<name>`."""

    system: str
    schema: str
    name: str
    key: tuple[str, ...]
    version_column: str | None
    columns: tuple[Column, ...]
    own_ids: tuple[str, ...] = ()
    document: str | None = None

    @property
    def label(self) -> str:
        """The table as a user writes it: `shop/orders`."""
        return f"{self.system}/{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in the contract's order."""
        return tuple(column.name for column in self.columns)

    @property
    def contract_hash(self) -> str:
        """Changes where landed files would look different: then they are landed again."""
        shape = [[c.name, c.data_type, c.required] for c in self.columns]
        text = json.dumps([LANDING_VERSION, self.schema, self.name, shape])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_contract(project_dir: Path) -> list[Table]:
    """Read every raw table of `models/staging/<system>/_<system>__sources.yml`, in order.

    Sources without `config.meta.system` are no raw systems (the landing itself is one) and are left
    out.

    Raises:
        PortraitError: no such file, no table, or a file that does not hold to the form.
    """
    folder = Path(project_dir) / "models" / "staging"
    tables = [
        table
        for path in sorted(folder.glob("*/_*__sources.yml"))
        for source in _sources(path)
        for table in _tables(path.name, source)
    ]
    if not tables:
        raise PortraitError(
            f"No source contract was found: expected files _<system>__sources.yml below {folder}."
        )
    for label, count in Counter(table.label for table in tables).items():
        if count > 1:
            raise PortraitError(f"The source contract names the table {label} {count} times.")
    return tables


def _sources(path: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise PortraitError(f"{path.name}: this is not readable YAML ({reason}).") from error
    sources = content.get("sources") if isinstance(content, dict) else None
    if not isinstance(sources, list):
        raise PortraitError(f"{path.name}: expected a list under 'sources'.")
    return sources


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    return (node.get("config") or {}).get("meta") or {}


def _tables(file: str, source: dict[str, Any]) -> list[Table]:
    system = _meta(source).get("system")
    if system is None:
        return []
    return [_table(file, system, source, node) for node in source.get("tables") or []]


def _table(file: str, system: str, source: dict[str, Any], node: dict[str, Any]) -> Table:
    meta = _meta(node)
    table = Table(
        system=system,
        schema=source.get("schema") or source["name"],
        name=node["name"],
        key=tuple(meta.get("key") or ()),
        version_column=meta.get("version_column"),
        columns=tuple(_column(column) for column in node.get("columns") or []),
        own_ids=tuple(meta.get("own_ids") or ()),
        document=meta.get("document"),
    )
    fault = _fault(table)
    if fault:
        raise PortraitError(f"{file}: table {table.name} {fault}.")
    return table


def _column(node: dict[str, Any]) -> Column:
    meta = _meta(node)
    return Column(
        name=node["name"],
        data_type=node.get("data_type") or "",
        required=bool(meta.get("required")),
        personal=bool(meta.get("personal")),
        meta=dict(meta),
        description=" ".join(str(node.get("description") or "").split()),
    )


def _fault(table: Table) -> str | None:
    """What is wrong with a table, as the rest of a sentence; None where it holds to the form."""
    names = table.column_names
    if not names:
        return "has no columns"
    for column in table.columns:
        if column.data_type not in TYPES:
            return (
                f"gives column {column.name} the type {column.data_type!r}, "
                f"expected one of {', '.join(TYPES)}"
            )
        if column.name != column.name.strip().lower() or column.name in RESERVED_COLUMNS:
            return (
                f"has a column {column.name!r}, expected a name in lower case that is not reserved"
            )
        other = column.meta.get("required_without")
        if other and other not in names:
            return f"requires column {column.name} without {other}, which is none of its columns"
    for name, count in Counter(names).items():
        if count > 1:
            return f"names column {name} {count} times"
    if not table.key:
        return "has no key in config.meta"
    for name in (*table.key, *([table.version_column] if table.version_column else [])):
        if name not in names:
            return f"names {name} in its key or version_column, which is none of its columns"
    texts = {column.name for column in table.columns if column.data_type == "text"}
    for name in table.own_ids:
        if name not in texts:
            return f"names {name} in its own_ids, which is none of its columns of type text"
    return None
