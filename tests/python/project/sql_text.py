"""Reading SQL with Jinja in it as far as the checks of this folder need: no parser, a scanner.

The checks look at the text as written, because that is what a reader sees and what both engines
compile from; a compiled model is DuckDB's already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA_STATEMENT = re.compile(r"\{%-?(.*?)-?%\}", re.DOTALL)
JINJA_EXPRESSION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
JINJA_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
SQL_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
# What stands for a Jinja expression in the text that is checked: an operand like any other.
PLACEHOLDER = "jinja_value"


@dataclass(frozen=True)
class SqlText:
    """The SQL of a file without its Jinja.

    code: SQL in lower case, without comments, each string literal emptied to ''.
    literals: the contents of the string literals.
    """

    code: str
    literals: tuple[str, ...]


def read_sql(raw: str) -> SqlText:
    """Return the SQL of `raw`; Jinja expressions become one operand, Jinja statements vanish."""
    text = JINJA_COMMENT.sub(" ", raw)
    text = JINJA_STATEMENT.sub(" ", text)
    # No blanks around it: a part of a name stays a part of that name.
    text = JINJA_EXPRESSION.sub(PLACEHOLDER, text)
    return _without_comments(text)


def read_sql_arguments(raw: str) -> list[SqlText]:
    """Return the strings within the Jinja of `raw` that hold SQL: arguments handed to a macro.

    A string holds SQL, for this purpose, when it has a bracket, a space or an operator in it.
    """
    text = JINJA_COMMENT.sub(" ", raw)
    inner = [match.group(1) for match in JINJA_EXPRESSION.finditer(text)]
    inner += [match.group(1) for match in JINJA_STATEMENT.finditer(text)]
    strings = [
        (match.group(1) or match.group(2) or "")
        for part in inner
        if not re.match(r"\s*(config|ref|source|var|env_var|exceptions|log|print)\b", part)
        for match in JINJA_STRING.finditer(part)
    ]
    return [_without_comments(JINJA_EXPRESSION.sub(PLACEHOLDER, item)) for item in strings if item]


def _without_comments(text: str) -> SqlText:
    literals: list[str] = []

    def replace(match: re.Match[str]) -> str:
        token = match.group(0)
        if token.startswith("'"):
            literals.append(token[1:-1])
            return "''"
        return " "

    code = SQL_TOKEN.sub(replace, text)
    return SqlText(code=code.lower(), literals=tuple(literals))


def bracketed(code: str, opening: int) -> str:
    """Return what stands between the bracket at `opening` and its closing bracket."""
    depth = 0
    for position in range(opening, len(code)):
        if code[position] == "(":
            depth += 1
        elif code[position] == ")":
            depth -= 1
            if depth == 0:
                return code[opening + 1 : position]
    return code[opening + 1 :]


def split_terms(code: str) -> list[str]:
    """Return the parts of `code` between commas that stand outside of brackets."""
    terms, depth, start = [], 0, 0
    for position, character in enumerate(code):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            terms.append(code[start:position].strip())
            start = position + 1
    terms.append(code[start:].strip())
    return [term for term in terms if term]


def windows(code: str) -> list[tuple[str, str]]:
    """Return (function before `over`, text within its brackets) of each window in `code`."""
    found = []
    for match in re.finditer(r"\bover\s*\(", code):
        before = code[: match.start()].rstrip()
        name = re.search(r"(\w+)\s*\($", before[: _opening_of_last_bracket(before) + 1])
        found.append((name.group(1) if name else "", bracketed(code, match.end() - 1)))
    return found


def _opening_of_last_bracket(code: str) -> int:
    """Return where the bracket that closes at the end of `code` opens; -1 without one."""
    depth = 0
    for position in range(len(code) - 1, -1, -1):
        if code[position] == ")":
            depth += 1
        elif code[position] == "(":
            depth -= 1
            if depth == 0:
                return position
    return -1
