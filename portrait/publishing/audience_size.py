"""How many customers an audience would have, asked of the published file, without a build."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.landing.audience_parts import duckdb_sql
from portrait.landing.audience_rules import FACTS, Compiled, Definition, read_audiences
from portrait.landing.configuration import AudienceFile, read_configuration
from portrait.settings import Settings
from portrait.sql import one_row, one_value, sql_text
from portrait.state.store import StateStore

# The tables that the steps of the query read, as audience_matches names them.
IMPORTS = {
    "portraits": "select * from marts.customer_portrait",
    "tag_flags": "select * from marts.customer_tag_flags",
    "as_of": "select max(as_of_date) as as_of_date from marts.customer_portrait",
} | {
    word: f"select * from marts.{table.mart}"
    for word, table in FACTS.items()
    if word != "order_lines"
} | {
    "order_lines": (
        "select lines.*, products.category, products.subcategory, products.brand"
        " from marts.fct_order_lines as lines"
        " left join marts.dim_products as products on lines.product_id = products.product_id"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """What an audience holds: who meets its conditions, is a member, and is held out of those."""

    audience: str
    title: str
    as_of_date: date
    customers: int
    matches: int
    members: int
    holdout: int


@dataclass(frozen=True)
class ListedAudience:
    """An audience of the published build."""

    audience: str
    title: str
    owner: str
    exclusive_group: str | None
    priority: int
    members: int
    holdout: int
    first_date: date
    last_export: datetime | None


def published(file: Path) -> duckdb.DuckDBPyConnection:
    """Open the published file for reading; PortraitError where there is none."""
    if not file.exists():
        raise PortraitError(f"{file} does not exist: run `portrait build` first.")
    try:
        return connect(file, read_only=True)
    except duckdb.Error as error:
        raise PortraitError(f"{file} cannot be read ({str(error).splitlines()[0]}).") from error


def size_of(settings: Settings, published_file: Path, path: Path) -> Size:
    """The size of the audience in a file, with the other audiences as they are.

    Raises:
        PortraitError: the file cannot be read, or the published build lacks what it names.
    """
    if path.suffix != ".yml":
        raise PortraitError(f"{path.name} is no audience: its file is named <name>.yml.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PortraitError(f"{path} could not be read ({error}).") from error
    configuration = read_configuration(settings.project, settings.config_folder)
    file = AudienceFile(path.stem, str(path), text)
    compiled = read_audiences(settings.project, configuration, [file])
    found = [one for one in compiled.definitions if one.audience == path.stem]
    if not found:
        raise PortraitError(f"{path.name} says is_active: false, so it has no members.")
    with published(published_file) as connection:
        return measured(connection, compiled, found[0])


def measured(
    connection: duckdb.DuckDBPyConnection, compiled: Compiled, audience: Definition
) -> Size:
    """Run the steps of the audiences on a published file, and count one audience."""
    try:
        connection.execute(f"create temp table matched as {query_of(compiled)}")
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(
            f"The published build lacks something that an audience reads ({reason}). Run `portrait "
            "build` first, or leave that condition out."
        ) from error
    rivals = [
        sql_text(one.audience)
        for one in compiled.definitions
        if audience.exclusive_group
        and one.exclusive_group == audience.exclusive_group
        and one.priority < audience.priority
    ]
    taken = (
        f"select customer_id from matched where audience in ({', '.join(rivals)})"
        if rivals
        else "select null where false"
    )
    place = (
        "cast('0x' || substr(md5("
        f"{sql_text(audience.hash_salt + ':')} || customer_id), 1, 15) as bigint) % 10000"
    )
    matches, members, holdout = one_row(
        connection,
        "select count(*), count(*) filter (where not is_taken),"
        f" count(*) filter (where not is_taken and {place} < 100 * {audience.holdout_pct})"
        f" from (select customer_id, customer_id in ({taken}) as is_taken from matched"
        f" where audience = {sql_text(audience.audience)})",
    )
    as_of_date, customers = one_row(
        connection, "select max(as_of_date), count(*) from marts.customer_portrait"
    )
    return Size(audience.audience, audience.title, as_of_date, customers, matches, members, holdout)


def query_of(compiled: Compiled) -> str:
    """Who meets the conditions of which audience, as SQL on a published file."""
    steps = [f"{step.name} as ({duckdb_sql(step.parts)})" for step in compiled.steps]
    tables = [f"{name} as ({select})" for name, select in IMPORTS.items()]
    return (
        f"with {', '.join([*tables, *steps])} select audience, customer_id from matched"
        " where customer_id not in (select customer_id from marts.audience_exclusions)"
    )


def print_size(console: Console, size: Size) -> None:
    """Say how large an audience is."""
    share = 100 * size.members / size.customers if size.customers else 0.0
    console.print(
        f"{size.audience} ({size.title}): {size.members:,} customers on {size.as_of_date}, "
        f"{share:.1f} % of all, {size.holdout:,} of them held out.",
        soft_wrap=True, markup=False,
    )  # fmt: skip
    if taken := size.matches - size.members:
        console.print(
            f"{taken:,} more meet the conditions and are in an audience of the group that goes "
            "first.",
            soft_wrap=True, markup=False,
        )  # fmt: skip


def listed(published_file: Path, state: StateStore) -> list[ListedAudience]:
    """The audiences of the published build, with when each was last exported (UTC)."""
    with published(published_file) as connection:
        try:
            rows = connection.execute(
                "select audience, title, owner, exclusive_group, priority, members_count,"
                " holdout_members_count, first_date, exports.exported_at from marts.audiences"
                " left join"
                " (select audience, max(exported_at) as exported_at from"
                f" ({state.select('audience_exports')}) group by audience) as exports"
                " using (audience) where is_current"
                " order by exclusive_group nulls last, priority, audience"
            ).fetchall()
        except duckdb.CatalogException as error:
            raise PortraitError(
                "The published build has no audiences: run `portrait build` first."
            ) from error
    return [ListedAudience(*row) for row in rows]


def print_list(console: Console, audiences: Sequence[ListedAudience]) -> None:
    """Print a table of the audiences."""
    table = Table(box=None, pad_edge=False)
    for name, justify in (
        ("audience", "left"), ("members", "right"), ("held out", "right"), ("group", "left"),
        ("priority", "right"), ("owner", "left"), ("since", "left"), ("last export", "left"),
    ):  # fmt: skip
        table.add_column(name, justify="right" if justify == "right" else "left")
    for one in audiences:
        table.add_row(
            one.audience, f"{one.members:,}", f"{one.holdout:,}", one.exclusive_group or "",
            str(one.priority), one.owner, str(one.first_date),
            f"{one.last_export:%Y-%m-%d %H:%M}" if one.last_export else "never",
        )  # fmt: skip
    console.print(table)


def as_of_date(connection: duckdb.DuckDBPyConnection) -> date:
    """The as-of date of a published file."""
    day: date = one_value(connection, "select as_of_date from quality.build_info")
    return day
