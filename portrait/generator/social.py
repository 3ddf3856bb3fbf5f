"""What customers show on social platforms: interests near to their tastes, followers, a mood."""

import duckdb
import numpy as np

from portrait.generator.accounts import MARKETPLACE, SYSTEMS, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.people import REGULAR, People
from portrait.generator.profile import Profile
from portrait.generator.purchases import Frame, take
from portrait.generator.random_streams import stream
from portrait.generator.service import one_of
from portrait.sql import sql_text

PLATFORMS = ("wechat", "Weibo", "抖音", "小红书", "Instagram")
SEPARATORS = (",", ";", " | ", "、", "，")


def make_profiles(
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    calendar: Calendar,
    categories: list[str],
    profile: Profile,
) -> Frame:
    """Draw which accounts are tied to a social profile, and what it shows.

    Columns: account (position), first and second (categories that the person likes, -1: not
    shown), other (a category by chance, -1: none), followers, sentiment (hundredths), observed
    (seconds), is_orphan, is_outside, noise.
    """
    shares = profile["social"]
    dice = stream(seed, chunk, "social profiles")
    size = len(accounts)
    person = accounts.person
    start = np.maximum(accounts.registered, 0)
    observed = (
        start + DAY + (dice.random(size) * np.maximum(calendar.end - start, 1)).astype(np.int64)
    )
    some = accounts.is_delivered & (people.kind[person] == REGULAR) & (observed < calendar.end)
    some &= (dice.random(size) < shares["known"]) & (accounts.system != MARKETPLACE)
    outside = dice.random(size) < shares["outside_scale"]
    mood = np.rint(np.clip(dice.normal(0.25, 0.35, size), -1, 1) * 100).astype(np.int64)
    taste, second = people.taste[person], people.second_taste[person]
    has_second = (second != taste) & (dice.random(size) < shares["shows_second_taste"])
    profiles = {
        "account": np.arange(size),
        "first": np.where(dice.random(size) < shares["shows_taste"], taste, -1),
        "second": np.where(has_second, second, -1),
        "other": np.where(
            dice.random(size) < shares["other_interest"],
            dice.integers(0, len(categories), size), -1,
        ),
        "followers": np.exp(dice.normal(4.5, 1.4, size)).astype(np.int64),
        "sentiment": np.where(outside, -500, mood),
        "observed": observed,
        "is_orphan": (dice.random(size) < shares["orphan"]) & ~outside,
        "is_outside": outside,
        "noise": dice.integers(0, 1 << 30, size),
    }  # fmt: skip
    return take(profiles, np.flatnonzero(some))


def register_profiles(
    con: duckdb.DuckDBPyConnection, profiles: Frame, first_profile: int, categories: list[str]
) -> None:
    """Make the table of a chunk's social profiles; `accounts` and `people` must be there."""
    words = "[" + ", ".join(sql_text(category) for category in categories) + "]"
    shown = ", ".join(
        f"case when profiles_in.{name} >= 0 then {words}[profiles_in.{name} + 1] end"
        for name in ("first", "second", "other")
    )
    con.register("profiles_in", {"profile": np.arange(len(profiles["account"])), **profiles})
    con.execute(f"""
        create or replace temp table social_profiles as
        select
            'O' || lpad(cast({first_profile} + profile as varchar), 9, '0') as social_profile_id,
            profiles_in.*, accounts.system, accounts.native_id, people.number as person_number,
            nullif(concat_ws({one_of(SEPARATORS, "profiles_in.noise")}, {shown}), '') as interests
        from profiles_in
        inner join accounts using (account)
        inner join people using (person)
    """)
    con.unregister("profiles_in")


def social_profiles() -> str:
    """Rows of crm.social_profiles."""
    systems = "[" + ", ".join(sql_text(system) for system in SYSTEMS) + "]"
    return f"""
        select
            social_profile_id, {systems}[system + 1] as system,
            case when is_orphan then 'X' || native_id else native_id end as native_id,
            {one_of(PLATFORMS, "noise // 8")} as platform,
            '@' || substr(md5(social_profile_id), 1, 8) as handle,
            cast(followers as varchar) as followers_count, interests,
            case when noise % 3 > 0 or is_outside
                then cast(cast(sentiment as decimal(9, 2)) / 100 as decimal(9, 2))::varchar end
                as sentiment,
            moment_text(observed) as observed_at, moment_text(observed) as updated_at,
            observed as _written, observed * 134217728 + profile as _order,
            case when is_orphan then 'orphan_social_profile'
                when is_outside then 'score_outside_scale' end as _dirt
        from social_profiles
    """


def truth_profiles() -> str:
    """The person behind each social profile."""
    return """
        select social_profile_id, person_number as person_id
        from social_profiles order by social_profile_id
    """
