"""Reads an audience's YAML with the line of each value, and takes nothing that YAML would guess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import yaml

# A condition in a condition, and so on: nobody reads more, and no reader recurses for ever.
DEEPEST = 20
LONGEST_FILE = 100_000


class Unreadable(Exception):
    """What is wrong with a place of a file."""

    def __init__(self, line: int, reason: str) -> None:
        """Take the line, from 1, and the reason as a sentence without its full stop."""
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Value:
    """A value with its line: a scalar as it was written, a list, or a mapping.

    `kind` of a scalar is what YAML takes it for: text, number, boolean, null, date or other.
    """

    line: int
    kind: str
    text: str = ""
    items: Sequence["Value"] = ()
    entries: Mapping[str, "Value"] | None = None

    def refuse(self, reason: str) -> NoReturn:
        """Raise Unreadable for this place."""
        raise Unreadable(self.line, reason)

    def mapping(self, what: str) -> Mapping[str, "Value"]:
        """The entries of a mapping."""
        if self.entries is None:
            self.refuse(f"{what} is written as `key: value`, and this is a {self.kind}")
        return self.entries

    def listing(self, what: str) -> Sequence["Value"]:
        """The items of a list that holds some."""
        if self.kind != "list" or not self.items:
            self.refuse(f"{what} is a list with at least one entry, and this is {self.described()}")
        return self.items

    def described(self) -> str:
        """What this is, for a message."""
        if self.kind == "list":
            return "a list" if self.items else "an empty list"
        return f"a {self.kind}"


_KINDS = {
    "str": "text", "int": "number", "float": "number", "bool": "boolean", "null": "null",
    "timestamp": "date",
}  # fmt: skip


def read_yaml(text: str) -> Value:
    """Read one document.

    Raises:
        Unreadable: it is no YAML, repeats a key, refers to another place, or is nested too deep.
    """
    if len(text) > LONGEST_FILE:
        raise Unreadable(1, f"a file of an audience has at most {LONGEST_FILE:,} characters")
    try:
        _refuse_references(yaml.parse(text, Loader=yaml.SafeLoader))
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Unreadable(mark.line + 1 if mark else 1, f"{error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unreadable(1, str(error).splitlines()[0]) from error
    if node is None:
        raise Unreadable(1, "the file is empty")
    return _value(node)


def _line(part: yaml.Node | yaml.Event) -> int:
    return part.start_mark.line + 1 if part.start_mark else 1


def _refuse_references(events: Iterator[yaml.Event]) -> None:
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(_line(event), "references (& and *) are not read")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > 2 * DEEPEST:
            raise Unreadable(_line(event), "conditions are nested too deep")


def _value(node: yaml.Node) -> Value:
    line = _line(node)
    if isinstance(node, yaml.SequenceNode):
        return Value(line, "list", items=tuple(_value(item) for item in node.value))
    if isinstance(node, yaml.MappingNode):
        entries: dict[str, Value] = {}
        for key, item in node.value:
            name, at = str(key.value), _line(key)
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(at, "a key is a word")
            if name in entries:
                raise Unreadable(at, f"`{shown(name)}` stands twice")
            value = _value(item)
            # A value that begins below its key is looked for at its key.
            entries[name] = value if isinstance(item, yaml.ScalarNode) else _at(value, at)
        return Value(line, "mapping", entries=entries)
    kind = _KINDS.get(node.tag.rpartition(":")[2], "other")
    return Value(line, kind, str(node.value))


def _at(value: Value, line: int) -> Value:
    return Value(line, value.kind, value.text, value.items, value.entries)


def shown(text: str, length: int = 40) -> str:
    """A text as a message may show it."""
    kept = "".join(letter if letter.isprintable() else "?" for letter in text[:length])
    return kept + ("…" if len(text) > length else "")
