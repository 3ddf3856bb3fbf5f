"""An audience as it is put together on the page, as the YAML file of the project's own grammar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from portrait.app.audience_conditions import Condition
from portrait.errors import PortraitError
from portrait.landing.audience_rules import (
    LONGEST_NAME,
    NAME,
    USUAL_PRIORITY,
    Compiled,
    Vocabulary,
    compile_audiences,
    shipped_audiences,
    vocabulary,
)
from portrait.landing.configuration import AUDIENCES, AudienceFile, read_configuration
from portrait.publishing.audience_size import Size, measured
from portrait.reading.published import Row, rows
from portrait.settings import Settings
from portrait.sql import sql_name
from portrait.yaml_text import load_yaml

MOST_TRAITS = 12


@dataclass(frozen=True)
class Draft:
    """An audience that is being put together.

    A customer has all of `tags`, at least one of `any_tags` and none of `no_tags`, meets all
    `conditions`, and is in none of `not_in`.
    """

    name: str
    title: str
    owner: str
    description: str = ""
    tags: Sequence[str] = ()
    any_tags: Sequence[str] = ()
    no_tags: Sequence[str] = ()
    conditions: Sequence[Condition] = ()
    not_in: Sequence[str] = ()
    holdout_pct: int = 10
    exclusive_group: str = ""
    priority: int = USUAL_PRIORITY
    hash_salt: str = ""

    def is_empty(self) -> bool:
        """Whether nothing was chosen yet."""
        return not (self.tags or self.any_tags or self.no_tags or self.conditions or self.not_in)

    def yaml(self) -> str:
        """The text of its file."""
        conditions: list[dict[str, Any]] = [{"tag": tag} for tag in self.tags]
        if self.any_tags:
            conditions.append({"any": [{"tag": tag} for tag in self.any_tags]})
        conditions += [one.plain() for one in self.conditions]
        conditions += [{"not": {"tag": tag}} for tag in self.no_tags]
        conditions += [{"not": {"audience": name}} for name in self.not_in]
        header: dict[str, Any] = {"title": self.title}
        if self.description.strip():
            header["description"] = self.description
        header |= {"owner": self.owner, "holdout_pct": self.holdout_pct}
        if self.exclusive_group:
            header |= {"exclusive_group": self.exclusive_group, "priority": self.priority}
        if self.hash_salt:
            header["hash_salt"] = self.hash_salt
        return yaml.safe_dump(
            header | {"conditions": {"all": conditions}},
            allow_unicode=True, sort_keys=False, width=1000,
        )  # fmt: skip


@dataclass(frozen=True)
class Grammar:
    """What a draft is checked against: the words of the project, and the files in force."""

    words: Vocabulary
    files: Mapping[str, AudienceFile] = field(default_factory=dict)

    def compiled(self, name: str, text: str) -> Compiled:
        """The audience alone, with the others that it reads or competes with.

        Raises:
            PortraitError: with the line and the reason, where it cannot be read.
        """
        own = AudienceFile(name, f"{name}.yml", text)
        files = {**self.files, name: own}
        needed = _needed(own, files)
        found = compile_audiences([files[one] for one in sorted(needed)], self.words)
        if not any(one.audience == name for one in found.definitions):
            raise PortraitError(f"{name} says is_active: false, so it has no members.")
        return found


def read_grammar(project: Path, config_folder: Path) -> Grammar:
    """The words and audiences of the project and the company.

    Raises:
        PortraitError: the company's configuration cannot be read.
    """
    configuration = read_configuration(project, config_folder)
    files = (*shipped_audiences(project), *configuration.audiences)
    return Grammar(vocabulary(project, configuration), {file.name: file for file in files})


def _needed(own: AudienceFile, files: Mapping[str, AudienceFile]) -> set[str]:
    """An audience, those that its conditions name, and those of its group, with theirs."""
    content = {name: _content(file.text) for name, file in files.items()}
    needed: set[str] = set()
    open_ones = [own.name]
    if group := content[own.name].get("exclusive_group"):
        open_ones += [name for name, one in content.items() if one.get("exclusive_group") == group]
    while open_ones:
        name = open_ones.pop()
        if name in files and name not in needed:
            needed.add(name)
            open_ones += _named(content[name].get("conditions"))
    return needed


def _content(text: str) -> dict[str, Any]:
    try:
        found = load_yaml(text)
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _named(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "audience":
                yield str(value)
            else:
                yield from _named(value)
    elif isinstance(part, list):
        for item in part:
            yield from _named(item)


@dataclass(frozen=True)
class Preview:
    """What a draft would be: its size, what sets it apart, and whom it shares with others."""

    size: Size
    profile: Sequence[Row]
    overlap: Sequence[Row]


def preview(connection: duckdb.DuckDBPyConnection, compiled: Compiled, name: str) -> Preview:
    """Find the customers of an audience in the published file.

    Raises:
        PortraitError: the build lacks something that it reads.
    """
    (definition,) = (one for one in compiled.definitions if one.audience == name)
    # It leaves the customers in the temporary table `matched`.
    size = measured(connection, compiled, definition)
    return Preview(size, _profile(connection, name, size), _overlap(connection, name))


def _profile(connection: duckdb.DuckDBPyConnection, name: str, size: Size) -> list[Row]:
    """The tags that the customers surely have more often than everybody."""
    flags = [
        column
        for (column,) in connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts'"
            " and table_name = 'customer_tag_flags' and data_type = 'BOOLEAN' order by column_index"
        ).fetchall()
    ]
    if not flags or not size.matches:
        return []
    # Sums of small numbers take a seventh of the time that 200 counts with a filter take.
    counts = ", ".join(f"sum(cast({sql_name(flag)} as tinyint))" for flag in flags)
    (found,) = connection.execute(
        f"select {counts} from marts.customer_tag_flags where customer_id in"
        " (select customer_id from matched where audience = ?)",
        [name],
    ).fetchall()
    everybody = dict(
        connection.execute("select tag_code, customers_count from quality.tag_health").fetchall()
    )
    score, fewest = _trait_bounds()
    traits = []
    for flag, count in zip(flags, found, strict=True):
        tag, whole = flag.upper(), everybody.get(flag.upper())
        if not whole or not size.customers or count is None:
            continue
        share, usual = int(count) / size.matches, whole / size.customers
        lower = _lower(int(count), size.matches, score)
        if lower > usual and int(count) >= fewest:
            traits.append(
                {"tag_code": tag, "share": share, "everybody_share": usual, "lower": lower}
            )
    return sorted(traits, key=lambda one: (one["everybody_share"] - one["lower"], one["tag_code"]))[
        :MOST_TRAITS
    ]


def _trait_bounds() -> tuple[float, int]:
    """The normal score and the fewest customers of a trait, by which rpt_audience_profiles goes."""
    file = Settings.from_environment().project / "dbt_project.yml"
    variables = load_yaml(file.read_text(encoding="utf-8"))["vars"]
    return float(variables["trait_bound_z"]), int(variables["trait_minimum_customers"])


def _lower(part: int, whole: int, score: float) -> float:
    """The lower bound of a share (Wilson 1927), sure to a normal score."""
    share, square = part / whole, score**2 / whole
    spread = score * (share * (1 - share) / whole + square / (4 * whole)) ** 0.5
    return (share + square / 2 - spread) / (1 + square)


def _overlap(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    """The published audiences that share customers with it, the most first."""
    return rows(
        connection,
        "select members.audience, any_value(audiences.title) as title, count(*) as shared_count,"
        " any_value(audiences.members_count) as members_count"
        " from marts.audience_members as members inner join matched"
        " on members.customer_id = matched.customer_id and matched.audience = ?"
        " left join marts.audiences as audiences"
        " on members.audience = audiences.audience and audiences.is_current"
        " where members.audience <> ?"
        " group by members.audience order by shared_count desc, members.audience",
        [name, name],
    )


def save(config_folder: Path, name: str, text: str, *, replaces: bool = False) -> Path:
    """Write the file of an audience into the company's configuration; return it.

    Raises:
        PortraitError: the name is none, or a file of that name is there.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise PortraitError(
            f"{name!r} is no name of an audience: lower case letters, digits and single "
            f"underscores, at most {LONGEST_NAME}."
        )
    path = config_folder / AUDIENCES / f"{name}.yml"
    if path.exists() and not replaces:
        raise PortraitError(f"{path} is there already: choose another name, or replace it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
