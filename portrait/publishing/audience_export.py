"""Writes an audience as a file that mail, text message and advertising tools take, and logs it.

Every member is accounted for: sent, left out for one reason, or failed. The file holds addresses
(hashed ones for advertising), so that only its owner may read it; the log holds counts.
"""

import csv
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml
from rich.console import Console

from portrait.errors import PortraitError
from portrait.publishing.audience_size import as_of_date, published
from portrait.settings import Settings
from portrait.sql import has_table
from portrait.warehouse import PRIVATE, Warehouse, make_folder

CHANNELS = ("mail", "sms", "ads")
# In this order: a member is counted under the first that holds.
REASONS = {
    "erased": "erased",
    "holdout": "held out",
    "no_consent": "without consent",
    "no_address": "without an address",
    "capped": "written to often enough",
}
EMAIL = re.compile(r"[^@\s,;:\"<>()\[\]\\]{1,64}@[^@\s,;:\"<>()\[\]\\]{1,250}\.[^@\s.,;]{2,}")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
HEADERS = {
    "mail": ("customer_id", "email", "full_name", "first_name", "last_name"),
    "sms": ("customer_id", "phone", "full_name", "first_name", "last_name"),
    "ads": ("email_sha256", "phone_sha256", "phone_digits_sha256"),
}
# A cell that begins with one of these is a formula to a spreadsheet; no name begins so.
FORMULA = ("=", "+", "-", "@")
CONTACTS = "fct_campaign_contacts"


@dataclass(frozen=True)
class Member:
    """A candidate: one member of the audience, with what the channels need."""

    customer_id: str
    arm: str
    is_erased: bool
    email: str | None
    phone: str | None
    full_name: str | None
    first_name: str | None
    last_name: str | None
    has_email_consent: bool | None
    has_sms_consent: bool | None


@dataclass(frozen=True)
class Export:
    """What an export did; `suppressed` counts by the words of REASONS."""

    export_id: str
    audience: str
    title: str
    channel: str
    file: Path
    candidates: int
    sent: int
    suppressed: Mapping[str, int]
    failed: int

    def require_reconciled(self) -> None:
        """Candidates are sent, suppressed or failed; PortraitError where one is lost."""
        told = self.sent + sum(self.suppressed.values()) + self.failed
        if told != self.candidates:
            raise PortraitError(
                f"{self.candidates} candidates and {told} accounted for: nothing was exported."
            )


@dataclass(frozen=True)
class Cap:
    """No customer is written to more than `count` times in `days` days; 0 for no cap."""

    count: int
    days: int


def usual_cap() -> Cap:
    """The cap that the variables of dbt_project.yml name, by which customer_strategy keeps too."""
    file = Settings.from_environment().project / "dbt_project.yml"
    variables = yaml.safe_load(file.read_text(encoding="utf-8"))["vars"]
    return Cap(int(variables["contact_cap_count"]), int(variables["contact_cap_days"]))


def export_audience(
    warehouse: Warehouse,
    audience: str,
    channel: str,
    *,
    purpose: str = "marketing",
    target: Path | None = None,
    cap: Cap | None = None,
    suppress: Path | None = None,
) -> Export:
    """Export an audience of the published build. Call it under the warehouse's lock.

    `suppress` is a CSV file with a column customer_id, email or phone: people to leave out as
    erased, since they asked for it after the build.

    Raises:
        PortraitError: no such audience, a file that is there already or cannot be read.
    """
    now = datetime.now(UTC)
    export_id = f"{now:%Y%m%dT%H%M%S.%f}Z"
    folder = warehouse.exports
    target = target or folder / f"{audience}-{channel}-{now:%Y%m%dT%H%M%SZ}.csv"
    with published(warehouse.current / "portrait.duckdb") as connection:
        title, definition_hash = _audience(connection, audience)
        day = as_of_date(connection)
        members = read_members(connection, audience)
        cap = cap or usual_cap()
        contacts = sent_lately(connection, cap) if cap.count else Counter()
    if cap.count:
        contacts |= _exported_before(folder, now - timedelta(days=cap.days))
    erased = _suppressed(suppress) if suppress else {}
    rows, counts, failed = chosen(members, channel, contacts, cap.count, erased)
    export = Export(
        export_id, audience, title, channel, target, len(members), len(rows), counts, failed
    )
    export.require_reconciled()
    make_folder(folder, PRIVATE)
    sha256 = _write(target, HEADERS[channel], rows)
    try:
        warehouse.state.append(
            "audience_exports",
            export_id,
            [
                {
                    "export_id": export_id,
                    "exported_at": now.replace(tzinfo=None),
                    "build_id": warehouse.current_build(),
                    "as_of_date": day,
                    "audience": audience,
                    "definition_hash": definition_hash,
                    "channel": channel,
                    "purpose": purpose,
                    "file_name": target.name,
                    "file_sha256": sha256,
                    "candidates_count": export.candidates,
                    "sent_count": export.sent,
                    **{f"{reason}_count": counts[reason] for reason in REASONS},
                    "failed_count": failed,
                }
            ],
        )
    except BaseException:
        # What is not in the log was not exported.
        target.unlink(missing_ok=True)
        raise
    return export


def _audience(connection: duckdb.DuckDBPyConnection, audience: str) -> tuple[str, str]:
    if not has_table(connection, "marts", "audiences"):
        raise PortraitError("The published build has no audiences: run `portrait build` first.")
    rows = connection.execute(
        "select audience, title, definition_hash from marts.audiences where is_current order by 1"
    ).fetchall()
    for name, title, definition_hash in rows:
        if name == audience:
            return title, definition_hash
    names = ", ".join(name for name, _, _ in rows) or "none"
    raise PortraitError(f"There is no audience {audience}. There are: {names}.")


def read_members(connection: duckdb.DuckDBPyConnection, audience: str) -> list[Member]:
    """The members of an audience, by their ids.

    Whoever refused consent refused it for the address, also where another customer has it too; and
    who unsubscribed by a contact of a campaign has refused the channel.
    """
    refused = "select lower(trim({0})) from marts.dim_customers where not {1} and {0} is not null"
    emails = refused.format("email", "has_email_consent")
    phones = refused.format("phone", "has_sms_consent")
    left = "members.customer_id not in (select customer_id from marts.{0} where customer_id is not"
    left += " null and is_unsubscribed and campaign_channel = '{1}')"
    has_contacts = has_table(connection, "marts", CONTACTS)
    stays = {
        channel: left.format(CONTACTS, channel) if has_contacts else "true"
        for channel in ("mail", "message")
    }
    rows = connection.execute(
        "select members.customer_id, members.arm, exclusions.customer_id is not null,"
        " customers.email, customers.phone, customers.full_name, customers.first_name,"
        " customers.last_name,"
        f" has_email_consent and coalesce(lower(trim(email)) not in ({emails}), true)"
        f" and {stays['mail']},"
        f" has_sms_consent and coalesce(lower(trim(phone)) not in ({phones}), true)"
        f" and {stays['message']}"
        " from marts.audience_members as members"
        " left join marts.dim_customers as customers using (customer_id)"
        " left join marts.audience_exclusions as exclusions using (customer_id)"
        " where members.audience = ? order by members.customer_id",
        [audience],
    ).fetchall()
    return [Member(*row) for row in rows]


def chosen(
    members: Iterable[Member],
    channel: str,
    contacts: Mapping[str, int],
    cap: int,
    erased: Mapping[str, frozenset[str]],
) -> tuple[list[tuple[str, ...]], Counter[str], int]:
    """The rows to write, how many were left out for which reason, and how many failed.

    An address that cannot be used fails, and so does one that another row has already.
    """
    rows: list[tuple[str, ...]] = []
    counts: Counter[str] = Counter()
    failed = 0
    written: set[tuple[str, ...]] = set()
    members = list(members)
    # Whoever reads a mailbox is written to as often as all who have it.
    often: dict[tuple[str, ...], int] = {}
    for member in members:
        if address := _address(member, channel):
            own = contacts.get(member.customer_id, 0)
            often[address] = max(own, often.get(address, 0))
    for member in members:
        address = _address(member, channel)
        number = often[address] if address else contacts.get(member.customer_id, 0)
        if reason := _reason(member, channel, number, cap, erased):
            counts[reason] += 1
            continue
        if address is None or address in written:
            failed += 1
            continue
        written.add(address)
        if channel == "ads":
            rows.append(address)
        else:
            names = (member.full_name, member.first_name, member.last_name)
            rows.append((member.customer_id, *address, *map(_name, names)))
    return (sorted(rows) if channel == "ads" else rows), counts, failed


def _reason(
    member: Member, channel: str, contacts: int, cap: int, erased: Mapping[str, frozenset[str]]
) -> str | None:
    told = {
        "customer_id": member.customer_id,
        "email": _plain_email(member.email),
        "phone": _plain_phone(member.phone),
    }
    if member.is_erased or any(told[kind] in values for kind, values in erased.items()):
        return "erased"
    if member.arm != "treated":
        return "holdout"
    # Nobody's silence is consent.
    mail, sms = member.has_email_consent is True, member.has_sms_consent is True
    if not {"mail": mail, "sms": sms, "ads": mail or sms}[channel]:
        return "no_consent"
    by_mail, by_phone = mail and member.email, sms and member.phone
    if not {"mail": by_mail, "sms": by_phone, "ads": by_mail or by_phone}[channel]:
        return "no_address"
    # Nobody is written to by an advertisement.
    return "capped" if cap and channel != "ads" and contacts >= cap else None


def _address(member: Member, channel: str) -> tuple[str, ...] | None:
    """The address as the channel takes it; None where it cannot be used."""
    email, phone = _plain_email(member.email), _plain_phone(member.phone)
    email = email if EMAIL.fullmatch(email) else ""
    phone = phone if PHONE.fullmatch(phone) else ""
    if channel == "mail":
        return (email,) if email else None
    if channel == "sms":
        return (phone,) if phone else None
    email = email if member.has_email_consent else ""
    phone = phone if member.has_sms_consent else ""
    hashes = (_sha256(email), _sha256(phone), _sha256(phone.removeprefix("+")))
    return hashes if any(hashes) else None


def _plain_email(text: str | None) -> str:
    """In lower case without blanks around it: so the advertising platforms want it hashed."""
    return unicodedata.normalize("NFC", text or "").strip().lower()


def _plain_phone(text: str | None) -> str:
    return re.sub(r"[\s().-]", "", text or "")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _name(text: str | None) -> str:
    """A name as a cell: printable, and no formula."""
    name = " ".join((text or "").split())
    kept = "".join(letter for letter in name if letter.isprintable())
    return "" if kept.startswith(FORMULA) else kept


def sent_lately(connection: duckdb.DuckDBPyConnection, cap: Cap) -> Counter[str]:
    """How often campaigns wrote to each customer lately, as customer_strategy counts it."""
    if not has_table(connection, "marts", CONTACTS):
        return Counter()
    rows = connection.execute(
        f"select customer_id, count(*) from marts.{CONTACTS} where customer_id is not null"
        " and is_sent"
        " and date_diff('day', assigned_date, (select as_of_date from quality.build_info))"
        " between 0 and ? group by customer_id",
        [cap.days - 1],
    ).fetchall()
    return Counter(dict(rows))


def _exported_before(folder: Path, since: datetime) -> Counter[str]:
    """How often each customer stands in the exports that lie in the folder since then."""
    counts: Counter[str] = Counter()
    for file in folder.glob("*.csv"):
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < since:
            continue
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if "customer_id" in (reader.fieldnames or ()):
                counts.update(row["customer_id"] for row in reader)
    return counts


def _suppressed(path: Path) -> dict[str, frozenset[str]]:
    """The values to leave out, by the column that they stand in."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = {"customer_id", "email", "phone"} & set(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PortraitError(f"{path} could not be read ({error}).") from error
    if not columns:
        raise PortraitError(f"{path.name} has no column customer_id, email or phone.")
    plain: dict[str, Any] = {"email": _plain_email, "phone": _plain_phone}
    return {
        column: frozenset(
            value for row in rows if (value := plain.get(column, str.strip)(row[column] or ""))
        )
        for column in columns
    }


def _write(target: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a new file that its owner alone may read; return the SHA-256 of its content."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise PortraitError(f"{target} is there already; take another name.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    with target.open("rb") as file_:
        return hashlib.file_digest(file_, "sha256").hexdigest()


def print_export(console: Console, export: Export) -> None:
    """Say what was exported, and why the others were not."""
    console.print(
        f"{export.audience} ({export.title}), {export.channel}: "
        f"{export.candidates:,} candidates = {export.sent:,} sent"
        + "".join(f" + {export.suppressed[key]:,} {said}" for key, said in REASONS.items())
        + f" + {export.failed:,} failed",
        soft_wrap=True, markup=False,
    )  # fmt: skip
    console.print(
        f"File: {export.file}. It holds personal data: delete it once the tool has taken it.",
        soft_wrap=True, markup=False,
    )  # fmt: skip
