"""Which published tables Python code names, followed from function to function.

The app and the report share their questions, so that a file is too coarse: what counts is what the
functions that they call, and those that these call, name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PUBLISHED = re.compile(r"\b(?:marts|quality)\.(\w+)")
# What is known from build to build lies in a file of its own, in tables that are named like marts.
OWN_TABLES = Path("portrait", "state")


@dataclass
class Module:
    """The definitions at the top of a module, and what its imports call by which name."""

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    members: dict[str, tuple[str, str]] = field(default_factory=dict)


def tables_read(project: Path, place: str, public: set[str]) -> set[str]:
    """Return the public tables that a file or the files of a folder name, or code that they use.

    A table is named in a text as `marts.x` or `quality.x`, or by a text that is its name alone,
    which is how a table is handed to a function. Docstrings name nothing.
    """
    paths = {
        ".".join(path.relative_to(project).with_suffix("").parts): path
        for path in (project / "portrait").rglob("*.py")
        if path.parent != project / OWN_TABLES
    }
    modules = {name: _module(path, set(paths)) for name, path in paths.items()}
    wanted = ".".join(Path(place).with_suffix("").parts)
    waiting = {
        (name, definition)
        for name, module in modules.items()
        if f"{name}.".startswith(f"{wanted}.")
        for definition in module.definitions
    }
    seen: set[tuple[str, str]] = set()
    found: set[str] = set()
    while waiting:
        name, definition = waiting.pop()
        seen.add((name, definition))
        for statement in modules[name].definitions[definition]:
            found |= _named(statement, public)
            used = {*_of_others(statement, modules[name]), *_of_its_own(statement, name)}
            waiting |= {
                (other, one)
                for other, one in used
                if other in modules and one in modules[other].definitions
            } - seen
    return found


def _module(path: Path, known: set[str]) -> Module:
    module = Module()
    for statement in ast.parse(path.read_text("utf-8")).body:
        for name in _names(statement):
            module.definitions.setdefault(name, []).append(statement)
        if isinstance(statement, ast.ImportFrom) and statement.module:
            for alias in statement.names:
                whole = f"{statement.module}.{alias.name}"
                if whole in known:
                    module.modules[alias.asname or alias.name] = whole
                else:
                    module.members[alias.asname or alias.name] = (statement.module, alias.name)
    return module


def _names(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _of_its_own(statement: ast.stmt, name: str) -> Iterator[tuple[str, str]]:
    """What a statement may use of its own module, as module and name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield name, node.id


def _of_others(statement: ast.stmt, module: Module) -> Iterator[tuple[str, str]]:
    """What a statement uses of other modules, as module and name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in module.members:
            yield module.members[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield module.modules.get(node.value.id, ""), node.attr


def _named(statement: ast.stmt, public: set[str]) -> set[str]:
    documented = (ast.FunctionDef, ast.ClassDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(statement)
        if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]
    written = {table for text in texts for table in PUBLISHED.findall(text)}
    return (written | set(texts)) & public
