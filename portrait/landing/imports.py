"""`portrait import`: files that other systems export become raw files of the source contract.

Nothing is lost on the way. Each row of an export stands behind a row of an output table, or is left
out with a reason; and the amounts that an export names come out again, to the last place. Where
that does not hold nothing is written.
"""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.console import Console

from portrait.contract import load_contract
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.landing.adapters import (
    FROM,
    Adapter,
    Export,
    load_adapters,
    made_tables,
    write_tables,
)
from portrait.landing.export_files import (
    ExportFile,
    ReadFile,
    create_delivered,
    open_export,
    read_export,
    take_over,
)
from portrait.landing.export_folders import FoundFile, find_export_files, unpacked
from portrait.sql import one_value, sql_name, sql_path, sql_text

# Below this share of its needed columns a file is no damaged export, but something else.
LIKELY = 0.5
LEFT_OUT = ".import"
# Of columns that a file may have and has not.
MOST_NAMES = 12


@dataclass(frozen=True)
class Money:
    """The amounts of an export in one currency: what came in, and where it went."""

    export: str
    currency: str
    came_in: Decimal
    went_out: Decimal
    not_in_parts: Decimal
    left_out: Decimal


@dataclass
class Imported:
    """What an import did: rows by export and reason, amounts by currency, files written."""

    adapter: Adapter
    files: list[ReadFile] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    rows_in: int = 0
    rows_taken: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    left_out_file: Path | None = None
    money: list[Money] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    written: dict[Path, int] = field(default_factory=dict)
    before: dict[Path, int] = field(default_factory=dict)
    kept: list[Path] = field(default_factory=list)


def import_folder(
    project: Path,
    name: str,
    folder: Path,
    raw: Path,
    *,
    load_date: date | None = None,
    instance: str | None = None,
    encoding: str | None = None,
    currency: str | None = None,
) -> Imported:
    """Turn the exports in a folder into files of the contract below `raw`.

    Args:
        project: the project's folder.
        name: of the adapter.
        folder: with the exported files, at any depth; or one file.
        raw: folder of raw files, as `portrait build` reads it.
        load_date: when the rows arrived, for the path of the files; None for files without one.
        instance: of the system, where several systems of a kind are delivered.
        encoding: of the files; None where each file shows its own.
        currency: of amounts that name none.

    Raises:
        PortraitError: nothing to import, a needed column is missing, a file cannot be read, or
        another system's files lie where these would.
    """
    adapter = load_adapters(project)[name]
    systems = {table.system for table in load_contract(project)}
    done = Imported(adapter)
    with connect() as connection, tempfile.TemporaryDirectory() as scratch:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set variable currency = ?", [currency.upper() if currency else None])
        files = _recognised(connection, adapter, folder, done, encoding, Path(scratch))
        create_delivered(connection, adapter.exports)
        for file, export in files:
            done.files.append(read_export(connection, file, export, Path(scratch)))
        for export in adapter.exports:
            take_over(connection, export)
        # The service line and finance write numbers of an instance out: docs/source_contract.md.
        prefix = sql_text(f"{instance}/" if instance else "")
        connection.execute(f"create macro written_out(number) as {prefix} || number")
        connection.execute(
            "create table money_out (export varchar, currency varchar, amount decimal(38, 4), "
            "not_in_parts decimal(38, 4)); create table remarks (remark varchar); "
            "create table used (_from varchar)"
        )
        try:
            connection.execute(adapter.sql)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise PortraitError(
                f"adapters/{name}.sql could not work with these files ({reason}); "
                "nothing was written."
            ) from error
        tables = [
            (schema, table)
            for schema, table in made_tables(connection, systems)
            if one_value(connection, f"select count(*) from {sql_name(schema)}.{sql_name(table)}")
        ]
        _account_for_rows(connection, done, tables)
        _account_for_money(connection, done)
        done.remarks = [
            row[0] for row in connection.execute("from remarks order by all").fetchall() if row[0]
        ]

        def target(schema: str, table: str) -> Path:
            place = raw / (f"{schema}@{instance}" if instance else schema) / table
            place = place / f"load_date={load_date}" if load_date else place
            return place / f"{name}.parquet"

        _refuse_strangers(raw, name, tables, instance)
        for schema, table in tables:
            if (earlier := target(schema, table)).is_file():
                done.before[earlier] = one_value(
                    connection, f"select count(*) from read_parquet({sql_path(earlier)})"
                )
        written = write_tables(connection, tables, target)
        done.written = {target(*label.split("/")): rows for label, rows in written.items()}
        mine = [target(schema, "*").relative_to(raw).as_posix() for schema in sorted(systems)]
        done.kept = sorted({f for at in mine for f in raw.glob(at)} - set(done.written))
        done.left_out_file = _write_left_out(connection, done, raw / LEFT_OUT / name)
    return done


def _recognised(
    connection: duckdb.DuckDBPyConnection,
    adapter: Adapter,
    folder: Path,
    done: Imported,
    encoding: str | None,
    scratch: Path,
) -> list[tuple[ExportFile, Export]]:
    """The files that are exports of the adapter.

    Raises:
        PortraitError: there is none, or one lacks some of the columns that it needs.
    """
    files, others = find_export_files(folder)
    found = []
    inner: list[FoundFile] = []
    for one in files:
        more, remarks = unpacked(connection, one, scratch)
        inner += more
        others += remarks
    for one in inner:
        file = open_export(connection, one.path, one.name, encoding)
        if export := recognise(adapter, file.header):
            found.append((file, export))
            continue
        export, missing = _nearest(adapter, file.header)
        if len(missing) <= LIKELY * len(export.needed):
            raise PortraitError(
                f"{file.name}: this looks like {export.title}, but the column"
                f"{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
                f"{'are' if len(missing) > 1 else 'is'} missing. "
                f"The header is: {', '.join(file.header)}."
            )
        done.others.append(f"{file.name}: no export of {adapter.title} that is known")
    done.others += others
    if not found:
        wanted = " or ".join(export.title for export in adapter.exports)
        seen = f"; found only {'; '.join(done.others[:5])}" if done.others else ""
        raise PortraitError(f"{folder} holds no export of {adapter.title}: {wanted}{seen}.")
    return found


def recognise(adapter: Adapter, header: Sequence[str]) -> Export | None:
    """The export that a header is of; of several the one that knows most of its columns."""
    fitting = [export for export in adapter.exports if not export.missing(header)]
    return max(fitting, key=lambda export: export.known(header), default=None)


def _nearest(adapter: Adapter, header: Sequence[str]) -> tuple[Export, list[str]]:
    """The export that lacks the smallest share of its needed columns, and these."""
    export = min(
        adapter.exports, key=lambda export: len(export.missing(header)) / len(export.needed)
    )
    return export, export.missing(header)


def _account_for_rows(
    connection: duckdb.DuckDBPyConnection, done: Imported, tables: Sequence[tuple[str, str]]
) -> None:
    """Count each row of the exports as taken or left out.

    Raises:
        PortraitError: a row is neither, or both: a fault of the adapter.
    """
    sources = [
        f"select {FROM} from {sql_name(schema)}.{sql_name(table)} where {FROM} is not null"
        for schema, table in tables
        if FROM in connection.table(f"{sql_name(schema)}.{sql_name(table)}").columns
    ]
    taken = " union ".join([*sources, f"select {FROM} from used"])
    came = " union all ".join(
        f"select {FROM} from delivered.{sql_name(export.name)}" for export in done.adapter.exports
    )
    connection.execute(f"create table taken as {taken}; create table came as {came}")
    wrong = connection.execute(
        f"""
        select came.{FROM},
            count(taken.{FROM}) > 0 as is_taken,
            count(left_out.{FROM}) as times_left_out
        from came
        left join taken on came.{FROM} = taken.{FROM}
        left join left_out on came.{FROM} = left_out.{FROM}
        group by all
        having cast(is_taken as integer) + times_left_out <> 1
        order by all
        """
    ).fetchall()
    if wrong:
        row, is_taken, _ = wrong[0]
        state = "both taken over and left out" if is_taken else "neither taken over nor left out"
        raise PortraitError(
            f"adapters/{done.adapter.name}.sql: {_rows(len(wrong))} came out wrong, "
            f"first {row}, {state}; this is a fault of the adapter, and nothing was written."
        )
    broken = [line for file in done.files for line in file.broken]
    done.rows_in = sum(file.rows for file in done.files)
    done.rows_taken = one_value(connection, "select count(*) from taken")
    reasons = connection.execute(
        "select reason, count(*) from left_out group by all order by 2 desc, 1"
    ).fetchall()
    done.left_out = dict(reasons)
    for line in broken:
        done.left_out[f"broken line: {line.error}"] = (
            done.left_out.get(f"broken line: {line.error}", 0) + 1
        )


def _account_for_money(connection: duckdb.DuckDBPyConnection, done: Imported) -> None:
    """Compare the amounts that came in with those that went out, by export and currency.

    Raises:
        PortraitError: they differ: a fault of the adapter.
    """
    for export in done.adapter.exports:
        if not export.money:
            continue
        amounts = ", ".join(
            f"try_cast(delivered.{sql_name(name)} as decimal(38, 4))" for name in export.money_parts
        )
        names = [sql_text(export.money["is"])] if "is" in export.money else []
        if told := export.money.get("currency"):
            names = [f"delivered.{sql_name(told)}"]
            if of := export.money.get("of"):
                names = [f"max({names[0]}) over (partition by delivered.{sql_name(of)})"]
        currency = ", ".join([*names, "delivered._currency", "''"])
        rows = connection.execute(
            f"""
            with
            came as (
                select coalesce(upper(coalesce({currency})), '') as currency,
                    list_sum([{amounts}]) as amount, left_out.{FROM} is not null as is_left_out
                from delivered.{sql_name(export.name)} as delivered
                left join left_out on delivered.{FROM} = left_out.{FROM}
            ),
            went as (
                select coalesce(upper(currency), '') as currency, sum(amount) as amount,
                    sum(not_in_parts) as not_in_parts
                from money_out where export = {sql_text(export.name)} group by all
            ),
            summed as (
                select currency, sum(amount) as amount,
                    coalesce(sum(amount) filter (is_left_out), 0) as left_out
                from came where amount is not null group by all
            )
            select coalesce(summed.currency, went.currency), coalesce(summed.amount, 0),
                coalesce(went.amount, 0), coalesce(went.not_in_parts, 0),
                coalesce(summed.left_out, 0)
            from summed full join went on summed.currency = went.currency order by 1
            """
        ).fetchall()
        for row in rows:
            money = Money(export.name, *row)
            done.money.append(money)
            if money.came_in != money.went_out + money.not_in_parts + money.left_out:
                raise PortraitError(
                    f"adapters/{done.adapter.name}.sql: {export.title} holds {money.came_in} "
                    f"{money.currency}, of which {money.went_out} went out, {money.not_in_parts} "
                    f"in no part and {money.left_out} was left out; this is a fault of the "
                    "adapter, and nothing was written."
                )


def _refuse_strangers(
    raw: Path, name: str, tables: Sequence[tuple[str, str]], instance: str | None
) -> None:
    """Refuse to put files beside those of another system: their numbers could be the same.

    Finance has no numbers of its own that two systems could share.

    Raises:
        PortraitError: there are such files.
    """
    for schema, table in tables:
        if schema == "ops":
            continue
        place = raw / (f"{schema}@{instance}" if instance else schema)
        strange = [
            path
            for path in sorted([*place.glob(f"{table}.*"), *(place / table).rglob("*")])
            if path.is_file() and path.name != f"{name}.parquet" and path.suffix != ".md"
        ]
        if strange:
            raise PortraitError(
                f"{place} holds files of another system ({strange[0].relative_to(raw)}), whose "
                f"numbers could be the same: give these a name of their own, as --instance {name}."
            )


def _write_left_out(
    connection: duckdb.DuckDBPyConnection, done: Imported, folder: Path
) -> Path | None:
    """List the rows that were left out in a hidden file, which landing passes over."""
    target = folder / "left_out.csv"
    if not done.left_out:
        target.unlink(missing_ok=True)
        return None
    folder.mkdir(parents=True, exist_ok=True)
    rows = connection.execute(f"select {FROM}, reason from left_out order by all").fetchall()
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "row", "reason", "text"))
        for source, reason in rows:
            name, number = source.split("|", 1)[1].rsplit("|", 1)
            writer.writerow((name, number, reason, ""))
        for read in done.files:
            for line in read.broken:
                writer.writerow((read.file.name, f"line {line.line_number}", line.error,
                                 line.raw_line))  # fmt: skip
    return target


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def print_import(console: Console, done: Imported) -> None:
    """Say what an import read, left out and wrote."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    for read in done.files:
        say(f"{read.file.name}: {read.export.title}, {_rows(read.rows)}, {read.file.encoding}")
        if read.unknown:
            say(f"  unknown columns, not taken over: {', '.join(read.unknown)}")
        if read.absent:
            names = ", ".join(read.absent[:MOST_NAMES])
            more = len(read.absent) - MOST_NAMES
            say(f"  columns that are not there: {names}{f' and {more} more' if more > 0 else ''}")
        for remark in read.remarks:
            say(f"  {remark}")
    for other in done.others:
        say(f"{other}: passed over")
    for remark in done.remarks:
        say(remark)
    left = sum(done.left_out.values())
    say(f"Rows: {done.rows_in:,} in = {done.rows_taken:,} taken over + {left:,} left out")
    for reason, count in done.left_out.items():
        say(f"  {count:,} left out: {reason}")
    if done.left_out_file:
        say(f"  each of them is in {done.left_out_file}")
    for money in done.money:
        parts = [f"{money.went_out:,.2f} taken over"]
        if money.not_in_parts:
            parts.append(f"{money.not_in_parts:,.2f} in no part")
        if money.left_out:
            parts.append(f"{money.left_out:,.2f} left out")
        currency = money.currency or "amounts without a currency"
        say(f"Money of {money.export}: {money.came_in:,.2f} {currency} in = {' + '.join(parts)}")
    for file, rows in done.written.items():
        before = f" (before: {done.before[file]:,})" if file in done.before else ""
        say(f"{file}: {_rows(rows)}{before}")
    for file in done.kept:
        say(f"{file}: left as an earlier import wrote it; this one has no such rows")


def check_folder(project: Path, folder: Path, encoding: str | None = None) -> list[str]:
    """Say of each file in a folder which export of which system it seems to be.

    Raises:
        PortraitError: there is no such folder, or nothing in it.
    """
    adapters = list(load_adapters(project).values())
    files, others = find_export_files(folder)
    lines = []
    with connect() as connection, tempfile.TemporaryDirectory() as scratch:
        for one in files:
            try:
                inner, remarks = unpacked(connection, one, Path(scratch))
            except PortraitError as error:
                lines.append(str(error))
                continue
            others += remarks
            for part in inner:
                try:
                    file = open_export(connection, part.path, part.name, encoding)
                except PortraitError as error:
                    lines.append(str(error))
                else:
                    lines.append(f"{part.name}: {_seems(adapters, file)}")
    return lines + others


def _seems(adapters: Sequence[Adapter], file: ExportFile) -> str:
    header = file.header
    fitting = [(a, e) for a in adapters if (e := recognise(a, header))]
    if fitting:
        adapter, export = max(fitting, key=lambda pair: pair[1].known(header))
        unknown = [n for n in header if n and export.column_of(n) is None]
        tail = f"; unknown columns: {', '.join(unknown)}" if unknown else ""
        return f"{export.title} ({file.encoding}): portrait import {adapter.name}{tail}"
    nearest = [(a, *_nearest(a, header)) for a in adapters]
    adapter, export, missing = min(nearest, key=lambda item: len(item[2]) / len(item[1].needed))
    if len(missing) <= LIKELY * len(export.needed):
        return f"almost {export.title} ({adapter.name}), without {', '.join(missing)}"
    return f"nothing that is known; its columns are {', '.join(header[:8])}"
