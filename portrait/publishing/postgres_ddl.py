"""What a published table looks like in PostgreSQL: its statements, and its rows as COPY takes them.

Keys and foreign keys are what the data tests of the models prove: `key_is_unique`, `unique` and
`relationships` in the YAML beside each model.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from portrait.errors import PortraitError
from portrait.sql import sql_name, sql_text
from portrait.yaml_text import load_yaml

# PostgreSQL cuts a longer name off without an error. In bytes of UTF-8.
LONGEST_NAME = 63
TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric(39, 0)",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TINYINT": "smallint",
    "VARCHAR": "text",
}
# The words of `meta.analyst` that keep a value apart from every other: see publishing/analyst.py.
TELLING = ("keep", "pseudonym")


@dataclass(frozen=True)
class Column:
    """A column of a published file; `type` is DuckDB's."""

    name: str
    type: str
    is_required: bool = False
    comment: str | None = None


@dataclass(frozen=True)
class Reference:
    """A column that names rows of another table by a column of that table."""

    column: str
    table: str
    field: str


@dataclass(frozen=True)
class Keys:
    """What the data tests of a model prove; `analyst` and `is_filtered` tell of the other file.

    `analyst` has the word of each column that the analysts' file holds; `is_filtered`: that file
    holds some of the rows only.
    """

    key: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    analyst: Mapping[str, str] = field(default_factory=dict)
    is_filtered: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a published file."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    comment: str | None = None

    @property
    def relation(self) -> str:
        """Schema and name, quoted."""
        return relation_of(self.schema, self.name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in the order of the file."""
        return tuple(column.name for column in self.columns)


def relation_of(schema: str, name: str) -> str:
    """Schema and name of a table, quoted."""
    return f"{sql_name(schema)}.{sql_name(name)}"


def read_tables(source: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> tuple[Table, ...]:
    """The tables of a published file in these schemas, with their columns and comments."""
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, *column in source.execute(
        "select schema_name, table_name, column_name, data_type, not is_nullable, comment "
        "from duckdb_columns() where not internal order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append(Column(*column))
    return tuple(
        Table(schema, name, tuple(columns[schema, name]), comment)
        for schema, name, comment in source.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        if schema in schemas
    )


def read_models(
    project: Path, tables: Iterable[Table]
) -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """The YAML of these tables by name: its path and the model's node in it.

    A table that no model of the project makes has none.
    """
    found = {}
    for table in tables:
        # The YAML of a model lies beside it, under its name.
        for path in (project / "models" / table.schema).rglob(f"{table.name}.yml"):
            (model,) = load_yaml(path.read_text("utf-8"))["models"]
            found[table.name] = (path, model)
    return found


def read_keys(project: Path, tables: Iterable[Table]) -> dict[str, Keys]:
    """The keys of these tables, by name; none for a table that no model of the project makes."""
    return {name: model_keys(model) for name, (_, model) in read_models(project, tables).items()}


def model_keys(model: Mapping[str, Any]) -> Keys:
    """The keys of a model, from its node in the YAML.

    A test with a condition, or one that only warns, proves nothing of all rows.
    """
    meta = (model.get("config") or {}).get("meta") or {}
    unique: list[str] = []
    references: list[Reference] = []
    analyst: dict[str, str] = {}
    for column in model.get("columns") or ():
        name = column["name"]
        if word := ((column.get("config") or {}).get("meta") or {}).get("analyst"):
            analyst[name] = word
        for test, arguments in _tests(column):
            if test == "unique":
                unique.append(name)
            elif test == "relationships":
                target = re.fullmatch(r"ref\('(\w+)'\)", arguments["to"])
                if target:
                    references.append(Reference(name, target[1], arguments["field"]))
    has_key = any(test == "key_is_unique" for test, _ in _tests(model))
    return Keys(
        tuple(meta.get("key") or ()) if has_key else (),
        tuple(unique),
        tuple(references),
        analyst,
        "analyst_rows" in meta,
    )


def _tests(node: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The tests of a model or column that must hold for every row: name and arguments."""
    found = []
    for test in node.get("data_tests") or ():
        name, said = (test, {}) if isinstance(test, str) else next(iter(test.items()))
        config = said.get("config") or {}
        if not config.get("where") and config.get("severity", "error") == "error":
            found.append((name, said.get("arguments") or {}))
    return found


def analyst_keys(keys: Mapping[str, Keys]) -> dict[str, Keys]:
    """What of the keys holds in the analysts' file too.

    A column that is left out or made coarse (`year`, `month`) is no key there. A reference holds
    where both columns are treated alike, and all rows of the table that it names are there.
    """

    def told(model: str, column: str) -> str | None:
        word = keys[model].analyst.get(column) if model in keys else None
        return word if word in TELLING else None

    return {
        name: Keys(
            own.key if all(told(name, column) for column in own.key) else (),
            tuple(column for column in own.unique if told(name, column)),
            tuple(
                reference
                for reference in own.references
                if (word := told(name, reference.column))
                and word == told(reference.table, reference.field)
                and not keys[reference.table].is_filtered
            ),
        )
        for name, own in keys.items()
    }


def require_short_names(tables: Iterable[Table]) -> None:
    """PortraitError that names each table and column whose name PostgreSQL would cut off."""
    named = [
        (f"{table.schema}.{table.name}{place}", name)
        for table in tables
        for place, name in (
            ("", table.name),
            *((f".{column}", column) for column in table.column_names),
        )
    ]
    long = [place for place, name in named if len(name.encode()) > LONGEST_NAME]
    if long:
        raise PortraitError(
            f"PostgreSQL knows no names of more than {LONGEST_NAME} bytes: {', '.join(long)}. "
            "Give them shorter ones."
        )


def postgres_type(duckdb_type: str) -> str | None:
    """The type in PostgreSQL of a type in DuckDB; None where the copy knows none."""
    if found := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", duckdb_type):
        return f"numeric({found[1]}, {found[2]})"
    return TYPES.get(duckdb_type)


def require_types(tables: Iterable[Table]) -> None:
    """PortraitError that names each column of a type that the copy does not know."""
    unknown = [
        f"{table.schema}.{table.name}.{column.name} ({column.type})"
        for table in tables
        for column in table.columns
        if postgres_type(column.type) is None
    ]
    if unknown:
        raise PortraitError(f"portrait replicate copies no such type: {', '.join(unknown)}.")


def create_table(table: Table, schema: str) -> str:
    """The statement that creates the table, without keys, in a schema."""
    columns = ", ".join(
        f"{sql_name(column.name)} {postgres_type(column.type)}"
        + (" not null" if column.is_required else "")
        for column in table.columns
    )
    return f"create table {relation_of(schema, table.name)} ({columns})"


def comments(table: Table, schema: str) -> list[str]:
    """The statements that give the table and its columns the comments of the file."""
    relation = relation_of(schema, table.name)
    named = [
        (f"column {relation}.{sql_name(column.name)}", column.comment) for column in table.columns
    ]
    return [
        f"comment on {place} is {sql_text(text)}"
        for place, text in ((f"table {relation}", table.comment), *named)
        if text
    ]


def key_statements(table: Table, schema: str, keys: Keys) -> list[str]:
    """The statements that give a table its primary key, unique keys and indexes.

    A column that names rows of another table has an index, unless a key begins with it. What a
    build of another version of the project does not have is left out.
    """
    relation = relation_of(schema, table.name)
    present = set(table.column_names)
    statements = []
    leading = set()
    if keys.key and present.issuperset(keys.key):
        statements.append(f"alter table {relation} add primary key ({_listed(keys.key)})")
        leading.add(keys.key[0])
    for column in keys.unique:
        if column in present and (column,) != keys.key:
            statements.append(f"alter table {relation} add unique ({sql_name(column)})")
            leading.add(column)
    for column in dict.fromkeys(reference.column for reference in keys.references):
        if column in present - leading:
            statements.append(f"create index on {relation} ({sql_name(column)})")
    return statements


def foreign_keys(
    table: Table, schemas: Mapping[str, str], tables: Mapping[str, Table], keys: Mapping[str, Keys]
) -> list[str]:
    """The statements that add the foreign keys of a table, once all tables have their keys.

    Args:
        table: which names rows of others.
        schemas: where each schema of the file lies in PostgreSQL.
        tables: all that are copied, by name.
        keys: of the tables, by name.
    """
    statements = []
    for reference in keys.get(table.name, Keys()).references:
        target = tables.get(reference.table)
        if target is None or reference.column not in table.column_names:
            continue
        target_keys = keys[reference.table]
        is_key = (reference.field,) == target_keys.key or reference.field in target_keys.unique
        if is_key and reference.field in target.column_names:
            statements.append(
                f"alter table {relation_of(schemas[table.schema], table.name)} "
                f"add foreign key ({sql_name(reference.column)}) references "
                f"{relation_of(schemas[target.schema], target.name)} ({sql_name(reference.field)})"
            )
    return statements


def rows_query(table: Table) -> str:
    """The query for DuckDB whose one column is each row as a line of COPY's text format."""
    values = ", ".join(_rendered(column) for column in table.columns)
    return f"select concat_ws(chr(9), {values}) from {table.relation}"


def _rendered(column: Column) -> str:
    text = f"cast({sql_name(column.name)} as varchar)"
    if column.type == "VARCHAR":
        text = sql_name(column.name)
        for code, escaped in ((92, r"\\"), (9, r"\t"), (10, r"\n"), (13, r"\r")):
            text = f"replace({text}, chr({code}), {sql_text(escaped)})"
    return rf"coalesce({text}, '\N')"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(map(sql_name, columns))
