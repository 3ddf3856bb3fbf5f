"""Literals and names for SQL text, where DuckDB takes no bound parameter."""

import re
from pathlib import Path


def sql_text(value: str | Path) -> str:
    """Give a value as a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """Give a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def sql_path(path: Path) -> str:
    """Give a path as the SQL literal of exactly this file, whatever glob characters it holds."""
    return sql_text(re.sub(r"[\[*?]", r"[\g<0>]", str(path)))
