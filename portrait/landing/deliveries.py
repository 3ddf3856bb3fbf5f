"""What a delivery says beside its rows: what is deleted, whose rows they are, how a table comes.

docs/source_contract.md, "Deleted rows, instances and snapshots", is the page of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from portrait.contract import Table
from portrait.errors import PortraitError
from portrait.landing.manifest import ManifestRow
from portrait.sql import sql_text

FILE_NAME = "deliveries.yml"
FILE = f"config/{FILE_NAME}"
SNAPSHOT, CHANGES = "snapshot", "changes"
DELIVERIES = (SNAPSHOT, CHANGES)

# A newest snapshot with a smaller share of the rows of the one before is refused.
LEAST_SHARE = 0.5

# Columns by which exports say that a row is deleted, by a word and by a moment. Lower case.
DELETED_WORD_COLUMNS = (
    "_is_deleted",
    "is_deleted",
    "_deleted",
    "deleted",
    "__deleted",  # Debezium, unwrapped
    "_fivetran_deleted",
    "_change_type",  # change data feeds of Delta and BigQuery
    "__op",
    "_op",
    "op",  # AWS DMS, Debezium
)
DELETED_MOMENT_COLUMNS = (
    "_deleted_at",
    "deleted_at",
    "_sdc_deleted_at",  # Singer, Stitch
    "_ab_cdc_deleted_at",  # Airbyte
)
INSTANCE_COLUMN = "_instance"

DELETED_WORDS = ("true", "t", "1", "yes", "y", "d", "delete", "deleted", "x", "ja", "是", "已删除")
KEPT_WORDS = (
    *("false", "f", "0", "no", "n", "nein", "否", "null", "none", "nan", "\\n", "n/a", "-"),
    *("c", "r", "u", "i", "create", "read", "insert", "update", "upsert", "snapshot"),
    *("update_preimage", "update_postimage"),
)
NO_MOMENT = (
    *("null", "none", "nan", "nat", "\\n", "n/a", "-", "0", "false"),
    *("0000-00-00", "0000-00-00 00:00:00"),
)


@dataclass(frozen=True)
class Delivery:
    """How a table is delivered, as the company declares it."""

    kind: str
    least_share: float = LEAST_SHARE


def told_names(table: Table, names: Sequence[str]) -> list[str]:
    """Names of a file's columns, in lower case, by which it says what is deleted and whose it is.

    A column of the contract is what the contract says, whatever its name.
    """
    known = {INSTANCE_COLUMN, *DELETED_WORD_COLUMNS, *DELETED_MOMENT_COLUMNS}
    known -= set(table.column_names)
    return [name for name in (n.strip().lower() for n in names) if name in known]


def told_columns(instance: str | None, texts: Mapping[str, str]) -> list[str]:
    """The select items `_instance` and `_is_deleted` of landed rows, as texts.

    `texts` gives the SQL text of each of a file's `told_names`. `_is_deleted` is 'true' where any
    column says so, null where none does, and a word that nobody knows as it is.
    """
    folder = sql_text(instance) if instance else "cast(null as varchar)"
    names = [f"nullif(trim({texts[n]}), '')" for n in (INSTANCE_COLUMN,) if n in texts]
    moments = [f"lower(trim({texts[n]}))" for n in DELETED_MOMENT_COLUMNS if n in texts]
    words = [f"lower(trim({texts[n]}))" for n in DELETED_WORD_COLUMNS if n in texts]
    yes, no = _list(DELETED_WORDS), _list(("", *KEPT_WORDS))
    is_deleted = [f"{m} not in {_list(('', *NO_MOMENT))}" for m in moments]
    is_deleted += [f"{w} in {yes}" for w in words]
    unknown = [f"when {w} not in {no} then {w}" for w in words]
    deleted = "cast(null as varchar)"
    if is_deleted:
        deleted = f"case when {' or '.join(is_deleted)} then 'true' {' '.join(unknown)} end"
    of_instance = f"coalesce({', '.join([*names, folder])})"
    return [
        f"replace(replace(lower({of_instance}), '/', '%2f'), ':', '%3a') as _instance",
        f"{deleted} as _is_deleted",
    ]


def _list(words: Sequence[str]) -> str:
    return f"({', '.join(sql_text(word) for word in words)})"


def read_deliveries(folder: Path, tables: Sequence[Table]) -> dict[str, Delivery]:
    """Read deliveries.yml of the company's folder: the label of a table and how it is delivered.

    Raises:
        PortraitError: the file is no YAML, names no table of the contract, or another word.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise PortraitError(f"{FILE}: this is not readable YAML ({reason}).") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise PortraitError(f"{FILE}: expected lines like shop/products: {SNAPSHOT}.")
    by_label = {table.label: table for table in tables}
    return {str(label): _delivery(by_label, str(label), told) for label, told in content.items()}


def _delivery(by_label: Mapping[str, Table], label: str, told: Any) -> Delivery:
    if label not in by_label:
        raise PortraitError(
            f"{FILE}: {label} is no table of the contract, expected one of {', '.join(by_label)}."
        )
    options = told if isinstance(told, dict) else {"delivery": told}
    kind, share = options.get("delivery"), options.get("least_share", LEAST_SHARE)
    if kind not in DELIVERIES or set(options) - {"delivery", "least_share"}:
        raise PortraitError(
            f"{FILE}: {label} is declared as {told!r}, expected {' or '.join(DELIVERIES)}, "
            f"or {{delivery: {SNAPSHOT}, least_share: {LEAST_SHARE}}}."
        )
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise PortraitError(f"{FILE}: least_share of {label} is {share!r}, expected 0 to 1.")
    return Delivery(kind, float(share))


def refuse_shrunk_snapshots(
    deliveries: Mapping[str, Delivery], rows: Sequence[ManifestRow]
) -> list[str]:
    """Refuse a newest snapshot that lost most rows; give a sentence for each declaration in vain.

    Raises:
        PortraitError: a newest snapshot of a table and instance is empty, or has a smaller share of
        the rows of the snapshot before than `least_share`.
    """
    in_vain = []
    for label, delivery in deliveries.items():
        if delivery.kind != SNAPSHOT:
            continue
        of_table = [r for r in rows if f"{r.system}/{r.table_name}" == label]
        if of_table and not any(row.load_date for row in of_table):
            in_vain.append(
                f"{label} is declared as a snapshot, but its files lie in no load_date= folder: "
                "nothing is absent from the only load"
            )
        of_table.sort(key=lambda row: row.instance or "")
        for instance, group in groupby(of_table, key=lambda row: row.instance):
            _refuse_shrunk(label, instance, delivery, _rows_by_load(list(group)))
    return in_vain


def _rows_by_load(rows: Sequence[ManifestRow]) -> list[tuple[date, int]]:
    counts: dict[date, int] = {}
    for row in rows:
        if row.load_date:
            counts[row.load_date] = counts.get(row.load_date, 0) + row.landed_rows
    return sorted(counts.items())


def _refuse_shrunk(
    label: str, instance: str | None, delivery: Delivery, loads: Sequence[tuple[date, int]]
) -> None:
    if len(loads) < 2:
        return
    (_, before), (load_date, newest) = loads[-2:]
    if newest and newest >= delivery.least_share * before:
        return
    if not before:
        return
    whose = f"{label} of {instance}" if instance else label
    raise PortraitError(
        f"{whose}: the snapshot of {load_date} has {newest:,} rows where the one before had "
        f"{before:,}, so that most rows would count as deleted; if that is right, lower its "
        f"least_share in {FILE}."
    )
