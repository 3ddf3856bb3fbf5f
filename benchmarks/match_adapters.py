"""Published sets of records with known duplicates, in the shape of int_match_records.

Each adapter is one query: the columns that the set has, folded as the models fold them, and
`entity`, the truth. What a set lacks stays null.
"""

from __future__ import annotations

from pathlib import Path

# The text columns of int_match_records that a set may bring.
COLUMNS = (
    "first_name", "last_name", "han_name", "han_given_name", "han_family_name", "birth_date",
    "birth_place", "gender", "email", "phone", "masked_phone", "street", "house_number",
    "address_rest", "postcode", "city", "region", "occupation", "middle_name", "name_suffix",
    "single_number_1", "single_number_2", "single_number_3", "other_number",
)  # fmt: skip


def fold(column: str) -> str:
    """A text without blanks and punctuation, in lower case; null where nothing is left."""
    letters = f"regexp_replace(lower({column}), '[^a-z0-9]+', '', 'g')"
    return f"nullif({letters}, '')"


def febrl(folder: Path, number: int) -> str:
    """FEBRL's data sets: values carry a leading blank; the entity is the number behind `rec-`."""
    columns = [
        "rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb",
        "postcode", "state", "date_of_birth", "soc_sec_id",
    ]  # fmt: skip
    types = ", ".join(f"'{name}': 'varchar'" for name in columns)
    file = folder / "febrl" / f"dataset{number}.csv"
    return f"""
        select
            split_part(trim(rec_id), '-', 2) as entity,
            {fold("given_name")} as first_name,
            {fold("surname")} as last_name,
            {fold("date_of_birth")} as birth_date,
            {fold("street_number")} as house_number,
            nullif(regexp_replace({fold("address_1")}, '[0-9]', '', 'g'), '') as street,
            {fold("address_2")} as address_rest,
            {fold("suburb")} as city,
            {fold("postcode")} as postcode,
            {fold("state")} as region,
            'social_security:' || {fold("soc_sec_id")} as other_number
        from read_csv('{file}', header = true, columns = {{{types}}})
    """


def fake_1000(folder: Path) -> str:
    """Splink's fake_1000: names, birth date, city and mail of a thousand records."""
    return f"""
        select
            cluster as entity,
            {fold("first_name")} as first_name,
            {fold("surname")} as last_name,
            {fold("dob")} as birth_date,
            nullif(lower(trim(email)), '') as email,
            {fold("city")} as city
        from read_csv('{folder / "fake_1000" / "fake_1000.csv"}', header = true, all_varchar = true)
    """


def adapters(folder: Path) -> dict[str, str]:
    """The query of each set, by name."""
    return {
        "FEBRL 1": febrl(folder, 1),
        "FEBRL 3": febrl(folder, 3),
        "fake_1000": fake_1000(folder),
    }


def records_sql(query: str, spelling: str) -> str:
    """The query as rows of int_match_records with a record_key, and the entity beside them.

    spelling: the macro of that name on first_name.
    """
    letters, digits = (
        f"regexp_replace(split_part(email, '@', 1), '[^{kept}]', '', 'g')"
        for kept in ("a-z", "0-9")
    )
    shown = " or ".join(
        f"(length({name}) >= 3 and contains({letters}, {name}))"
        for name in ("first_name", "last_name")
    )
    empty = ", ".join(f"cast(null as varchar) as {name}" for name in COLUMNS)
    return f"""
        with brought as (
            select * from (select '' as entity, {empty} where false)
            union all by name
            ({query})
        )
        select
            cast(row_number() over () as bigint) as record_key,
            brought.*,
            coalesce(nicknames.name_root, first_name) as first_name_root,
            coalesce(nicknames.other_root, nicknames.name_root, first_name)
                as first_name_other_root,
            {spelling} as first_name_spelling,
            given_names.name is not null as is_given_name,
            false as is_organisation,
            {letters} as email_letters,
            {digits} as email_digits,
            {shown} as is_email_of_name,
            street || ' ' || house_number as address,
            left(postcode, greatest(length(postcode) - 3, 3)) as postcode_area
        from brought
        left join reference.match_nicknames as nicknames on first_name = nicknames.name
        left join reference.given_names as given_names on first_name = given_names.name
    """
