"""What the systems wrote down about people: queries that make rows of text of accounts."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
from faker.providers.phone_number.zh_CN import Provider as ChinesePhones

from portrait.generator.accounts import (
    CRM,
    EMAIL_DIRT,
    MARKETPLACE,
    NAME_DIRT,
    PHONE_DIRT,
    POS,
    SHOP,
    Accounts,
    make_versions,
)
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.catalogue import Catalogue
from portrait.generator.facts import Facts, fact_columns, told_facts
from portrait.generator.people import (
    COUPON_ABUSER,
    LIFE,
    MOVES,
    NEVER,
    ORDER_BRUSHER,
    REFUND_ABUSER,
    TEST,
    People,
    locales_of,
)
from portrait.generator.profile import Profile
from portrait.generator.random_streams import Ints, scattered, stream
from portrait.generator.vocabulary import Vocabulary, ascii_word
from portrait.sql import sql_text

MAIL_DOMAINS = (
    "mail.example", "post.example", "inbox.example", "example.com", "example.net", "example.org",
)  # fmt: skip
PREFIXES = ("C", "M", "B", "K")  # of the accounts' ids, by system
EDUCATION = ("高中", "大专", "本科", "硕士", "博士")
INCOME = ("0-5k", "5-10k", "10-20k", "20-40k", "40k+")
DISTRICTS = ("中山区", "朝阳区", "滨江区", "高新区", "新城区", "江北区", "城南区", "开发区")
# A wrong character for the last one of a Chinese name: they look or sound alike.
LOOKALIKES = "伟玮炜薇维莉丽俐利静婧竞敬军君钧均芳方昉洋阳杨扬敏闽民明铭鸣杰洁捷浩皓昊涛滔"


def register_words(con: duckdb.DuckDBPyConnection, words: Vocabulary, catalogue: Catalogue) -> None:
    """Make the tables of words that all chunks share."""

    def table(name: str, columns: Mapping[str, Sequence[Any] | Ints]) -> None:
        con.register("words_in", {key: np.array(value) for key, value in columns.items()})
        con.execute(f"create table {name} as select * from words_in")
        con.unregister("words_in")

    given = words.given.texts
    table("given_words", {"id": range(len(given)), "text": given,
                          "mail": [ascii_word(text) for text in given]})  # fmt: skip
    family = words.family.texts
    table("family_words", {"id": range(len(family)), "text": family,
                           "mail": [ascii_word(text) for text in family]})  # fmt: skip
    for name, group in (
        ("street", words.streets),
        ("job", words.jobs),
        ("company", words.companies),
    ):
        table(f"{name}_words", {"id": range(len(group.texts)), "text": group.texts})
    table("roman_given", {"id": range(len(words.roman_given)), "text": words.roman_given})
    table("roman_family", {"id": range(len(words.roman_family)), "text": words.roman_family})
    places = words.places
    table("places", {
        "id": range(len(places)),
        **{name: [getattr(place, name) for place in places]
           for name in ("country", "calling_code", "locale", "region", "city", "postcode")},
        "first_street": [words.streets.first_of[place.locale] for place in places],
        "street_count": [words.streets.count_of[place.locale] for place in places],
        "first_job": [words.jobs.first_of[place.locale] for place in places],
        "job_count": [words.jobs.count_of[place.locale] for place in places],
        "first_company": [words.companies.first_of[place.locale] for place in places],
        "company_count": [words.companies.count_of[place.locale] for place in places],
    })  # fmt: skip
    stores = len(catalogue.store_place)
    table("store_numbers", {"id": range(stores), "place": catalogue.store_place})


def register_macros(con: duckdb.DuckDBPyConnection, calendar: Calendar, profile: Profile) -> None:
    """Make the SQL functions that write moments, amounts and what people mistype."""
    start = f"timestamp '{calendar.first_day} 00:00:00'"
    mails = "[" + ", ".join(sql_text(text) for text in profile["placeholders"]["emails"]) + "]"
    phones = "[" + ", ".join(sql_text(text) for text in profile["placeholders"]["phones"]) + "]"
    prefixes = "[" + ", ".join(f"'{number}'" for number in ChinesePhones.phonenumber_prefixes) + "]"
    macros = f"""
        moment_text(moment) as cast(
            make_timestamp(epoch_us({start}) + cast(moment as bigint) * 1000000) as varchar);
        utc_text(moment) as cast(
            make_timestamp(epoch_us({start}) + (cast(moment as bigint) - 28800) * 1000000)
            as varchar);
        day_text(number) as cast(date '1970-01-01' + cast(number as integer) as varchar);
        money_text(hundredths) as cast(
            cast(cast(hundredths as decimal(18, 2)) * 0.01 as decimal(18, 2)) as varchar);
        mistyped(word, noise) as case
            when length(word) < 3 then word || substr(word, length(word), 1)
            when noise % 3 = 0 then substr(word, 1, 1 + (noise // 8) % (length(word) - 1))
                || substr(word, 3 + (noise // 8) % (length(word) - 1))
            when noise % 3 = 1 then substr(word, 1, 1 + (noise // 8) % (length(word) - 2))
                || substr(word, 3 + (noise // 8) % (length(word) - 2), 1)
                || substr(word, 2 + (noise // 8) % (length(word) - 2), 1)
                || substr(word, 4 + (noise // 8) % (length(word) - 2))
            else substr(word, 1, 1 + (noise // 8) % (length(word) - 1))
                || substr(word, 1 + (noise // 8) % (length(word) - 1))
            end;
        mistyped_chinese(word, noise) as substr(word, 1, length(word) - 1)
            || substr('{LOOKALIKES}', 1 + noise % {len(LOOKALIKES)}, 1);
        mistyped_digit(number, noise) as substr(number, 1, 3 + noise % 6)
            || cast((cast(substr(number, 4 + noise % 6, 1) as integer) + 1 + (noise // 8) % 8) % 10
                as varchar)
            || substr(number, 5 + noise % 6);
        placeholder_email(noise) as {mails}[1 + noise % {len(profile["placeholders"]["emails"])}];
        placeholder_phone(noise) as {phones}[1 + noise % {len(profile["placeholders"]["phones"])}];
        national_number(code, number) as case code
            when '1' then ['201', '303', '404', '512', '602', '617', '702', '773', '808', '845',
                '901', '917', '971'][1 + number // 8000000]
                || cast(2 + (number // 1000000) % 8 as varchar)
                || lpad(cast(number % 1000000 as varchar), 6, '0')
            when '44' then '74' || lpad(cast(number as varchar), 8, '0')
            when '49' then '151' || lpad(cast(number as varchar), 8, '0')
            when '33' then '6' || lpad(cast(number as varchar), 8, '0')
            else {prefixes}[1 + (number // 7) % {len(ChinesePhones.phonenumber_prefixes)}]
                || lpad(cast(number as varchar), 8, '0')
            end;
        full_width(word) as translate(word,
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ'
            || 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ')
    """
    for macro in macros.split(";\n"):
        con.execute(f"create or replace macro {macro}")


def phone_numbers(people: People) -> tuple[Ints, Ints]:
    """The number of each person before and after a change, as digits below 100 million."""
    before = scattered(people.number * 2, 99_999_989, 31_415_927)
    after = scattered(people.number * 2 + 1, 99_999_989, 31_415_927)
    taken = people.takes_phone_of
    before = np.where(taken >= 0, before[np.maximum(taken, 0)], before)
    return before[people.phone_of], after[people.phone_of]


def register_people(
    con: duckdb.DuckDBPyConnection,
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    employer: Ints,
    calendar: Calendar,
    words: Vocabulary,
) -> None:
    """Make the tables of a chunk's people and accounts; `versions` has the accounts' texts.

    `employer` is the position of each person's organisation (-1: none) in `organisations`.
    """
    size = len(people)
    dice = stream(seed, chunk, "texts of people")
    weights = np.array([place.weight for place in words.places])
    country = np.array([place.country for place in words.places])
    new_place = people.place.copy()
    for name in np.unique(country):
        there = np.flatnonzero(country == name)
        some = np.flatnonzero(country[people.place] == name)
        new_place[some] = dice.choice(there, len(some), p=weights[there] / weights[there].sum())
    leader = np.where(people.household >= 0, people.household, np.arange(size))
    phone, new_phone = phone_numbers(people)
    shared = np.bincount(people.phone_of, minlength=size)[people.phone_of] > 1
    con.register("people_in", {
        "person": np.arange(size), "number": people.number, "kind": people.kind,
        "is_female": people.is_female, "is_latin": people.is_latin,
        "is_english": locales_of(people.place, people.is_latin, words) == "en_US",
        "given": people.given, "family": people.family, "married_family": people.married_family,
        "abuse": people.abuse, "birth_day": people.birth_day, "place": people.place,
        "new_place": new_place, "moved": people.life[:, MOVES],
        "phone": phone, "new_phone": new_phone, "shares_phone": shared,
        "employer": employer,
        "home": dice.integers(0, 1 << 30, size)[leader], "noise": dice.integers(0, 1 << 30, size),
    })  # fmt: skip
    domains = ", ".join(f"'{domain}'" for domain in MAIL_DOMAINS)
    _create(con, "people", "people_in", f"""
        select
            people_in.* exclude (given, family, married_family, place, new_place, phone, new_phone),
            given_words.text as given,
            family_words.text as family,
            married.text as married_family,
            place.country, place.calling_code,
            place.region, place.city, place.postcode, place.first_street, place.street_count,
            next.region as new_region, next.city as new_city, next.postcode as new_postcode,
            job_words.text as job, company_words.text as company,
            national_number(place.calling_code, people_in.phone) as phone,
            national_number(place.calling_code, people_in.new_phone) as new_phone,
            case when given_words.mail <> '' then given_words.mail else roman_given.text end
                || ['.', '', '_', '-'][1 + people_in.noise % 4]
                || case
                    when family_words.mail <> '' then family_words.mail else roman_family.text
                end as mail_name,
            '@' || [{domains}][1 + (people_in.noise // 16) % {len(MAIL_DOMAINS)}] as mail_domain,
            mail_name || cast(people_in.number * 2 as varchar) || mail_domain as email,
            mail_name || cast(people_in.number * 2 + 1 as varchar) || mail_domain as second_email,
            mail_name || cast(people_in.number * 2 + 1 as varchar)
                || '@' || [{domains}][1 + (people_in.noise // 16 + 1) % {len(MAIL_DOMAINS)}]
                as new_email,
            firm.organisation_id, firm.organisation_name, firm.switchboard_code,
            firm.switchboard, firm.switchboard_local, firm.staff_domain, firm.general_email
        from people_in
        left join organisations as firm on people_in.employer = firm.employer
        inner join given_words on people_in.given = given_words.id
        inner join family_words on people_in.family = family_words.id
        inner join family_words as married on people_in.married_family = married.id
        inner join places as place on people_in.place = place.id
        inner join places as next on people_in.new_place = next.id
        inner join roman_given
            on people_in.noise % (select count(*) from roman_given) = roman_given.id
        inner join roman_family
            on (people_in.noise // 64) % (select count(*) from roman_family) = roman_family.id
        inner join job_words
            on place.first_job + (people_in.noise // 8) % place.job_count = job_words.id
        inner join company_words
            on place.first_company + (people_in.noise // 32) % place.company_count
                = company_words.id
    """)  # fmt: skip
    _register_accounts(con, accounts, people, calendar)
    _create_versions(con)


def _create(con: duckdb.DuckDBPyConnection, name: str, source: str, query: str) -> None:
    con.execute(f"create or replace temp table {name} as {query}")
    con.unregister(source)


def _register_accounts(
    con: duckdb.DuckDBPyConnection, accounts: Accounts, people: People, calendar: Calendar
) -> None:
    is_shop = np.flatnonzero(accounts.system == SHOP)
    inviter = np.full(len(accounts), -1, dtype=np.int64)
    if len(is_shop):
        asked = is_shop[accounts.noise % len(is_shop)]
        invited = (accounts.noise % 100 < 8) & (accounts.system == SHOP)
        invited &= accounts.registered[asked] < accounts.registered
        inviter = np.where(invited, asked, -1)
    con.register("accounts_in", {
        "account": np.arange(len(accounts)), "inviter": inviter,
        **{name: getattr(accounts, name) for name in (
            "system", "person", "ordinal", "number", "registered", "is_delivered", "name_dirt",
            "name_is_masked", "email_dirt", "phone_dirt", "birth_dirt", "has_email", "has_phone",
            "has_staff_email", "has_birth_date", "has_address", "has_gender", "is_split", "noise")},
    })  # fmt: skip
    prefixes = ", ".join(f"'{prefix}'" for prefix in PREFIXES)
    _create(
        con,
        "accounts",
        "accounts_in",
        f"""
        select
            *,
            [{prefixes}][system + 1] || lpad(cast(number as varchar), 8, '0') as native_id
        from accounts_in
    """,
    )
    con.register("versions_in", make_versions(accounts, people, calendar))
    con.execute("create or replace temp table account_versions as select * from versions_in")
    con.unregister("versions_in")


def _create_versions(con: duckdb.DuckDBPyConnection) -> None:
    """One row per version of an account, with what its system wrote down, in text."""
    name = {kind: place for place, kind in enumerate(NAME_DIRT, 1)}
    mail = {kind: place for place, kind in enumerate(EMAIL_DIRT, 1)}
    phone = {kind: place for place, kind in enumerate(PHONE_DIRT, 1)}
    districts = ", ".join(f"'{district}'" for district in DISTRICTS)
    con.execute(f"""
        create or replace temp table versions as
        with known as (
            select
                versions.account, versions.written,
                accounts.* exclude (account),
                people.* exclude (person, number, noise, family, phone, email),
                people.number as person_number,
                people.noise as person_noise,
                people.family as born_family,
                case
                    when people.kind = {TEST} then ['测试', 'Test', 'test'][1 + accounts.noise % 3]
                    else people.given
                end as true_given,
                case
                    when people.kind = {TEST} then ['账号', 'User', 'test'][1 + accounts.noise % 3]
                    when versions.has_married then people.married_family
                    else people.family
                end as true_family,
                case
                    -- every other account of an abuser of coupons has a number of its own
                    when people.abuse = {COUPON_ABUSER} and accounts.ordinal % 2 = 1 then
                        substr(people.phone, 1, length(people.phone) - 3) || lpad(cast(
                            (cast(right(people.phone, 3) as integer) + accounts.ordinal * 137)
                                % 1000 as varchar), 3, '0')
                    when versions.has_new_phone then people.new_phone
                    else people.phone
                end as true_phone,
                case
                    when accounts.has_staff_email then
                        people.mail_name || cast(people.number * 2 as varchar)
                            || '@' || people.staff_domain
                    when versions.has_new_email then people.new_email
                    when people.abuse = {COUPON_ABUSER} and accounts.ordinal > 0 then
                        people.mail_name || cast(people.number * 2 + 1 as varchar) || '.'
                            || cast(accounts.ordinal as varchar) || people.mail_domain
                    when accounts.ordinal > 0 then people.second_email
                    else people.email
                end as true_email,
                case when versions.has_moved then new_region else region end as true_region,
                case when versions.has_moved then new_city else city end as true_city,
                case when versions.has_moved then new_postcode else postcode end as true_postcode,
                (home + cast(versions.has_moved as integer) * 7919) as house,
                stores.place as store_place
            from account_versions as versions
            inner join accounts using (account)
            inner join people using (person)
            left join store_numbers as stores
                on stores.id = (accounts.noise // 128) % (select count(*) from store_numbers)
        ),
        written as (
            select
                *,
                case name_dirt
                    when {name["name_typo"]} then case
                        when is_latin then mistyped(true_given, noise)
                        else mistyped_chinese(true_given, noise) end
                    when {name["name_swapped"]} then true_family
                    when {name["name_abbreviated"]} then
                        case when is_latin then substr(true_given, 1, 1) || '.'
                            when is_female then '女士'
                            else '先生' end
                    when {name["name_missing"]} then null
                    when {name["name_full_width"]} then full_width(true_given)
                    else true_given
                end as given_text,
                case name_dirt
                    when {name["name_swapped"]} then true_given
                    when {name["name_missing"]} then null
                    when {name["name_full_width"]} then full_width(true_family)
                    else true_family
                end as family_text,
                case
                    when not has_email then null
                    when email_dirt = {mail["email_typo"]} then
                        mistyped(split_part(true_email, '@', 1), noise // 4)
                            || '@' || split_part(true_email, '@', 2)
                    when email_dirt = {mail["email_placeholder"]} then placeholder_email(noise // 4)
                    when email_dirt = {mail["email_missing"]} then null
                    when email_dirt = {mail["email_of_organisation"]} then general_email
                    when email_dirt = {mail["email_untidy"]} then
                        case noise % 2 when 0 then upper(true_email)
                            else ' ' || upper(substr(true_email, 1, 1)) || substr(true_email, 2)
                                || ' '
                        end
                    else true_email
                end as email_text,
                case phone_dirt
                    when {phone["phone_typo"]} then mistyped_digit(true_phone, noise // 2)
                    when {phone["phone_of_store"]} then
                        national_number('86', 99000000 + cast(store_place as bigint))
                    else true_phone
                end as digits
            from known
        ),
        dialled as (
            select
                *,
                case when calling_code in ('44', '49', '33') then '0' else '' end || digits as local
            from written
        )
        select
            * exclude (
                digits, local, mail_name, mail_domain, second_email, new_email, new_phone,
                true_given, true_family
            ),
            true_given, true_family,
            nullif(case
                when is_latin then concat_ws(' ', given_text, family_text)
                else concat(family_text, given_text)
            end, '') as name_text,
            case
                when not has_phone then null
                when phone_dirt = {phone["phone_placeholder"]} then placeholder_phone(noise // 2)
                when phone_dirt = {phone["phone_missing"]} then null
                when phone_dirt = {phone["phone_of_organisation"]} then case
                    when calling_code = switchboard_code and noise % 3 < 2 then switchboard_local
                    else '+' || switchboard_code || ' ' || switchboard
                    end
                when phone_dirt = {phone["phone_untidy"]} then case noise % 4
                    when 0 then '+' || calling_code || ' ' || digits
                    when 1 then '00' || calling_code || '-' || digits
                    when 2 then substr(local, 1, 3) || ' ' || substr(local, 4, 4) || ' '
                        || substr(local, 8)
                    else substr(local, 1, 3) || '-' || substr(local, 4, 4) || '-'
                        || substr(local, 8)
                    end
                when phone_dirt = {phone["phone_full_width"]} then full_width(local)
                when phone_dirt = {phone["masked_phone"]} then
                    substr(local, 1, 3) || '****' || right(local, 4)
                else local
            end as phone_text,
            case
                when not has_birth_date then null
                when birth_dirt = 0 then day_text(birth_day)
                when day(cast(day_text(birth_day) as date)) <= 12
                    and day(cast(day_text(birth_day) as date))
                        <> month(cast(day_text(birth_day) as date))
                    then substr(day_text(birth_day), 1, 5) || substr(day_text(birth_day), 9, 2)
                        || '-' || substr(day_text(birth_day), 6, 2)
                else cast(cast(substr(day_text(birth_day), 1, 4) as integer) + 1 as varchar)
                    || '-' || substr(day_text(birth_day), 6, 3) || '01'
            end as birth_text,
            case when has_gender then case
                when is_latin then case when is_female then 'female' else 'male' end
                when noise % 2 = 0 then case when is_female then '女' else '男' end
                else case when is_female then 'f' else 'm' end
            end end as gender_text,
            case when has_address then case
                when country = 'CN' then [{districts}][1 + house % {len(DISTRICTS)}] || street.text
                    || cast(1 + house % 299 as varchar) || '号'
                    || cast(1 + (house // 512) % 30 as varchar) || '楼'
                    || cast(101 + (house // 64) % 900 as varchar) || '室'
                when country in ('DE') then street.text || ' ' || cast(1 + house % 199 as varchar)
                else cast(1 + house % 299 as varchar) || ' ' || street.text
            end end as address_text,
            case when has_address then true_postcode end as postcode_text
        from dialled
        left join street_words as street on first_street + house % street_count = street.id
    """)


def _people_columns(profile: Profile) -> str:
    birth_place, former_name = (
        int(profile["facts"][name] * 1000) for name in ("birth_place", "former_name")
    )
    return f"""
        case when is_split then null else name_text end as full_name,
        case when is_split then given_text end as first_name,
        case when is_split then family_text end as last_name,
        email_text as email, phone_text as phone, birth_text as birth_date, gender_text as gender,
        country, true_region as region, true_city as city, address_text as address,
        postcode_text as postcode,
        case when (versions.noise // 4096) % 1000 < {birth_place}
            then case when person_noise % 3 < 2 then city else new_city end end as birth_place,
        case when true_family <> born_family and true_family = married_family
                and (versions.noise // 8192) % 1000 < {former_name}
            then case when is_latin then 'née ' || born_family
                else born_family || true_given end end as aliases
    """


LOYALTY_NUMBER = "lpad(cast((person_number * 7368787 + 3) % 9999999967 as varchar), 10, '0')"
PLATFORM_ID = "'tb' || lpad(cast((person_number * 5915587 + 11) % 9999999967 as varchar), 10, '0')"


def customers(profile: Profile) -> str:
    """Rows of shop.customers; `facts` must be there."""
    share = profile["facts"]["told"]
    education = ", ".join(f"'{word}'" for word in EDUCATION)
    income = ", ".join(f"'{word}'" for word in INCOME)
    return f"""
        select
            versions.native_id as customer_id, {_people_columns(profile)},
            case when versions.noise % 5 < 2 then job end as occupation,
            case when versions.noise % 7 < 3 then [{education}][1 + person_noise % 5] end
                as education,
            case when versions.noise % 9 < 3 then [{income}][1 + (person_noise // 5) % 5] end
                as income_band,
            {told_facts(share, 0)},
            case when kind = 1 or versions.noise % 29 = 0 then company end as organisation,
            case versions.noise % 8 when 0 then 'false' when 1 then null when 2 then 'yes'
                else 'true' end as has_email_consent,
            case (versions.noise // 8) % 6 when 0 then '0' when 1 then null when 2 then '是'
                else '1' end as has_sms_consent,
            inviter_native_id as inviter_customer_id,
            case when has_facts and (versions.noise // 2048) % 1000
                < {int(profile["facts"]["registration_source"] * 1000)} then fact_source end
                as registration_source,
            moment_text(versions.registered) as registered_at, moment_text(written) as updated_at,
            written as _written, written * 1048576 + versions.account as _order,
            cast(null as text) as _dirt
        from versions
        left join (
            select account as inviter, native_id as inviter_native_id from accounts
        ) as inviters using (inviter)
        inner join facts using (person)
        where versions.system = {SHOP}
    """


def members(profile: Profile) -> str:
    """Rows of pos.members; `facts` must be there."""
    shares = profile["facts"]
    education = ", ".join(f"'{word}'" for word in EDUCATION)
    income = ", ".join(f"'{word}'" for word in INCOME)
    asked = f"(versions.noise // 1024) % 1000 < {int(shares['member_profession'] * 1000)}"
    return f"""
        select
            native_id as member_id, {LOYALTY_NUMBER} as loyalty_number, {_people_columns(profile)},
            case when {asked} then job end as occupation,
            case when {asked} then [{education}][1 + person_noise % 5] end as education,
            case when {asked} then [{income}][1 + (person_noise // 5) % 5] end as income_band,
            {told_facts(shares["told"], 1)},
            case noise % 8 when 0 then 'N' when 1 then null else 'Y' end as has_email_consent,
            case noise % 5 when 0 then 'N' when 1 then null else 'Y' end as has_sms_consent,
            'ST' || lpad(cast(1 + (noise // 128) % (select count(*) from store_numbers) as varchar),
                3, '0') as home_store_id,
            moment_text(registered) as joined_at, moment_text(written) as updated_at,
            written as _written, written * 1048576 + account as _order, cast(null as text) as _dirt
        from versions inner join facts using (person) where system = {POS}
    """


def buyers() -> str:
    """Rows of marketplace.buyers."""
    masked = "substr(name_text, 1, 1) || case when is_latin then '***' else '**' end"
    return f"""
        select
            native_id as buyer_id, {PLATFORM_ID} as platform_id,
            'u' || lower(substr(md5(native_id), 1, 6)) as nickname,
            case when name_is_masked then {masked} else name_text end as full_name,
            email_text as email, phone_text as phone, country, true_region as region,
            true_city as city,
            case when name_is_masked then null else address_text end as address,
            case when name_is_masked then null else postcode_text end as postcode,
            moment_text(registered) as registered_at, moment_text(written) as updated_at,
            written as _written, written * 1048576 + account as _order, cast(null as text) as _dirt
        from versions where system = {MARKETPLACE}
    """


def contacts(profile: Profile) -> str:
    """Rows of crm.contacts; the caller gives the number on the card, or does not.

    `facts` must be there.
    """
    knows = int(profile["records"]["crm_knows_card"] * 1000)
    education = ", ".join(f"'{word}'" for word in EDUCATION)
    income = ", ".join(f"'{word}'" for word in INCOME)
    return f"""
        select
            versions.native_id as contact_id,
            case when card_account is not null and (versions.noise // 16) % 1000 < {knows}
                then {LOYALTY_NUMBER} end as loyalty_number,
            {_people_columns(profile)},
            case when versions.noise % 3 = 0 then job end as occupation,
            case when versions.noise % 11 < 3 then [{education}][1 + person_noise % 5] end
                as education,
            case when versions.noise % 13 < 3 then [{income}][1 + (person_noise // 5) % 5] end
                as income_band,
            {told_facts(profile["facts"]["told"], 2)},
            case when employer >= 0 then organisation_name
                when kind = 1 or versions.noise % 29 = 0 then company end as organisation,
            organisation_id,
            case versions.noise % 7 when 0 then 'no' when 1 then null else 'yes' end
                as has_email_consent,
            case versions.noise % 6 when 0 then '否' when 1 then null else '是' end
                as has_sms_consent,
            moment_text(versions.registered) as created_at, moment_text(written) as updated_at,
            written as _written, written * 1048576 + versions.account as _order,
            cast(null as text) as _dirt
        from versions
        left join (
            select person, account as card_account from accounts
            where system = {POS} and ordinal = 0
        ) as cards using (person)
        inner join facts using (person)
        where versions.system = {CRM}
    """


def identifiers(profile: Profile, end: int) -> str:
    """Rows of crm.identifiers: further numbers of a person, and ids in other systems."""
    shares = {name: int(share * 1000) for name, share in profile["records"].items()}

    turns = ("loyalty_number", "platform_id", "record", "email", "phone")

    def row(own: str, kind: str, issuer: str, value: str, condition: str, links: str = "") -> str:
        return f"""
            select
                {own}.system, {own}.native_id, '{kind}' as identifier_type,
                {value} as identifier_value, {issuer} as issuer,
                greatest({own}.registered{", " + links + ".registered" if links else ""}) + 7200
                    as written, {own}.account * 8 + {turns.index(kind)} as turn
            from accounts as {own}
            inner join people on {own}.person = people.person
            {f"inner join accounts as {links} on {own}.person = {links}.person" if links else ""}
            where {own}.is_delivered and {condition}
        """

    def number(text: str) -> str:
        return text.replace("person_number", "people.number")

    rows = [
        row("shop", "loyalty_number", "'pos'", number(LOYALTY_NUMBER),
            f"shop.system = {SHOP} and member.system = {POS} and member.ordinal = 0"
            f" and (shop.noise // 32) % 1000 < {shares['shop_links_card']}", "member"),
        row("shop", "platform_id", "'marketplace'", number(PLATFORM_ID),
            f"shop.system = {SHOP} and buyer.system = {MARKETPLACE} and buyer.ordinal = 0"
            f" and (shop.noise // 64) % 1000 < {shares['shop_links_platform']}", "buyer"),
        row("contact", "record", "'shop'", "shop.native_id",
            f"contact.system = {CRM} and shop.system = {SHOP} and shop.ordinal = 0"
            f" and (contact.noise // 32) % 1000 < {shares['crm_links_shop']}", "shop"),
        row("contact", "email", "cast(null as text)",
            "people.email",
            f"contact.system = {CRM} and (contact.noise // 64) % 1000"
            f" < {shares['crm_knows_old_contact'] // 2}"),
        row("contact", "phone", "cast(null as text)",
            "'+' || people.calling_code || people.phone",
            f"contact.system = {CRM} and (contact.noise // 128) % 1000"
            f" < {shares['crm_knows_old_contact'] // 2}"),
    ]  # fmt: skip
    return f"""
        select
            ['shop', 'pos', 'marketplace', 'crm'][system + 1] as system, native_id,
            identifier_type, identifier_value, issuer, moment_text(written) as updated_at,
            written as _written, written * 8388608 + turn as _order, cast(null as text) as _dirt
        from ({" union all ".join(rows)})
        where written < {end}
    """


def truth_people(categories: list[str], brands: tuple[str, ...]) -> str:
    """The people as they are; `people_facts` must have been registered."""
    kinds = "['regular', 'reseller', 'test'][kind + 1]"
    education = ", ".join(f"'{word}'" for word in EDUCATION)
    income = ", ".join(f"'{word}'" for word in INCOME)
    category = "[" + ", ".join(sql_text(text) for text in categories) + "]"
    brand = "[" + ", ".join(sql_text(text) for text in brands) + "]"
    changes = ", ".join(
        f"case when {name} < {NEVER} then moment_text({name}) end as {name}_at" for name in LIFE
    )
    return f"""
        select
            people.number as person_id, {kinds} as person_kind,
            case when household >= 0 then household end as household_id,
            organisation_id, shares_phone, shares_device, given as first_name, family as last_name,
            day_text(birth_day) as birth_date,
            case when is_female then 'female' else 'male' end as gender, country, city,
            {category}[taste + 1] as favourite_category,
            {category}[second_taste + 1] as second_favourite_category,
            case when brand >= 0 then {brand}[brand + 1] end as main_brand,
            is_regular, loves_promotions, round(rate, 4) as purchase_rate,
            job as occupation, [{education}][1 + noise % 5] as education,
            [{income}][1 + (noise // 5) % 5] as income_band, marital_status, children_count,
            household_size, home_kind, information_channel, shopping_gender,
            abuse = {COUPON_ABUSER} as is_coupon_abuser,
            abuse = {REFUND_ABUSER} as is_refund_abuser,
            abuse = {ORDER_BRUSHER} as is_order_brusher,
            moment_text(joined) as joined_at, moment_text(lost) as lost_at, {changes}
        from people inner join people_facts using (person)
        order by person_id
    """


def truth_records() -> str:
    """Which record is which person, and what is wrong with it."""
    name, mail, phone = (
        "[" + ", ".join(f"'{kind}'" for kind in kinds) + "]"
        for kinds in (NAME_DIRT, EMAIL_DIRT, PHONE_DIRT)
    )
    return f"""
        select
            ['shop', 'pos', 'marketplace', 'crm'][system + 1] as system, native_id,
            people.number as person_id, ordinal + 1 as account_number, is_delivered,
            concat_ws(' ',
                {name}[name_dirt],
                case when name_is_masked then 'name_masked' end,
                case when has_email then {mail}[email_dirt] end,
                case when has_phone then {phone}[phone_dirt] end,
                case when has_birth_date and birth_dirt > 0 then 'birth_date_typo' end
            ) as dirt
        from accounts inner join people using (person)
        order by system, native_id
    """


def people_facts(people: People, facts: Facts) -> dict[str, np.ndarray]:
    """The facts of people that only the truth shows, as columns."""
    shared = np.bincount(people.device_of, minlength=len(people))[people.device_of] > 1
    household = np.where(people.household >= 0, people.number[np.maximum(people.household, 0)], -1)
    return {
        "person": np.arange(len(people)),
        "household": household,
        "shares_device": shared,
        "taste": people.taste,
        "second_taste": people.second_taste,
        **fact_columns(facts),
        "brand": people.brand,
        "is_regular": people.is_regular,
        "loves_promotions": people.loves_promotions,
        "rate": people.rate,
        "joined": people.joined,
        "lost": np.minimum(people.lost, 36_500 * DAY),
        **{name: people.life[:, place] for place, name in enumerate(LIFE)},
    }
