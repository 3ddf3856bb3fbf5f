"""Writes an audience as a file that mail, text message and advertising tools take, and logs it.

Every member is accounted for: sent, left out for one reason, or failed. The file holds addresses
(hashed ones for advertising), so that only its owner may read it; the log holds counts. Two more
files have who was sent and who was held out, as rows of crm.campaign_contacts without an address.
"""

import csv
import hashlib
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from portrait.errors import PortraitError
from portrait.publishing.audience_size import as_of_date, published
from portrait.settings import Settings
from portrait.sql import has_table
from portrait.warehouse import PRIVATE, Warehouse, make_folder
from portrait.yaml_text import load_yaml

CHANNELS = ("mail", "sms", "ads")
# In this order: a member is counted under the first that holds. The arms come last, so that both
# hold people who could have been written to.
REASONS = {
    "erased": "erased",
    "no_consent": "without consent",
    "no_address": "without an address",
    "capped": "written to often enough",
    "holdout_address": "at an address of somebody held out",
    "holdout": "held out (reachable)",
}
EMAIL = re.compile(r"[^@\s,;:\"<>()\[\]\\]{1,64}@[^@\s,;:\"<>()\[\]\\]{1,250}\.[^@\s.,;]{2,}")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
PATTERNS = {"email": EMAIL, "phone": PHONE}
HEADERS = {
    "mail": ("customer_id", "email", "full_name", "first_name", "last_name"),
    "sms": ("customer_id", "phone", "full_name", "first_name", "last_name"),
    "ads": ("email_sha256", "phone_sha256", "phone_digits_sha256"),
}
# Columns of crm.campaign_contacts.
CONTACT_HEADER = (
    "campaign_contact_id", "campaign_id", "system", "native_id", "arm", "is_holdout", "channel",
    "assigned_at",
)  # fmt: skip
# The kinds of address that a channel writes to.
KINDS = {"mail": ("email",), "sms": ("phone",), "ads": ("email", "phone")}
# A cell that begins with one of these is a formula to a spreadsheet; no name begins so.
FORMULA = ("=", "+", "-", "@")
CONTACTS = "fct_campaign_contacts"

# The kind of an address and the address.
Address = tuple[str, str]


@dataclass(frozen=True)
class Person:
    """A member of the audience, or somebody else who has an address of one."""

    customer_id: str
    # The system and number of the record that stands for the customer; the arm of a member.
    system: str | None
    native_id: str | None
    arm: str | None
    is_erased: bool
    email: str | None
    phone: str | None
    full_name: str | None
    first_name: str | None
    last_name: str | None
    has_email_consent: bool | None
    has_sms_consent: bool | None
    has_left_mail: bool = False
    has_left_messages: bool = False

    def address(self, kind: str) -> Address | None:
        """The address as it is compared with others; None where there is none."""
        text = _plain_email(self.email) if kind == "email" else _plain_phone(self.phone)
        return (kind, text) if text else None

    def addresses(self) -> set[Address]:
        """All addresses of the person."""
        return {address for kind in ("email", "phone") if (address := self.address(kind))}

    def consents(self, kind: str) -> bool:
        """Whether the person allows it: nobody's silence is consent."""
        consent = self.has_email_consent if kind == "email" else self.has_sms_consent
        return consent is True and not self.refuses(kind)

    def refuses(self, kind: str) -> bool:
        """Whether the person refused, in a system or by a contact of a campaign."""
        if kind == "email":
            return self.has_email_consent is False or self.has_left_mail
        return self.has_sms_consent is False or self.has_left_messages


@dataclass
class Choice:
    """Who is written to, who is held out, how many were left out for what, how many failed."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    sent: list[Person] = field(default_factory=list)
    held_out: list[Person] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    failed: int = 0


@dataclass(frozen=True)
class Export:
    """What an export did; `suppressed` counts by the words of REASONS."""

    export_id: str
    audience: str
    title: str
    channel: str
    file: Path
    sent_file: Path
    held_out_file: Path
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
    variables = load_yaml(file.read_text(encoding="utf-8"))["vars"]
    return Cap(int(variables["contact_cap_count"]), int(variables["contact_cap_days"]))


def export_audience(
    warehouse: Warehouse,
    audience: str,
    channel: str,
    *,
    purpose: str = "marketing",
    campaign: str | None = None,
    target: Path | None = None,
    cap: Cap | None = None,
    suppress: Path | None = None,
) -> Export:
    """Export an audience of the published build. Call it under the warehouse's lock.

    `campaign` is the id under which crm.campaigns has the campaign; by default the export's own.
    `suppress` is a CSV file with a column customer_id, email or phone: people to leave out as
    erased, since they asked for it after the build.

    Raises:
        PortraitError: no such audience, a file that is there already or cannot be read.
    """
    now = datetime.now(UTC)
    export_id = f"{now:%Y%m%dT%H%M%S.%f}Z"
    folder = warehouse.exports
    name = f"{audience}-{channel}-{export_id}"
    target = target or folder / f"{name}.csv"
    sent_file, held_out_file = folder / f"{name}-sent.csv", folder / f"{name}-held-out.csv"
    suppressed = _suppressed(suppress) if suppress else {}
    with published(warehouse.current / "portrait.duckdb") as connection:
        title, definition_hash = _audience(connection, audience)
        day = as_of_date(connection)
        people = read_people(connection, audience)
        cap = cap or usual_cap()
        contacts: Counter[str] = Counter()
        if cap.count:
            contacts = sent_lately(connection, cap, with_held_out=True)
            contacts |= _exported_before(connection, folder, now - timedelta(days=cap.days))
    choice = chosen(people, channel, contacts, cap.count, suppressed)
    candidates = sum(person.arm is not None for person in people)
    export = Export(
        export_id, audience, title, channel, target, sent_file, held_out_file, candidates,
        len(choice.rows), choice.counts, choice.failed,
    )  # fmt: skip
    export.require_reconciled()
    make_folder(folder, PRIVATE)
    sha256 = _write(target, HEADERS[channel], choice.rows)
    try:
        for file, people, arm in (
            (sent_file, choice.sent, "treatment"),
            (held_out_file, choice.held_out, "holdout"),
        ):
            rows = _contacts(people, arm, export, campaign or export_id, now)
            _write(file, CONTACT_HEADER, rows)
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
                    **{f"{reason}_count": choice.counts[reason] for reason in REASONS},
                    "failed_count": choice.failed,
                }
            ],
        )
    except BaseException:
        # What is not in the log was not exported.
        for file in (target, sent_file, held_out_file):
            file.unlink(missing_ok=True)
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


def read_people(connection: duckdb.DuckDBPyConnection, audience: str) -> list[Person]:
    """The members of an audience and whoever else has an address of theirs, by their ids.

    Who unsubscribed by a contact of a campaign has left its channel; where that is not known, or is
    none of those that are written to, all of them.
    """
    left = (
        "customer_id in (select customer_id from marts.{0} where is_unsubscribed"
        " and customer_id is not null and coalesce(campaign_channel, '') <> '{1}')"
    )
    has_contacts = has_table(connection, "marts", CONTACTS)
    left_mail = left.format(CONTACTS, "message") if has_contacts else "false"
    left_messages = left.format(CONTACTS, "mail") if has_contacts else "false"
    rows = connection.execute(
        r"""
        with customers as (
            select
                *, lower(trim(email)) as mail_key,
                regexp_replace(phone, '[\s().-]', '', 'g') as phone_key
            from marts.dim_customers
        ),
        members as (select customer_id, arm from marts.audience_members where audience = ?),
        addresses as (
            select mail_key, phone_key from customers semi join members using (customer_id)
        )
        """
        "select customer_id, records.system, records.native_customer_id, members.arm,"
        " customer_id in (select customer_id from marts.audience_exclusions),"
        " email, phone, full_name, first_name, last_name, has_email_consent, has_sms_consent,"
        f" {left_mail}, {left_messages}"
        " from members full join customers using (customer_id)"
        " left join marts.bridge_customer_identities as records"
        " on customers.anchor_record_id = records.record_id"
        " where members.arm is not null"
        " or mail_key in (select mail_key from addresses where mail_key is not null)"
        " or phone_key in (select phone_key from addresses where phone_key is not null)"
        " order by customer_id",
        [audience],
    ).fetchall()
    return [Person(*row) for row in rows]


def chosen(
    people: Iterable[Person],
    channel: str,
    contacts: Mapping[str, int],
    cap: int,
    suppressed: Mapping[str, frozenset[str]],
) -> Choice:
    """Choose among the members; `people` are by their ids and have all who share an address.

    An address is that of all who have it: whoever is erased, refuses or is held out closes it for
    the others, and their contacts add up. The first member who can be reached at an address stands
    for it, whatever the arm, and is left out in both arms where another one there is held out: so
    the arms stay comparable. The others at the address fail, as does one that cannot be used.
    """
    people = list(people)
    erased: set[Address] = set()
    refused: set[Address] = set()
    held_out: dict[Address, set[str]] = defaultdict(set)
    often: Counter[Address] = Counter()
    for person in people:
        if _is_erased(person, suppressed):
            erased |= person.addresses()
        refused |= {one for one in person.addresses() if person.refuses(one[0])}
        for address in person.addresses():
            often[address] += contacts.get(person.customer_id, 0)
            if person.arm == "holdout":
                held_out[address].add(person.customer_id)
    choice = Choice()
    taken: set[Address] = set()
    for person in people:
        if person.arm is None:
            continue
        if _is_erased(person, suppressed) or person.addresses() & erased:
            choice.counts["erased"] += 1
            continue
        allowed = [
            kind
            for kind in KINDS[channel]
            if person.consents(kind) and person.address(kind) not in refused
        ]
        if not allowed:
            choice.counts["no_consent"] += 1
            continue
        given = {one for kind in allowed if (one := person.address(kind))}
        if not given:
            choice.counts["no_address"] += 1
            continue
        usable = {(kind, text) for kind, text in given if PATTERNS[kind].fullmatch(text)}
        if not usable:
            choice.failed += 1
            continue
        # Nobody is written to by an advertisement.
        if cap and channel != "ads" and max(often[address] for address in usable) >= cap:
            choice.counts["capped"] += 1
            continue
        is_first = not usable <= taken
        taken |= usable
        if any(held_out[address] - {person.customer_id} for address in usable):
            choice.counts["holdout_address"] += 1
        elif not is_first:
            choice.failed += 1
        elif person.arm != "treated":
            choice.counts["holdout"] += 1
            choice.held_out.append(person)
        else:
            choice.sent.append(person)
            choice.rows.append(_row(person, channel, dict(usable)))
    if channel == "ads":
        choice.rows.sort()
    return choice


def _is_erased(person: Person, suppressed: Mapping[str, frozenset[str]]) -> bool:
    told = {"customer_id": person.customer_id} | dict(person.addresses())
    return person.is_erased or any(told.get(kind) in values for kind, values in suppressed.items())


def _row(person: Person, channel: str, address: Mapping[str, str]) -> tuple[str, ...]:
    """The person as the file of the channel has them, at addresses by their kinds."""
    if channel == "ads":
        phone = address.get("phone", "")
        parts = (address.get("email", ""), phone, phone.removeprefix("+"))
        return tuple(map(_sha256, parts))
    names = (person.full_name, person.first_name, person.last_name)
    return (person.customer_id, *address.values(), *map(_name, names))


def _contacts(
    people: Iterable[Person], arm: str, export: Export, campaign: str, now: datetime
) -> Iterable[tuple[str, ...]]:
    """Rows of crm.campaign_contacts. Their own numbers say nothing of the person."""
    for number, person in enumerate(people, start=1):
        yield (
            f"{export.export_id}-{arm}-{number}", campaign, person.system or "",
            person.native_id or "", arm, str(arm == "holdout").lower(), export.channel,
            f"{now:%Y-%m-%dT%H:%M:%SZ}",
        )  # fmt: skip


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


def sent_lately(
    connection: duckdb.DuckDBPyConnection, cap: Cap, *, with_held_out: bool = False
) -> Counter[str]:
    """How often campaigns wrote to each customer lately, as customer_strategy counts it.

    With those held out a hold-out counts as the contact that it stands for: else the cap would take
    from a later comparison only those who were written to.
    """
    if not has_table(connection, "marts", CONTACTS):
        return Counter()
    counted = "(is_sent or is_holdout)" if with_held_out else "is_sent"
    rows = connection.execute(
        f"select customer_id, count(*) from marts.{CONTACTS} where customer_id is not null"
        f" and {counted}"
        " and date_diff('day', assigned_date, (select as_of_date from quality.build_info))"
        " between 0 and ? group by customer_id",
        [cap.days - 1],
    ).fetchall()
    return Counter(dict(rows))


def _exported_before(
    connection: duckdb.DuckDBPyConnection, folder: Path, since: datetime
) -> Counter[str]:
    """How often each customer was exported since then, sent or held out.

    The files of contacts in the folder say so: nobody is written to by an advertisement.
    """
    records: list[str] = []
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            # The files of addresses lie in the same folder.
            if tuple(reader.fieldnames or ()) == CONTACT_HEADER:
                records += [
                    f"{row['system']}:{row['native_id']}"
                    for row in reader
                    if row["channel"] != "ads"
                    and datetime.fromisoformat(row["assigned_at"]) >= since
                ]
    rows = connection.execute(
        "select customer_id, count(*) from (select unnest(cast(? as varchar[])) as record_id)"
        " inner join marts.bridge_customer_identities using (record_id) group by customer_id",
        [records],
    ).fetchall()
    return Counter(dict(rows))


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
    console.print(
        f"In {export.sent_file.parent}, without an address: {export.sent_file.name} and "
        f"{export.held_out_file.name}, rows for crm/campaign_contacts. Keep them until they are "
        "loaded: the cap counts this export by them.",
        soft_wrap=True, markup=False,
    )  # fmt: skip
