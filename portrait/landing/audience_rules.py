"""Reads the audiences, checks them and compiles them to steps of SQL, before dbt runs.

docs/audiences.md explains the grammar. What a file names (columns, tags, other audiences) is looked
up in a list of what there is, and what it compares with is a value of the column's kind. So a bad
line is named with its file, line and reason, and no text becomes SQL.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from portrait.errors import PortraitError
from portrait.landing.audience_parts import (
    Part,
    Quotient,
    Step,
    Text,
    Window,
    as_json,
    joined,
)
from portrait.landing.audience_yaml import DEEPEST, Unreadable, Value, read_yaml, shown
from portrait.landing.configuration import AUDIENCES, AudienceFile, Configuration
from portrait.landing.tag_rules import kind_of, portrait_columns, tags_in_force
from portrait.settings import parse_date
from portrait.yaml_text import load_yaml

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 40
SHOWN = 10
LAST_PRIORITY = 999
USUAL_PRIORITY, USUAL_HOLDOUT = 100, Decimal(10)
LARGEST_HOLDOUT = 50
LONGEST_WINDOW = 3660
LONGEST_TEXT = 200
MOST_CONDITIONS = 2000
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
HEADER = frozenset({
    "title", "description", "owner", "priority", "exclusive_group", "holdout_pct", "hash_salt",
    "is_active", "conditions",
})  # fmt: skip


@dataclass(frozen=True)
class FactTable:
    """A table that conditions count rows of.

    `rows` says which rows count, `date` is the column that windows look at, and `more_columns` are
    those of the products of the rows.
    """

    mart: str
    date: str
    rows: str = ""
    more_columns: tuple[str, ...] = ()


# By the word of the grammar, which is the name of the CTE too.
FACTS = {
    "orders": FactTable("fct_orders", "ordered_date", "orders.order_type <> 'return'"),
    "order_lines": FactTable(
        "fct_order_lines", "ordered_date", "order_lines.line_type = 'sale'",
        ("category", "subcategory", "brand"),
    ),
    "sessions": FactTable("fct_sessions", "session_date"),
    "active_days": FactTable("fct_customer_daily_activity", "activity_date"),
    "tickets": FactTable("fct_tickets", "opened_date"),
    "reviews": FactTable("fct_reviews", "written_date"),
    "interactions": FactTable("fct_interactions", "started_date"),
}  # fmt: skip
RELATIONS = ("invited_by", "has_invited", "in_household_of")
SUBJECTS = ("column", "tag", "audience", *FACTS, *RELATIONS)
MEASURES = ("count", "sum", "average", "least", "most")
QUANTIFIERS = ("any", "all", "none")
# What each kind of column may be compared by, and the operator of it.
OPERATORS: dict[str, dict[str, str]] = {
    "number": {
        "is": "=", "is_not": "<>", "at_least": ">=", "at_most": "<=", "more_than": ">",
        "less_than": "<", "in": "in", "not_in": "not in",
    },
    "text": {"is": "=", "is_not": "<>", "in": "in", "not_in": "not in"},
    "boolean": {"is": "="},
    "date": {"is": "=", "from": ">=", "until": "<="},
}  # fmt: skip
OTHERS = ("is_known", "within_days")
COMPARISONS = frozenset({*(word for kind in OPERATORS.values() for word in kind), *OTHERS})
PORTRAIT_KEYS = ("customer_id", "as_of_date", "inviter_customer_id", "household_id")


@dataclass(frozen=True)
class Definition:
    """A row of the landed audiences: who is in it, as it was written, and how it competes."""

    audience: str
    title: str
    description: str | None
    owner: str
    priority: int
    exclusive_group: str | None
    holdout_pct: Decimal
    hash_salt: str
    definition: str
    definition_hash: str
    file: str


@dataclass(frozen=True)
class StepRow:
    """A row of the landed steps: a table of the query, its number and its pieces as JSON."""

    step_number: int
    step_name: str
    parts: str


@dataclass(frozen=True)
class Use:
    """A row of the landed uses: an audience, and a tag, column, table or audience that it reads."""

    audience: str
    kind: str
    name: str


@dataclass(frozen=True)
class Compiled:
    """The audiences in force, the steps of their query, and what each reads."""

    definitions: tuple[Definition, ...] = ()
    steps: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = ()

    def step_rows(self) -> list[StepRow]:
        """The steps as they are landed."""
        return [StepRow(n, s.name, as_json(s.parts)) for n, s in enumerate(self.steps, start=1)]


@dataclass(frozen=True)
class Expression:
    """A condition in SQL; `stage` is the first step that knows all that it reads."""

    parts: tuple[Part, ...]
    stage: int = 1


@dataclass(frozen=True)
class _Flag:
    """A column of true and false that a stage adds."""

    name: str
    stage: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class _Relation:
    """A column that says whether somebody related has the flag; known after the flag's stage."""

    name: str
    kind: str
    flag: _Flag


@dataclass
class _Measure:
    """What is calculated of the rows of a table per customer, under the name of a column."""

    table: str
    name: str
    kind: str
    of: str | None
    rows: tuple[Part, ...]
    where: tuple[Part, ...]


@dataclass
class _Audience:
    """An audience while it is compiled."""

    source: AudienceFile
    header: Mapping[str, Value]
    uses: set[tuple[str, str]] = field(default_factory=set)
    flag: _Flag | None = None
    definition_hash: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """What conditions may name: columns with their kinds, and tags."""

    portrait: Mapping[str, str]
    facts: Mapping[str, Mapping[str, str]]
    tags: frozenset[str]


def read_audiences(
    project: Path, configuration: Configuration, more: Sequence[AudienceFile] = ()
) -> Compiled:
    """Read, check and compile the audiences of the project, the company's, and `more`.

    The later one of the same name counts.

    Raises:
        PortraitError: with the file, the line and the reason of each fault, at most ten.
    """
    files = {
        file.name: file for file in (*shipped_audiences(project), *configuration.audiences, *more)
    }
    if not files:
        return Compiled()
    return compile_audiences(list(files.values()), vocabulary(project, configuration))


def shipped_audiences(project: Path) -> Iterator[AudienceFile]:
    """The audiences in the project's folder."""
    for path in sorted((project / AUDIENCES).glob("*.yml")):
        yield AudienceFile(path.stem, f"{AUDIENCES}/{path.name}", path.read_text("utf-8"))


def vocabulary(project: Path, configuration: Configuration) -> Vocabulary:
    """What conditions may name in this project, with the company's own tags."""
    marts = {path.stem: path for path in (project / "models" / "marts").glob("*/*.yml")}
    facts = {}
    for name, table in FACTS.items():
        if table.mart in marts:
            columns = _columns(marts[table.mart])
            facts[name] = columns | dict.fromkeys(table.more_columns, "text")
    columns = {
        name: kind for name, kind in portrait_columns(project).items() if name not in PORTRAIT_KEYS
    }
    tags = tags_in_force(project, configuration)
    return Vocabulary(columns, facts, frozenset(tags))


def _columns(path: Path) -> dict[str, str]:
    """The columns of a mart that conditions may name, with their kinds: no ids, no moments."""
    (model,) = load_yaml(path.read_text("utf-8"))["models"]
    kinds = {column["name"]: kind_of(column["data_type"]) for column in model["columns"]}
    return {
        name: kind
        for name, kind in kinds.items()
        if kind in OPERATORS and not name.endswith(("customer_id", "record_id"))
    }


def compile_audiences(files: Sequence[AudienceFile], words: Vocabulary) -> Compiled:
    """Check and compile audiences.

    Raises:
        PortraitError: as read_audiences.
    """
    return _Compiler(files, words).compiled()


class _Compiler:
    def __init__(self, files: Sequence[AudienceFile], words: Vocabulary) -> None:
        self.words = words
        self.problems: list[tuple[str, int, str]] = []
        self.measures: dict[Any, _Measure] = {}
        self.columns: dict[str, str] = {}
        self.flags: list[_Flag] = []
        self.relations: list[_Relation] = []
        self.conditions = 0
        self.open: list[str] = []
        self.audiences: dict[str, _Audience] = {}
        self.known = {file.name for file in files}
        for file in sorted(files, key=lambda file: file.name):
            self._read_file(file)

    def compiled(self) -> Compiled:
        """The result; PortraitError where there were problems."""
        for audience in list(self.audiences.values()):
            try:
                self._flag_of(audience, audience.header["conditions"])
            except Unreadable as error:
                self._note(audience.source, error)
        definitions = [] if self.problems else self._definitions()
        self._require_different_priorities(definitions)
        if self.problems:
            found = [f"{file}, line {line}: {text}." for file, line, text in self.problems]
            shown_ones = "\n  ".join(dict.fromkeys(found[:SHOWN]))
            more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            raise PortraitError(f"Audiences could not be read:\n  {shown_ones}{more}")
        uses = [
            Use(name, kind, used)
            for name, audience in self.audiences.items()
            for kind, used in sorted(audience.uses)
        ]
        return Compiled(tuple(definitions), tuple(self._steps()), tuple(uses))

    def _note(self, file: AudienceFile, error: Unreadable) -> None:
        self.problems.append((file.file, error.line, error.reason))

    # The header.

    def _read_file(self, file: AudienceFile) -> None:
        try:
            if not NAME.fullmatch(file.name) or len(file.name) > LONGEST_NAME:
                raise Unreadable(
                    1,
                    f"{shown(file.name)} is no name of an audience: lower case letters, digits and "
                    f"single underscores, at most {LONGEST_NAME}",
                )
            header = read_yaml(file.text).mapping("an audience")
            for name, value in header.items():
                if name not in HEADER:
                    value.refuse(f"`{shown(name)}` is no key of an audience")
            if "is_active" in header and not _boolean(header["is_active"]):
                self.known.discard(file.name)
                return
            for name in ("title", "owner", "conditions"):
                if name not in header:
                    raise Unreadable(1, f"`{name}` is missing")
            self.audiences[file.name] = _Audience(file, header)
        except Unreadable as error:
            self._note(file, error)

    def _definitions(self) -> list[Definition]:
        found = []
        for name, audience in self.audiences.items():
            header = audience.header
            try:
                found.append(
                    Definition(
                        audience=name,
                        title=_sentence(header["title"]),
                        description=_sentence(header["description"])
                        if "description" in header
                        else None,
                        owner=_sentence(header["owner"]),
                        priority=_whole(header.get("priority"), USUAL_PRIORITY, 1, LAST_PRIORITY),
                        exclusive_group=_name(header.get("exclusive_group")),
                        holdout_pct=_holdout(header.get("holdout_pct")),
                        hash_salt=_name(header.get("hash_salt")) or name,
                        definition=_canonical(header["conditions"]),
                        definition_hash=self._hash(audience),
                        file=audience.source.file,
                    )
                )
            except Unreadable as error:
                self._note(audience.source, error)
        return found

    def _hash(self, audience: _Audience) -> str:
        """Of all that decides who is in it and in which arm, other audiences included."""
        if not audience.definition_hash:
            header = audience.header
            decides = [
                _canonical(header[name]) if name in header else None
                for name in (
                    "conditions", "priority", "exclusive_group", "holdout_pct", "hash_salt",
                )
            ]  # fmt: skip
            others = [
                self._hash(self.audiences[name])
                for kind, name in sorted(audience.uses)
                if kind == "audience"
            ]
            text = json.dumps([decides, others])
            audience.definition_hash = hashlib.sha256(text.encode()).hexdigest()[:16]
        return audience.definition_hash

    def _require_different_priorities(self, definitions: Iterable[Definition]) -> None:
        taken: dict[tuple[str, int], str] = {}
        for one in definitions:
            if one.exclusive_group is None:
                continue
            other = taken.setdefault((one.exclusive_group, one.priority), one.audience)
            if other != one.audience:
                audience = self.audiences[one.audience]
                place = audience.header.get("priority", audience.header["exclusive_group"])
                self._note(
                    audience.source,
                    Unreadable(
                        place.line,
                        f"{other} has priority {one.priority} in the group {one.exclusive_group} "
                        "too, so that nobody knows which of the two goes first",
                    ),
                )

    # Conditions.

    def _flag_of(self, audience: _Audience, conditions: Value) -> _Flag:
        if audience.flag is None:
            name = audience.source.name
            self.open.append(name)
            try:
                expression = self._condition(conditions, audience)
            finally:
                self.open.pop()
            audience.flag = _Flag(f"a_{name}", expression.stage, expression.parts)
            self.flags.append(audience.flag)
        return audience.flag

    def _condition(self, value: Value, audience: _Audience, depth: int = 0) -> Expression:
        """All of a list, or one condition."""
        self.conditions += 1
        if depth > DEEPEST:
            value.refuse("conditions are nested too deep")
        if self.conditions > MOST_CONDITIONS:
            value.refuse(f"there are more than {MOST_CONDITIONS:,} conditions")
        if value.kind == "list":
            return self._several("all", value, audience, depth)
        entries = value.mapping("a condition")
        words = [word for word in ("all", "any", "not") if word in entries]
        if words:
            if len(entries) != 1:
                value.refuse(f"`{words[0]}` stands alone; more conditions are a list below it")
            if words == ["not"]:
                inner = self._condition(entries["not"], audience, depth + 1)
                return Expression(("not (", *inner.parts, ")"), inner.stage)
            return self._several(words[0], entries[words[0]], audience, depth)
        subjects = [word for word in entries if word in SUBJECTS]
        if len(subjects) != 1:
            known = ", ".join(("all", "any", "not", *SUBJECTS))
            got = ", ".join(f"`{shown(word)}`" for word in entries) or "nothing"
            value.refuse(f"a condition has one of {known}, and this has {got}")
        return self._leaf(subjects[0], entries, value, audience, depth)

    def _several(self, word: str, value: Value, audience: _Audience, depth: int) -> Expression:
        found = []
        for item in value.listing(f"`{word}`"):
            try:
                found.append(self._condition(item, audience, depth + 1))
            except Unreadable as error:
                # The other conditions may have faults too.
                self._note(audience.source, error)
        stage = max((one.stage for one in found), default=1)
        separator = " and " if word == "all" else " or "
        return Expression(("(", *joined(separator, (e.parts for e in found)), ")"), stage)

    def _leaf(
        self,
        subject: str,
        entries: Mapping[str, Value],
        value: Value,
        audience: _Audience,
        depth: int,
    ) -> Expression:
        told = entries[subject]
        if subject == "column":
            name = _word(told)
            kind = _found(self.words.portrait, name, told, "customer_portrait has no column")
            audience.uses.add(("column", name))
            column = self._column(f"c_{name}", f"portraits.{name}")
            return Expression(self._compared(column, kind, entries, value, "c_as_of_date"))
        if subject in FACTS:
            return Expression(self._counted(subject, entries, value, audience))
        _only(entries, {subject}, value)
        if subject == "tag":
            name = _word(told)
            if name not in self.words.tags:
                told.refuse(f"there is no tag {shown(name)}{_near(name, self.words.tags)}")
            audience.uses.add(("tag", name))
            column = self._column(f"t_{name.lower()}", f"tag_flags.{name.lower()}")
            return Expression((f"coalesce({column}, false)",))
        if subject == "audience":
            return self._other(told, audience)
        inner = self._condition(told, audience, depth + 1)
        flag = _Flag(f"s_{len(self.flags) + 1}", inner.stage, inner.parts)
        self.flags.append(flag)
        relation = _Relation(f"r_{len(self.relations) + 1}", subject, flag)
        self.relations.append(relation)
        audience.uses.add(("relation", subject))
        return Expression((relation.name,), flag.stage + 1)

    def _other(self, told: Value, audience: _Audience) -> Expression:
        name = _word(told)
        if name not in self.known:
            told.refuse(f"there is no audience {shown(name)}{_near(name, self.known)}")
        if name in self.open:
            circle = [*self.open[self.open.index(name) :], name]
            told.refuse(f"audiences go round in a circle: {' → '.join(circle)}")
        if name not in self.audiences:
            told.refuse(f"the audience {name} cannot be read itself")
        other = self.audiences[name]
        try:
            flag = self._flag_of(other, other.header["conditions"])
        except Unreadable as error:
            self._note(other.source, error)
            told.refuse(f"the audience {name} cannot be read itself")
        audience.uses.add(("audience", name))
        return Expression((flag.name,), flag.stage + 1)

    def _column(self, name: str, origin: str) -> str:
        self.columns[name] = origin
        return name

    def _compared(
        self,
        column: str,
        kind: str,
        entries: Mapping[str, Value],
        value: Value,
        as_of: str,
        more: frozenset[str] = frozenset({"column"}),
    ) -> tuple[Part, ...]:
        """All comparisons of a column; what is unknown meets none but `is_known: false`."""
        _only(entries, more | COMPARISONS, value)
        found: list[tuple[Part, ...]] = []
        for word, told in entries.items():
            if word in more:
                continue
            if word == "is_known":
                found.append((f"{column} is {'not ' if _boolean(told) else ''}null",))
            elif word == "within_days":
                if kind != "date":
                    told.refuse(f"`within_days` asks a date, and this is a {kind}")
                days = _whole(told, 0, 1, LONGEST_WINDOW)
                if as_of == "c_as_of_date":
                    self._column(as_of, "portraits.as_of_date")
                found.append(("coalesce(", Window(column, as_of, days), ", false)"))
            elif word not in OPERATORS[kind]:
                allowed = ", ".join((*OPERATORS[kind], "is_known"))
                told.refuse(f"a {kind} is not compared by `{word}`, but by {allowed}")
            else:
                operator = OPERATORS[kind][word]
                literal: tuple[Part, ...]
                if word in ("in", "not_in"):
                    values = [(_literal(one, kind),) for one in told.listing(f"`{word}`")]
                    literal = ("(", *joined(", ", values), ")")
                else:
                    literal = (_literal(told, kind),)
                found.append((f"coalesce({column} {operator} ", *literal, ", false)"))
        if not found:
            value.refuse(f"{shown(column.partition('_')[2])} is compared with nothing")
        return found[0] if len(found) == 1 else ("(", *joined(" and ", found), ")")

    # Rows of tables.

    def _counted(
        self, table: str, entries: Mapping[str, Value], value: Value, audience: _Audience
    ) -> tuple[Part, ...]:
        """A condition on what is counted of the rows of a table."""
        if table not in self.words.facts:
            value.refuse(f"there are no {table} in this project")
        columns = self.words.facts[table]
        audience.uses.add(("table", FACTS[table].mart))
        asked = entries[table].mapping(f"`{table}`")
        _only(asked, {"rows", "measure", "of", "where", "window_days"}, entries[table])
        if ("rows" in asked) == ("measure" in asked):
            entries[table].refuse(
                f"`{table}` has either rows ({', '.join(QUANTIFIERS)}) or measure "
                f"({', '.join(MEASURES)})"
            )
        rows: list[tuple[Part, ...]] = [(FACTS[table].rows,)] if FACTS[table].rows else []
        if "window_days" in asked:
            days = _whole(asked["window_days"], 0, 1, LONGEST_WINDOW)
            rows.append((Window(f"{table}.{FACTS[table].date}", "as_of.as_of_date", days),))
        where = (
            self._row_condition(asked["where"], table, columns, audience)
            if "where" in asked
            else ()
        )
        if "rows" in asked:
            _only(entries, {table}, value)
            if "of" in asked:
                asked["of"].refuse("`of` belongs to a measure")
            return self._quantified(table, _one_of(asked["rows"], QUANTIFIERS), rows, where)
        kind = _one_of(asked["measure"], MEASURES)
        of, of_kind = self._measured_column(kind, asked, columns, entries[table])
        if kind == "average":
            total = self._measure(table, "sum", of, rows, where)
            number = self._measure(table, "count", of, rows, where)
            name = f"{total}_{number}"
            self.columns[name] = f"{total}/{number}"
        else:
            name = self._measure(table, kind, of, rows, where)
        return self._compared(
            name, of_kind, entries, value, "c_as_of_date", more=frozenset({table})
        )

    def _measured_column(
        self, kind: str, asked: Mapping[str, Value], columns: Mapping[str, str], place: Value
    ) -> tuple[str | None, str]:
        if kind == "count":
            if "of" in asked:
                asked["of"].refuse("`count` counts rows and has no `of`")
            return None, "number"
        if "of" not in asked:
            place.refuse(f"`{kind}` needs the column in `of`")
        of = _word(asked["of"])
        of_kind = _found(columns, of, asked["of"], "these rows have no column")
        allowed = ("number", "date") if kind in ("least", "most") else ("number",)
        if of_kind not in allowed:
            asked["of"].refuse(f"{of} is a {of_kind}, of which there is no {kind}")
        return of, of_kind

    def _quantified(
        self, table: str, word: str, rows: list[tuple[Part, ...]], where: tuple[Part, ...]
    ) -> tuple[Part, ...]:
        matching = self._measure(table, "count", None, rows, where)
        if word == "any":
            return (f"{matching} > 0",)
        if word == "none":
            return (f"{matching} = 0",)
        all_rows = self._measure(table, "count", None, rows, ())
        return (f"({all_rows} > 0 and {matching} = {all_rows})",)

    def _measure(
        self,
        table: str,
        kind: str,
        of: str | None,
        rows: Sequence[tuple[Part, ...]],
        where: tuple[Part, ...],
    ) -> str:
        """The name of the column that holds the measure; equal ones are calculated once."""
        key = (table, kind, of, tuple(rows), where)
        if key not in self.measures:
            name = f"m_{len(self.measures) + 1}"
            self.measures[key] = _Measure(table, name, kind, of, joined(" and ", rows), where)
        return self.measures[key].name

    def _row_condition(
        self,
        value: Value,
        table: str,
        columns: Mapping[str, str],
        audience: _Audience,
        depth: int = 0,
    ) -> tuple[Part, ...]:
        """A condition on one row of a table."""
        self.conditions += 1
        if depth > DEEPEST or self.conditions > MOST_CONDITIONS:
            value.refuse("there are too many conditions, or they are nested too deep")

        def again(one: Value) -> tuple[Part, ...]:
            return self._row_condition(one, table, columns, audience, depth + 1)

        if value.kind == "list":
            return ("(", *joined(" and ", map(again, value.listing("`where`"))), ")")
        entries = value.mapping("a condition")
        words = [word for word in ("all", "any", "not") if word in entries]
        if words and len(entries) == 1:
            inner = entries[words[0]]
            if words == ["not"]:
                return ("not (", *again(inner), ")")
            separator = " and " if words == ["all"] else " or "
            return ("(", *joined(separator, map(again, inner.listing(f"`{words[0]}`"))), ")")
        if "column" not in entries:
            value.refuse("a condition on rows has one of all, any, not, column")
        name = _word(entries["column"])
        kind = _found(columns, name, entries["column"], f"{table} have no column")
        return self._compared(f"{table}.{name}", kind, entries, value, "as_of.as_of_date")

    # The query.

    def _steps(self) -> Iterator[Step]:
        tables = list(dict.fromkeys(measure.table for measure in self.measures.values()))
        for table in tables:
            yield self._measured_step(table)
        yield self._joined_step(tables)
        last = "customers_measured"
        stages = max((flag.stage for flag in self.flags), default=0)
        for stage in range(1, stages + 1):
            flags = [flag for flag in self.flags if flag.stage == stage]
            parts: list[Part] = [f"select {last}.*"]
            for flag in flags:
                parts += [", (", *flag.parts, f") as {flag.name}"]
            yield Step(f"stage_{stage}", (*parts, f" from {last}"))
            last = f"stage_{stage}"
            relations = [one for one in self.relations if one.flag.stage == stage]
            if relations:
                yield from _related_steps(last, relations)
                last = f"{last}_related"
        found = [
            (f"select '{name}' as audience, customer_id from {last} where a_{name}",)
            for name in self.audiences
        ]
        none = "select cast(null as string) as audience, customer_id from portraits where false"
        yield Step("matched", joined(" union all ", found) or (none,))

    def _measured_step(self, table: str) -> Step:
        """The measures of all audiences of one table, in one pass over it."""
        parts: list[Part] = [f"select {table}.customer_id"]
        taken: list[tuple[Part, ...]] = []
        for measure in self.measures.values():
            if measure.table != table:
                continue
            conditions = joined(" and ", [one for one in (measure.rows, measure.where) if one])
            taken.append(conditions)
            value = f"{table}.{measure.of}" if measure.of else "1"
            case: tuple[Part, ...] = ("case when ", *conditions, f" then {value} end")
            function = {"least": "min", "most": "max"}.get(measure.kind, measure.kind)
            parts += [f", {function}(", *(case if conditions else (value,)), f") as {measure.name}"]
        parts.append(f" from {table} cross join as_of where {table}.customer_id is not null")
        # Most rows lie before all windows: what no measure takes is not grouped either.
        if all(taken):
            parts += [" and ((", *joined(") or (", dict.fromkeys(taken)), "))"]
        return Step(f"{table}_measured", (*parts, f" group by {table}.customer_id"))

    def _joined_step(self, tables: Sequence[str]) -> Step:
        """A row per customer with all that conditions read: columns, tags and measures."""
        keys = {
            "c_household_id": ("in_household_of", "portraits.household_id"),
            "c_inviter_customer_id": ("invited_by", "portraits.inviter_customer_id"),
        }
        kinds = {relation.kind for relation in self.relations}
        if "has_invited" in kinds:
            kinds.add("invited_by")
        for name, (kind, origin) in keys.items():
            if kind in kinds:
                self.columns[name] = origin
        parts: list[Part] = ["select portraits.customer_id"]
        for name, origin in sorted(self.columns.items()):
            total, _, number = origin.partition("/")
            parts.append(", ")
            parts.append(Quotient(total, number) if number else origin)
            parts.append(f" as {name}")
        for measure in self.measures.values():
            # Without rows there are none of them, and nothing adds up to zero.
            zero = measure.kind in ("count", "sum")
            parts.append(
                f", coalesce({measure.name}, 0) as {measure.name}" if zero else f", {measure.name}"
            )
        parts.append(" from portraits")
        if any(origin.startswith("tag_flags.") for origin in self.columns.values()):
            parts.append(" left join tag_flags on portraits.customer_id = tag_flags.customer_id")
        for table in tables:
            parts.append(
                f" left join {table}_measured"
                f" on portraits.customer_id = {table}_measured.customer_id"
            )
        return Step("customers_measured", tuple(parts))


def _related_steps(stage: str, relations: Sequence[_Relation]) -> Iterator[Step]:
    """Who has a flag among those whom a customer is related to, beside the customer."""
    flags = {kind: [r.flag.name for r in relations if r.kind == kind] for kind in RELATIONS}
    groups = {
        "in_household_of": (f"{stage}_households", "c_household_id"),
        "has_invited": (f"{stage}_invited", "c_inviter_customer_id"),
    }
    joins = ""
    for kind, (name, key) in groups.items():
        if flags[kind]:
            counts = "".join(f", sum(case when {f} then 1 else 0 end) as {f}" for f in flags[kind])
            yield Step(
                name,
                (f"select {key}{counts} from {stage} where {key} is not null group by {key}",),
            )
            own = "c_household_id" if kind == "in_household_of" else "customer_id"
            joins += f" left join {name} on {stage}.{own} = {name}.{key}"
    if flags["invited_by"]:
        joins += f" left join {stage} as inviters"
        joins += f" on {stage}.c_inviter_customer_id = inviters.customer_id"
    columns = ""
    for relation in relations:
        flag = relation.flag.name
        found = {
            "invited_by": f"coalesce(inviters.{flag}, false)",
            "has_invited": f"coalesce({stage}_invited.{flag} > 0, false)",
            # Another one of the household: the customer's own flag does not count.
            "in_household_of": (
                f"coalesce({stage}_households.{flag}"
                f" - case when {stage}.{flag} then 1 else 0 end > 0, false)"
            ),
        }[relation.kind]
        columns += f", {found} as {relation.name}"
    yield Step(f"{stage}_related", (f"select {stage}.*{columns} from {stage}{joins}",))


# Values.


def _only(entries: Iterable[str], allowed: Iterable[str], value: Value) -> None:
    for name in entries:
        if name not in set(allowed):
            near = _near(name, allowed)
            value.refuse(f"`{shown(name)}` means nothing here{near}")


def _near(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.7)
    return f"; did you mean {found[0]}?" if found else ""


def _found(columns: Mapping[str, str], name: str, place: Value, said: str) -> str:
    if name not in columns:
        place.refuse(f"{said} {shown(name)}{_near(name, columns)}")
    if columns[name] not in OPERATORS:
        place.refuse(f"{name} is a {columns[name]}, and no condition reads one")
    return columns[name]


def _word(value: Value) -> str:
    if value.kind != "text":
        value.refuse(f"a name is expected, and this is {value.described()}")
    return value.text


def _one_of(value: Value, words: Sequence[str]) -> str:
    if value.text not in words or value.kind not in ("text", "boolean"):
        value.refuse(f"`{shown(value.text)}` is none of {', '.join(words)}")
    return value.text


def _boolean(value: Value) -> bool:
    if value.kind != "boolean" or value.text not in ("true", "false"):
        value.refuse(f"true or false is expected, and this is `{shown(value.text)}`")
    return value.text == "true"


def _whole(value: Value | None, usual: int, least: int, most: int) -> int:
    if value is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,6}", value.text) or not least <= int(value.text) <= most:
        value.refuse(f"a whole number from {least} to {most:,} is expected")
    return int(value.text)


def _name(value: Value | None) -> str | None:
    if value is None:
        return None
    if not NAME.fullmatch(value.text) or len(value.text) > LONGEST_NAME:
        value.refuse(f"`{shown(value.text)}` is no name: lower case letters, digits, underscores")
    return value.text


def _holdout(value: Value | None) -> Decimal:
    if value is None:
        return USUAL_HOLDOUT
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", value.text):
        value.refuse("a percentage with at most two decimals is expected")
    if Decimal(value.text) > LARGEST_HOLDOUT:
        value.refuse(f"a hold-out of more than {LARGEST_HOLDOUT} percent is a slip of the pen")
    return Decimal(value.text)


def _sentence(value: Value) -> str:
    text = " ".join(value.text.split())
    if value.kind != "text" or not text or not text.isprintable() or len(text) > 1000:
        value.refuse("a text is expected")
    return text


def _literal(value: Value, kind: str) -> Part:
    """A value of that kind: a number or a date as it is written, a text to be quoted."""
    if kind == "number":
        if value.kind != "number" or not NUMBER.fullmatch(value.text):
            value.refuse(f"`{shown(value.text)}` is no plain number")
        return value.text
    if kind == "boolean":
        return "true" if _boolean(value) else "false"
    if kind == "date":
        day = parse_date(value.text)
        if value.kind not in ("date", "text") or day is None:
            value.refuse(f"`{shown(value.text)}` is no date, as 2026-01-31")
        return f"cast('{day.isoformat()}' as date)"
    if value.kind != "text":
        value.refuse(
            f"YAML reads `{shown(value.text)}` as {value.described()}: put a text in quotes"
        )
    if not value.text.isprintable() or not 0 < len(value.text) <= LONGEST_TEXT:
        value.refuse(
            f"a text has 1 to {LONGEST_TEXT} characters, none of them a line break or invisible"
        )
    return Text(value.text)


def _canonical(value: Value) -> str:
    """The same text for the same conditions, however they are laid out."""

    def plain(one: Value) -> Any:
        if one.entries is not None:
            return {name: plain(entry) for name, entry in one.entries.items()}
        return [plain(item) for item in one.items] if one.kind == "list" else one.text

    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False)
