"""Enterprise customers and acquaintances: staff, switchboards, stated relationships.

All draws have streams of their own: they change nothing about people and accounts except
what the staff of an organisation states about mail and phone.
"""

from dataclasses import dataclass, replace

import duckdb
import numpy as np

from portrait.generator.accounts import (
    CRM,
    EMAIL_DIRT,
    MARKETPLACE,
    PHONE_DIRT,
    POS,
    SHOP,
    Accounts,
)
from portrait.generator.calendar import DAY
from portrait.generator.people import NEVER, REGULAR, People
from portrait.generator.profile import Profile
from portrait.generator.random_streams import Flags, Ints, choose, scattered, stream
from portrait.sql import sql_text

FEWEST, MOST = 3, 10  # staff of an organisation that the company knows
KINDS = ("company", "public", "association", "school")
INDUSTRIES = (
    "manufacturing", "retail", "software", "finance", "health", "education", "logistics",
    "hospitality", "construction",
)  # fmt: skip
SIZES = ("1-9", "10-49", "50-249", "250+")
GENERAL_NAMES = ("info", "contact", "hello", "office")
RELATIONSHIPS = ("family", "friend", "colleague")
SOURCES = ("the customer", "the service line", "an invitation")


@dataclass(frozen=True)
class Organisations:
    """Arrays with one value per organisation of a chunk, and `of_person`: whose staff each is (-1).

    `number` is that of the first person of the staff; `parent` is a position (-1: none); times are
    seconds of business time since the first day of the period.
    """

    of_person: Ints
    number: Ints
    place: Ints
    kind: Ints
    size: Ints
    new_size: Ints
    parent: Ints
    entered: Ints
    changed: Ints
    is_delivered: Flags
    noise: Ints

    def __len__(self) -> int:
        """How many organisations."""
        return len(self.number)


def make_organisations(
    seed: int, chunk: int, people: People, accounts: Accounts, end: int, profile: Profile
) -> tuple[Organisations, Accounts]:
    """Draw the organisations of a chunk; the accounts with what their staff says of itself."""
    shares = profile["organisations"]
    dice = stream(seed, chunk, "organisations")
    is_contact = accounts.first[CRM] >= 0
    share = np.where(is_contact, shares["contact"], shares["other_staff"])
    is_staff = (dice.random(len(people)) < share) & (people.kind == REGULAR)
    staff = np.flatnonzero(is_staff)
    # Colleagues live near each other.
    staff = staff[np.lexsort((dice.random(len(staff)), people.place[staff]))]
    sizes = dice.integers(FEWEST, MOST + 1, len(staff) // FEWEST + 1)
    sizes = sizes[np.cumsum(sizes) <= len(staff)]
    count = len(sizes)
    firsts = np.cumsum(sizes) - sizes
    of_person = np.full(len(people), -1, dtype=np.int64)
    of_person[staff[: int(sizes.sum())]] = np.repeat(np.arange(count), sizes)
    joined = np.full(count, NEVER, dtype=np.int64)
    np.minimum.at(joined, of_person[of_person >= 0], people.joined[of_person >= 0])
    noise = dice.integers(0, 1 << 30, count)
    entered = joined - 3600 * (1 + noise % 200)
    start = np.maximum(entered, 0) + 3600
    later = start + (dice.random(count) * np.maximum(end - 3600 - start, 1)).astype(np.int64)
    has_parent = dice.random(count) < shares["has_parent"]
    size = choose(dice, np.array([0.2, 0.35, 0.3, 0.15]), count)
    organisations = Organisations(
        of_person=of_person,
        number=people.number[staff[firsts]],
        place=people.place[staff[firsts]],
        kind=choose(dice, np.array([0.8, 0.08, 0.07, 0.05]), count),
        size=size,
        new_size=np.where(size < len(SIZES) - 1, size + 1, size - 1),
        parent=np.where(has_parent, np.arange(count) - 1, -1),
        entered=entered,
        changed=np.where(dice.random(count) < shares["changes_size"], later, NEVER),
        is_delivered=dice.random(count) >= shares["undelivered"],
        noise=noise,
    )
    return organisations, _of_staff(dice, accounts, organisations, profile)


def _of_staff(
    dice: np.random.Generator, accounts: Accounts, organisations: Organisations, profile: Profile
) -> Accounts:
    """Give some of the staff's accounts the switchboard's number, others the firm's mail."""
    text = profile["text_dirt"]
    size = len(accounts)
    works = organisations.of_person[accounts.person] >= 0
    is_contact = works & (accounts.system == CRM)
    by_phone = works & (accounts.system != MARKETPLACE)
    by_phone &= dice.random(size) < text["phone_of_organisation"]
    has_general_email = is_contact & (dice.random(size) < text["email_of_organisation"])
    has_staff_email = is_contact & (dice.random(size) < profile["organisations"]["staff_email"])
    phone_dirt = PHONE_DIRT.index("phone_of_organisation") + 1
    email_dirt = EMAIL_DIRT.index("email_of_organisation") + 1
    return replace(
        accounts,
        phone_dirt=np.where(by_phone, phone_dirt, accounts.phone_dirt),
        has_phone=accounts.has_phone | by_phone,
        email_dirt=np.where(has_general_email, email_dirt, accounts.email_dirt),
        has_email=accounts.has_email | has_general_email,
        has_staff_email=has_staff_email,
    )


def register_organisations(con: duckdb.DuckDBPyConnection, organisations: Organisations) -> None:
    """Make the table of a chunk's organisations with their texts."""
    numbers = scattered(organisations.number, 99_999_989, 54_018_521)
    parent = np.maximum(organisations.parent, 0)
    has_parent = organisations.parent >= 0
    con.register("organisations_in", {
        "employer": np.arange(len(organisations)), "scattered": numbers,
        "parent_scattered": np.where(has_parent, numbers[parent] if len(numbers) else -1, -1),
        **{name: getattr(organisations, name) for name in (
            "place", "kind", "size", "new_size", "entered", "changed", "is_delivered", "noise")},
    })  # fmt: skip
    # Area codes that no person's number begins with.
    con.execute(f"""
        create or replace temp table organisations as
        select
            firm.* exclude (scattered, parent_scattered, place),
            'O' || lpad(cast(scattered as varchar), 8, '0') as organisation_id,
            case when parent_scattered >= 0
                then 'O' || lpad(cast(parent_scattered as varchar), 8, '0')
            end as parent_organisation_id,
            company_words.text as organisation_name,
            place.country as organisation_country, place.calling_code as switchboard_code,
            place.region as organisation_region, place.city as organisation_city,
            place.postcode as organisation_postcode,
            case place.calling_code
                when '1' then ['212', '213', '214', '215', '216', '217', '218', '219', '310', '312',
                    '313', '314', '315'][1 + scattered // 8000000]
                    || cast(2 + (scattered // 1000000) % 8 as varchar)
                    || lpad(cast(scattered % 1000000 as varchar), 6, '0')
                when '44' then '20' || lpad(cast(scattered as varchar), 8, '0')
                when '49' then '30' || lpad(cast(scattered as varchar), 8, '0')
                when '33' then '1' || lpad(cast(scattered as varchar), 8, '0')
                else '21' || lpad(cast(scattered as varchar), 8, '0')
            end as switchboard,
            case when place.calling_code = '1' then '' else '0' end || switchboard
                as switchboard_local,
            'firm' || cast(scattered as varchar) || '.example' as staff_domain,
            {_list(GENERAL_NAMES)}[1 + noise % {len(GENERAL_NAMES)}] || '@' || staff_domain
                as general_email,
            cast(1 + noise % 299 as varchar) || ' ' || street_words.text as organisation_address
        from organisations_in as firm
        inner join places as place on firm.place = place.id
        inner join company_words
            on place.first_company + (noise // 32) % place.company_count = company_words.id
        inner join street_words
            on place.first_street + (noise // 64) % place.street_count = street_words.id
    """)  # fmt: skip
    con.unregister("organisations_in")


def organisations() -> str:
    """Rows of crm.organisations: one when an organisation is entered, one when its size changes."""
    return f"""
        select
            organisation_id, organisation_name as name, {_list(KINDS)}[kind + 1] as kind,
            {_list(INDUSTRIES)}[1 + noise % {len(INDUSTRIES)}] as industry,
            {_list(SIZES)}[1 + case when version > 0 then new_size else size end] as size_band,
            case noise % 3 when 0 then switchboard_local
                when 1 then '+' || switchboard_code || ' ' || switchboard
                else '+' || switchboard_code || '-' || switchboard end as phone,
            general_email as email, staff_domain as mail_domain,
            organisation_country as country, organisation_region as region,
            organisation_city as city, organisation_address as address,
            organisation_postcode as postcode, parent_organisation_id,
            moment_text(entered) as created_at, moment_text(written) as updated_at,
            written as _written, written * 8388608 + employer as _order,
            cast(null as text) as _dirt
        from (
            select *, 0 as version, entered as written from organisations
            union all
            select *, 1 as version, changed as written from organisations where changed < {NEVER}
        )
        where is_delivered
    """


def truth_organisations() -> str:
    """The organisations as they are."""
    return """
        select
            firm.organisation_id, firm.parent_organisation_id, firm.organisation_name,
            '+' || firm.switchboard_code || firm.switchboard as switchboard, firm.general_email,
            count(people.person) as staff_count, firm.is_delivered
        from organisations as firm left join people on firm.employer = people.employer
        group by all order by organisation_id
    """


def make_relationships(
    seed: int, chunk: int, people: People, accounts: Accounts, organisations: Organisations,
    end: int, profile: Profile,
) -> dict[str, Ints | Flags]:  # fmt: skip
    """Draw the stated relationships between people.

    Columns: number (of the relationship), account and other_account (positions), kind (as in
    RELATIONSHIPS), is_orphan, noted (seconds), since (days since 1970, -1: nobody said), noise.
    """
    shares = profile["relationships"]
    dice = stream(seed, chunk, "relationships")
    size = len(people)
    everybody = np.arange(size)
    following = np.minimum(everybody + 1, size - 1)
    is_family = (people.household >= 0) & (people.household == people.household[following])
    is_family &= (following > everybody) & (dice.random(size) < shares["family"])
    other = dice.integers(0, size, size)
    is_friend = (other != everybody) & (people.kind == REGULAR) & (people.kind[other] == REGULAR)
    is_friend &= dice.random(size) < shares["friend"]
    employer = organisations.of_person
    order = np.argsort(employer, kind="stable")
    colleague = np.empty(size, dtype=np.int64)
    colleague[order] = np.append(order[1:], order[:1])
    is_colleague = (employer >= 0) & (employer == employer[colleague]) & (colleague != everybody)
    is_colleague &= dice.random(size) < shares["colleague"]
    person = np.concatenate([np.flatnonzero(is_family), np.flatnonzero(is_friend),
                             np.flatnonzero(is_colleague)])  # fmt: skip
    partner = np.concatenate([following[is_family], other[is_friend], colleague[is_colleague]])
    kind = np.repeat(np.arange(3), [is_family.sum(), is_friend.sum(), is_colleague.sum()])
    account, other_account = _best_account(accounts, person), _best_account(accounts, partner)
    count = len(person)
    start = np.maximum(accounts.registered[account], accounts.registered[other_account])
    start = np.maximum(start, 0)
    noted = start + (dice.random(count) * np.maximum(end - 3600 - start, 1)).astype(np.int64)
    return {
        "number": scattered(people.number[person] * 3 + kind, 99_999_989, 16_777_633),
        "account": account,
        "other_account": other_account,
        "kind": kind,
        "is_orphan": dice.random(count) < shares["orphan"],
        "noted": noted,
        "since_days_before": np.where(dice.random(count) < 0.3, -1, dice.integers(1, 6000, count)),
        "noise": dice.integers(0, 1 << 30, count),
    }


def _best_account(accounts: Accounts, person: Ints) -> Ints:
    """The account by which the service line names a person: its own contact, or else another."""
    found = np.full(len(person), -1, dtype=np.int64)
    for system in (CRM, SHOP, POS, MARKETPLACE):
        found = np.where(found >= 0, found, accounts.first[system, person])
    return found


def relationships(start: str) -> str:
    """Rows of crm.relationships; `relationships_in` must have been registered."""
    systems = "['shop', 'pos', 'marketplace', 'crm']"
    since = f"date {sql_text(start)} + cast(noted // {DAY} - since_days_before as integer)"
    return f"""
        select
            'R' || lpad(cast(relation.number as varchar), 8, '0') as relationship_id,
            {systems}[one.system + 1] as system, one.native_id,
            {systems}[other.system + 1] as related_system,
            case when is_orphan then 'X' || other.native_id else other.native_id end
                as related_native_id,
            {_list(RELATIONSHIPS)}[kind + 1] as kind,
            case when since_days_before >= 0 then cast({since} as varchar) end as since,
            {_list(SOURCES)}[1 + relation.noise % {len(SOURCES)}] as source,
            moment_text(noted) as created_at, moment_text(noted) as updated_at,
            noted as _written, noted * 134217728 + relation.number as _order,
            case when is_orphan then 'orphan_relationship' end as _dirt
        from relationships_in as relation
        inner join accounts as one on relation.account = one.account
        inner join accounts as other on relation.other_account = other.account
    """


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(sql_text(text) for text in texts) + "]"
