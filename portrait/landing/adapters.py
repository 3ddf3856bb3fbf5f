"""The adapters: SQL files that turn the exports of other systems into files of the contract.

An adapter is `adapters/<name>.sql`. Its first comment says in YAML which exports it reads: their
columns, and what is looked up in them (docs/import.md). The SQL behind it makes tables in schemas
that are named as the systems of the contract.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import yaml

from portrait.errors import PortraitError
from portrait.sql import sql_name

FOLDER = "adapters"
# Column of an output table that names the row of an export from which a row was made.
FROM = "_from"
_FRONT_MATTER = re.compile(r"\A\s*/\*(?P<yaml>.*?)\*/", re.DOTALL)
_LISTS = ("keys", "needed", "amounts", "moments", "columns", "unused")


@dataclass(frozen=True)
class Export:
    """One kind of file that a system exports.

    `names` gives, for each column as the SQL calls it, all names under which it occurs. A name that
    ends in `*` is that of all columns which begin so, and has the values of all in lines. `keys`
    identify what a row is about: without one a row is left out. `needed` columns must be in the
    header, `unused` ones are known and not taken over. `money` names the columns of an amount (of
    several as `A + B`) and its currency, whose sum must come out again; it says which currency it
    `is` where there is no such column, and of what the first row names it (`of`) where the others
    do not.
    """

    name: str
    title: str
    source: str
    names: Mapping[str, tuple[str, ...]]
    keys: tuple[str, ...]
    needed: tuple[str, ...]
    amounts: tuple[str, ...]
    moments: tuple[str, ...]
    unused: tuple[str, ...]
    money: Mapping[str, str] = field(default_factory=dict)

    @property
    def read(self) -> list[str]:
        """The columns that the SQL reads."""
        return [column for column in self.names if column not in self.unused]

    @property
    def money_parts(self) -> list[str]:
        """The columns of the amounts that must come out again."""
        return [name.strip() for name in self.money.get("amount", "").split(" + ") if name]

    @cached_property
    def _by_header(self) -> dict[str, str]:
        return {name.lower(): column for column, names in self.names.items() for name in names}

    def column_of(self, name: str) -> str | None:
        """The column that a name in a header stands for; None where it is unknown."""
        name = name.lower()
        if name in self._by_header:
            return self._by_header[name]
        for known, column in self._by_header.items():
            if known.endswith("*") and name.startswith(known[:-1]):
                return column
        return None

    def missing(self, header: Sequence[str]) -> list[str]:
        """The needed columns that a header lacks."""
        found = {self.column_of(name) for name in header}
        return [column for column in self.needed if column not in found]

    def known(self, header: Sequence[str]) -> int:
        """How many columns of a header are known."""
        return sum(self.column_of(name) is not None for name in header)


@dataclass(frozen=True)
class Adapter:
    """An adapter: the exports that it reads, and the SQL that it runs."""

    name: str
    title: str
    exports: tuple[Export, ...]
    sql: str


def load_adapters(project: Path) -> dict[str, Adapter]:
    """Read all adapters of the project, by name.

    Raises:
        PortraitError: a file whose first comment does not hold to the form.
    """
    return {path.stem: _adapter(path) for path in sorted((project / FOLDER).glob("*.sql"))}


def adapter_names(project: Path) -> list[str]:
    """The names of the adapters, without reading them."""
    return sorted(path.stem for path in (project / FOLDER).glob("*.sql"))


def _adapter(path: Path) -> Adapter:
    text = path.read_text(encoding="utf-8")
    found = _FRONT_MATTER.match(text)
    try:
        # Texts only: a column may be named No.
        told: dict[str, Any] = yaml.load(found["yaml"], yaml.BaseLoader) if found else {}
        exports = tuple(_export(name, node) for name, node in told["exports"].items())
        return Adapter(path.stem, told["title"], exports, text)
    except (yaml.YAMLError, TypeError, KeyError, AttributeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise PortraitError(
            f"{FOLDER}/{path.name}: the first comment says in YAML which exports are read, "
            f"as title and exports ({reason})."
        ) from error


def _export(name: str, node: Mapping[str, Any]) -> Export:
    listed = {key: [_names(text) for text in node.get(key) or []] for key in _LISTS}
    names: dict[str, tuple[str, ...]] = {}
    for entries in listed.values():
        for entry in entries:
            if len(entry) > len(names.get(entry[0], ())):
                names[entry[0]] = entry
    firsts = {key: tuple(entry[0] for entry in entries) for key, entries in listed.items()}
    return Export(
        name=name,
        title=node["title"],
        source=node["source"],
        names=names,
        keys=firsts["keys"],
        needed=tuple(dict.fromkeys((*firsts["keys"], *firsts["needed"]))),
        amounts=firsts["amounts"],
        moments=firsts["moments"],
        unused=firsts["unused"],
        money=node.get("money") or {},
    )


def _names(text: Any) -> tuple[str, ...]:
    """All names of a column, from `Zip | Postcode`."""
    return tuple(part.strip() for part in str(text).split(" | "))


def made_tables(
    connection: duckdb.DuckDBPyConnection, systems: Collection[str] | None = None
) -> list[tuple[str, str]]:
    """Schema and name of each table that an adapter made; of these systems alone, if told."""
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() where not temporary order by all"
    ).fetchall()
    return [(schema, table) for schema, table in rows if systems is None or schema in systems]


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[tuple[str, str]],
    target: Callable[[str, str], Path],
) -> dict[str, int]:
    """Write tables as Parquet files where `target` says; give their rows by `schema/table`."""
    written = {}
    for schema, table in tables:
        file = target(schema, table)
        file.parent.mkdir(parents=True, exist_ok=True)
        relation = connection.table(f"{sql_name(schema)}.{sql_name(table)}")
        columns = [sql_name(name) for name in relation.columns if name != FROM]
        # Beside the target first: a run that is stopped leaves no half file under its name.
        partial = file.with_suffix(".partial")
        relation.select(", ".join(columns)).write_parquet(str(partial), compression="zstd")
        partial.replace(file)
        written[f"{schema}/{table}"] = relation.count("*").fetchall()[0][0]
    return written
