"""The campaigns: who is contacted or held out, what they do then, and which orders that causes.

What a contact causes is known: each kind of customer has a probability of one more order for each
kind of campaign (UPLIFT), and all other orders would have come anyway.
"""

from dataclasses import dataclass

import duckdb
import numpy as np

from portrait.generator.accounts import POS, SHOP, SYSTEMS, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.catalogue import CURRENCIES, Catalogue
from portrait.generator.people import COUPON_ABUSER, REGULAR, People
from portrait.generator.profile import Profile
from portrait.generator.random_streams import Floats, Ints, stream
from portrait.generator.vocabulary import Vocabulary
from portrait.sql import sql_text

Frame = dict[str, np.ndarray]
HOUR = 3600
FIRST_DAY, LAST_DAYS = 20, 16  # no campaign in the first days of a period, nor in the last ones
WINDOW_DAYS = 14
NEW_DAYS = 90
FATIGUE_DAYS = 45
FATIGUE = 0.7  # of the effect that is left after each earlier contact of these days
HELD_OUT, FIRST_ARM, SECOND_ARM = 0, 1, 2
SECOND_ARM_SHARE = 0.6  # of the effect of the first treatment
# What a campaign is for, its name, words for kind and channel, whether it has a coupon and a second
# treatment, and what a contact costs.
MAIL, MESSAGE, APP = 0, 1, 2
ACTIONS = ("promotion", "newsletter", "win_back", "welcome", "cross_sell")
CROSS_SELL = ACTIONS.index("cross_sell")
NAMES = ("季节大促", "本月精选", "好久不见", "欢迎加入", "搭配推荐")
KIND_WORDS = ("促销", "newsletter", "win-back", "welcome", "cross_sell")
AUDIENCES = ("promotion lovers", "everybody", "gone customers", "new customers", "steady customers")
CHANNELS = (MAIL, MAIL, MESSAGE, MAIL, APP)
CHANNEL_WORDS = ("email", "短信", "app_push")
CONTACT_COSTS = ("0.02", "0.06", "0.005")
HAS_COUPON = (True, False, True, True, False)
ARMS = (2, 1, 2, 1, 1)
# The kinds of customers as a campaign finds them, and how likely one more order is.
NEW, GONE, PROMOTION_LOVER, STEADY, CASUAL = range(5)
CUSTOMER_KINDS = ("new", "gone", "promotion_lover", "steady", "casual")
UPLIFT = np.array([
    [0.04, 0.01, 0.16, 0.00, 0.03],
    [0.03, 0.00, 0.02, 0.01, 0.02],
    [0.00, 0.09, 0.02, 0.00, 0.02],
    [0.14, 0.01, 0.03, 0.00, 0.01],
    [0.03, 0.00, 0.02, 0.09, 0.04],
])  # fmt: skip
OPENED = np.array([0.35, 0.12, 0.45, 0.25, 0.2])  # by kind of customer
NEVER_DONE = -1
TOUCH_DAYS = 4  # so long after a click a visit comes by the campaign


@dataclass(frozen=True)
class Campaigns:
    """Arrays with one value per campaign: its action, first moment, share held out and coupon."""

    action: Ints
    start: Ints
    holdout: Floats
    coupon: Ints

    def __len__(self) -> int:
        """How many campaigns."""
        return len(self.action)


def campaign_id(place: str) -> str:
    """SQL of the id of a campaign, by its place."""
    return f"'CP' || lpad(cast({place} + 1 as varchar), 4, '0')"


def make_campaigns(calendar: Calendar, catalogue: Catalogue, profile: Profile) -> Campaigns:
    """Lay out the campaigns of a period, evenly and one action after the other."""
    shares = profile["campaigns"]
    days = np.arange(FIRST_DAY, calendar.days - LAST_DAYS, shares["every_days"], dtype=np.int64)
    action = np.arange(len(days)) % len(ACTIONS)
    # The coupons are two of each quarter and one that is always valid.
    welcome, of_quarter = len(catalogue.coupons) - 1, 2 * (days // 91)
    coupon = np.where(action == ACTIONS.index("welcome"), welcome, of_quarter)
    # One campaign in seven goes to all: nothing can be said of its effect.
    holdout = np.where(np.arange(len(days)) % 7 == 6, 0.0, shares["holdout"])
    return Campaigns(
        action=action,
        start=days * DAY + 10 * HOUR,
        holdout=holdout,
        coupon=np.where(np.array(HAS_COUPON)[action], coupon, -1),
    )


def customer_kinds(people: People, moment: int) -> Ints:
    """The kind of customer that each person is at a moment."""
    return np.select(
        [
            people.joined > moment - NEW_DAYS * DAY,
            people.lost <= moment,
            people.loves_promotions,
            people.is_regular,
        ],
        [NEW, GONE, PROMOTION_LOVER, STEADY],
        CASUAL,
    )


def uplifts(people: People, kinds: Ints, effect: float) -> Floats:
    """The probability of one more order by person and action, for somebody not contacted lately."""
    responds = (people.kind == REGULAR) & (people.rate > 0)
    return np.minimum(UPLIFT.T[kinds] * effect, 1.0) * responds[:, None]


def make_contacts(
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    campaigns: Campaigns,
    calendar: Calendar,
    profile: Profile,
) -> Frame:
    """Draw whom each campaign chooses, by account, and what they do.

    Who has two accounts may be chosen twice, and stand in two groups. Columns: campaign, account,
    person, arm, customer_kind, uplift, is_caused, and moments: assigned, sent, delivered, bounced,
    opened, clicked, unsubscribed (NEVER_DONE), ordered.
    """
    shares = profile["campaigns"]
    dice = stream(seed, chunk, "campaigns")
    last = np.full((8, len(people)), -(1 << 40), dtype=np.int64)  # moments of the last contacts
    frames = []
    for number in range(len(campaigns)):
        start, action = int(campaigns.start[number]), int(campaigns.action[number])
        channel = CHANNELS[action]
        fits = (accounts.registered < start) & accounts.is_delivered
        fits &= (accounts.system == SHOP) | ((accounts.system == POS) & (channel != APP))
        some = np.flatnonzero(fits & (dice.random(len(accounts)) < shares["reach"]))
        person, size = accounts.person[some], len(some)
        holdout = campaigns.holdout[number]
        treatment = 1 + dice.integers(0, ARMS[action], size)
        arm = np.where(dice.random(size) < holdout, HELD_OUT, treatment)
        kind = customer_kinds(people, start)[person]
        earlier = (last > start - FATIGUE_DAYS * DAY).sum(axis=0)[person]
        uplift = uplifts(people, customer_kinds(people, start), shares["effect"])[person, action]
        uplift = uplift * FATIGUE**earlier * np.where(arm == SECOND_ARM, SECOND_ARM_SHARE, 1.0)
        bounces = dice.random(size) < shares["bounced"]
        is_sent = arm != HELD_OUT
        uplift = np.where(is_sent & ~bounces, uplift, 0.0)
        caused = dice.random(size) < uplift
        sent = start + dice.integers(60, 2 * HOUR, size)
        delivered = sent + dice.integers(1, 300, size)
        opens = caused | (dice.random(size) < OPENED[kind] * (0.85**earlier))
        opened = delivered + 30 + (dice.exponential(9, size) * HOUR).astype(np.int64)
        clicks = opens & (caused | (dice.random(size) < 0.35))
        clicked = opened + dice.integers(5, 240, size)
        wait = np.minimum(dice.exponential(2, size) * DAY, 9 * DAY).astype(np.int64)
        leaves = opens & (dice.random(size) < shares["unsubscribed"] * (1 + earlier))
        done = is_sent & ~bounces
        moments = {
            "sent": np.where(is_sent, sent, NEVER_DONE),
            "delivered": np.where(done, delivered, NEVER_DONE),
            "bounced": np.where(is_sent & bounces, sent + 120, NEVER_DONE),
            "opened": np.where(done & opens, np.minimum(opened, sent + 3 * DAY), NEVER_DONE),
            "clicked": np.where(done & clicks, np.minimum(clicked, sent + 3 * DAY), NEVER_DONE),
            "unsubscribed": np.where(done & leaves, opened + 300, NEVER_DONE),
            "ordered": np.where(caused, np.minimum(clicked, sent + 3 * DAY) + 600 + wait, -1),
        }
        moments = {
            name: np.where(moment < calendar.end, moment, NEVER_DONE)
            for name, moment in moments.items()
        }
        frames.append({
            "campaign": np.full(size, number), "account": some, "person": person, "arm": arm,
            "customer_kind": kind, "uplift": uplift, "is_caused": moments["ordered"] >= 0,
            "assigned": np.full(size, start - HOUR), **moments,
            "noise": dice.integers(0, 1 << 30, size),
            "is_orphan": dice.random(size) < shares["orphan"],
        })  # fmt: skip
        contacted = np.unique(person[is_sent])
        last[:-1, contacted] = last[1:, contacted]
        last[-1, contacted] = start
    if not frames:
        return {}
    contacts = {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}
    contacts["is_orphan"] &= ~contacts["is_caused"]
    return contacts


def caused_orders(
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    contacts: Frame,
    campaigns: Campaigns,
    catalogue: Catalogue,
    words: Vocabulary,
) -> Frame | None:
    """The orders that the contacts cause, in the columns of all sales; None without any.

    Beside them `fate`, `coupon` and `contact` (the place of the contact).
    """
    some = np.flatnonzero(contacts["is_caused"]) if contacts else np.zeros(0, dtype=np.int64)
    size = len(some)
    if not size:
        return None
    dice = stream(seed, chunk, "orders of campaigns")
    currency = np.array([CURRENCIES.index(place.currency) for place in words.places])
    person = contacts["person"][some]
    channel = accounts.system[contacts["account"][some]]
    store = dice.integers(0, len(catalogue.store_place), size)
    at_till = currency[catalogue.store_place[store]]
    coupon = campaigns.coupon[contacts["campaign"][some]]
    return {
        "person": person,
        "moment": contacts["ordered"][some],
        "channel": channel,
        "account": contacts["account"][some],
        "currency": np.where(channel == POS, at_till, currency[people.place[person]]),
        "store": np.where(channel == POS, store, -1),
        "kind": np.zeros(size, dtype=np.int64),
        "parent": np.full(size, -1, dtype=np.int64),
        "noise": dice.integers(0, 1 << 30, size),
        "fate": np.zeros(size, dtype=np.int64),
        "coupon": np.where(contacts["arm"][some] == FIRST_ARM, coupon, -1),
        "contact": some,
    }


def touches(contacts: Frame, visits: Frame) -> Ints:
    """The campaign by which each visit came: the first one in the days after a click; or -1."""
    size = len(visits["person"])
    campaign = np.full(size, -1, dtype=np.int64)
    if not contacts or not size:
        return campaign
    clicked = np.flatnonzero(contacts["clicked"] >= 0)
    if not len(clicked):
        return campaign
    scale = np.int64(1) << 40
    place = visits["person"] * scale + visits["start"]
    order = np.argsort(place, kind="stable")
    click = contacts["person"][clicked] * scale + contacts["clicked"][clicked]
    after = np.searchsorted(place[order], click)
    found = after < size
    visit = order[np.minimum(after, size - 1)]
    waited = place[visit] - click
    found &= (waited >= 0) & (waited < TOUCH_DAYS * DAY)
    campaign[visit[found]] = contacts["campaign"][clicked[found]]
    return campaign


def called_by(contacts: Frame, visits: Frame, documents: Frame) -> Ints:
    """The campaign whose click began each visit, or whose contact caused its order; or -1."""
    size = len(visits["person"])
    campaign = np.full(size, -1, dtype=np.int64)
    contact = np.where(
        visits["document"] >= 0, documents["contact"][np.maximum(visits["document"], 0)], -1
    )
    campaign = np.where(contact >= 0, contacts["campaign"][np.maximum(contact, 0)], campaign)
    scale = np.int64(1) << 40
    place = np.sort(contacts["person"] * scale + contacts["clicked"])
    of_place = contacts["campaign"][
        np.argsort(contacts["person"] * scale + contacts["clicked"], kind="stable")
    ]
    begun = visits["person"] * scale + visits["start"] - 2
    found = np.minimum(np.searchsorted(place, begun), len(place) - 1)
    is_click = (place[found] == begun) & (visits["start"] > 2)
    return np.where(is_click, of_place[found], campaign)


def register_contacts(
    con: duckdb.DuckDBPyConnection, contacts: Frame, first_contact: int, people: People,
    calendar: Calendar, profile: Profile,
) -> None:  # fmt: skip
    """Make the tables of a chunk's contacts and of what campaigns would cause at the end."""
    con.register("contacts_in", {"contact": np.arange(len(contacts["person"])), **contacts})
    con.execute(f"""
        create or replace temp table campaign_contacts as
        select
            {first_contact} + contact as contact_number,
            'M' || lpad(cast({first_contact} + contact as varchar), 10, '0')
                as campaign_contact_id,
            contacts_in.*, {campaign_id("campaign")} as campaign_id, campaigns.coupon_code,
            campaigns.arms, campaigns.action, campaigns.channel_word,
            accounts.system, accounts.native_id, people.number as person_number
        from contacts_in
        inner join campaigns using (campaign)
        inner join accounts on contacts_in.account = accounts.account
        inner join people on contacts_in.person = people.person
    """)
    con.unregister("contacts_in")
    kinds = customer_kinds(people, calendar.end)
    effect = uplifts(people, kinds, profile["campaigns"]["effect"])
    con.register("uplifts_in", {
        "person_id": people.number, "customer_kind": np.array(CUSTOMER_KINDS)[kinds],
        **{action: effect[:, place] for place, action in enumerate(ACTIONS)},
    })  # fmt: skip
    con.execute("create or replace temp table uplifts as select * from uplifts_in")
    con.unregister("uplifts_in")


def register_campaigns(
    con: duckdb.DuckDBPyConnection, campaigns: Campaigns, catalogue: Catalogue
) -> None:
    """Make the table of the campaigns, with their words."""
    codes = np.array([coupon["coupon_code"] for coupon in catalogue.coupons] + [""])
    action = campaigns.action
    con.register("campaigns_in", {
        "campaign": np.arange(len(campaigns)), "action": action,
        "name": np.array(NAMES)[action], "audience": np.array(AUDIENCES)[action],
        "product": np.where(action == CROSS_SELL, campaigns.start // DAY % 100, -1),
        "kind_word": np.array(KIND_WORDS)[action],
        "channel_word": np.array(CHANNEL_WORDS)[np.array(CHANNELS)[action]],
        "contact_cost": np.array(CONTACT_COSTS)[np.array(CHANNELS)[action]],
        "arms": np.array(ARMS)[action], "start": campaigns.start, "holdout": campaigns.holdout,
        "coupon": codes[campaigns.coupon],
    })  # fmt: skip
    con.execute(
        "create table campaigns as "
        "select * exclude (coupon), nullif(coupon, '') as coupon_code from campaigns_in"
    )
    con.unregister("campaigns_in")


ARM_WORD = """case
    when arm = 0 then ['holdout', '对照组'][1 + noise % 2]
    when arms = 1 then null
    else ['big coupon', 'small coupon'][arm] end"""


def reference_rows(calendar: Calendar, profile: Profile) -> dict[tuple[str, str], str]:
    """The rows of campaigns, their groups, and the costs of marketing, by table."""
    first_day = f"date '{calendar.first_day}'"
    day = f"({first_day} + cast(start // {DAY} as integer))"
    no_dirt = "cast(null as text) as _dirt"
    written = "start - 7200"
    share = "cast(round(100 * {}, 4) as decimal(9, 4))"
    scale = profile["campaigns"]["daily_cost"]
    return {
        ("crm", "campaigns"): f"""
            select
                {campaign_id("campaign")} as campaign_id,
                name || ' ' || strftime({day}, '%Y-%m') as campaign_name, channel_word as channel,
                kind_word as kind, campaigns.audience, products.product_id, products.category,
                coupon_code,
                cast(cast(100 * holdout as decimal(9, 2)) as varchar) as holdout_pct,
                '{WINDOW_DAYS}' as window_days, 'CNY' as currency, '300.00' as cost_amount,
                contact_cost as contact_cost_amount, cast({day} as varchar) as start_date,
                cast({day} + {WINDOW_DAYS} as varchar) as end_date,
                moment_text({written}) as updated_at, {written} as _written, campaign as _order,
                {no_dirt}
            from campaigns left join products on campaigns.product = products.product
        """,
        ("crm", "campaign_arms"): f"""
            select
                {campaign_id("campaign")} as campaign_id, arm, description,
                case when is_holdout then 'true' else 'false' end as is_holdout,
                cast({share.format("share")} as varchar) as share_pct,
                case when not is_holdout then coupon_code end as coupon_code,
                moment_text({written}) as updated_at, {written} as _written,
                campaign * 4 + place as _order, {no_dirt}
            from (
                select *, 'holdout' as arm, '不发送' as description, true as is_holdout,
                    holdout as share, 0 as place
                from campaigns where arms = 2 and holdout > 0
                union all
                select *, 'big coupon', '大额优惠', false, (1 - holdout) / 2, 1
                from campaigns where arms = 2
                union all
                select * replace (cast(null as varchar) as coupon_code), 'small coupon',
                    '只有提醒', false, (1 - holdout) / 2, 2
                from campaigns where arms = 2
            )
        """,
        ("ops", "marketing_costs"): f"""
            select
                cast({first_day} + cast(day as integer) as varchar) as cost_date, channel, source,
                'CNY' as currency,
                cast(cast({scale} * (0.5 + hash(day * 8 + place) % 1000 / 1000.0)
                    as decimal(18, 2)) as varchar) as amount,
                cast(cast(floor(cost_per * (1000 + hash(day) % 4000)) as bigint) as varchar)
                    as impressions,
                cast(20 + hash(day * 8 + place + 4) % 300 as varchar) as clicks,
                moment_text((day + 1) * {DAY} - 60) as updated_at,
                day * {DAY} as _written, day * 8 + place as _order, {no_dirt}
            from range({calendar.days}) as days(day)
            cross join (values (0, '搜索', 'baidu', 3.0), (1, 'social', '小红书', 5.0),
                (2, 'ads', 'retargeting', 8.0)) as channels(place, channel, source, cost_per)
            where isodow({first_day} + cast(day as integer)) < 6 and day % 3 = place
            union all by name
            -- the advertisement that goes with a promotion
            select
                cast({day} as varchar) as cost_date, 'ads' as channel, 'retargeting' as source,
                {campaign_id("campaign")} as campaign_id, 'CNY' as currency,
                cast(cast({scale} / 2 as decimal(18, 2)) as varchar) as amount,
                cast(5000 + campaign * 100 as varchar) as impressions,
                cast(80 + campaign as varchar) as clicks,
                moment_text(start + 3600) as updated_at, start + 3600 as _written,
                start // {DAY} * 8 + 3 as _order, {no_dirt}
            from campaigns where action = {ACTIONS.index("promotion")}
        """,
    }


def campaign_contacts() -> str:
    """Rows of crm.campaign_contacts."""
    systems = "[" + ", ".join(sql_text(system) for system in SYSTEMS) + "]"
    last = "greatest(assigned, sent, delivered, bounced, opened, clicked, unsubscribed)"
    moments = ", ".join(
        f"case when {name} >= 0 then moment_text({name}) end as {name}_at"
        for name in ("sent", "delivered", "bounced", "opened", "clicked", "unsubscribed")
    )
    return f"""
        select
            campaign_contact_id, campaign_id, {systems}[system + 1] as system,
            case when is_orphan then 'X' || native_id else native_id end as native_id,
            {ARM_WORD} as arm,
            case when arms = 1 and noise % 3 = 0 then
                case when arm = 0 then 'true' else 'false' end end as is_holdout,
            case when noise % 4 = 0 then channel_word end as channel,
            case when arm = {FIRST_ARM} then coupon_code end as coupon_code,
            case when bounced >= 0 then 'mailbox unavailable' end as failure,
            moment_text(assigned) as assigned_at, {moments},
            moment_text({last}) as updated_at, {last} as _written, contact_number as _order,
            case when is_orphan then 'orphan_campaign_contact' end as _dirt
        from campaign_contacts
    """


def coupon_issues(calendar: Calendar) -> str:
    """Rows of shop.coupon_issues: the coupons that contacts offer."""
    systems = "[" + ", ".join(sql_text(system) for system in SYSTEMS) + "]"
    return f"""
        select
            {issue_id("contact_number")} as coupon_issue_id, coupon_code,
            {systems}[system + 1] as system,
            case when is_orphan then 'X' || native_id else native_id end as native_id,
            campaign_id, channel_word as channel, moment_text(sent) as issued_at,
            moment_text(sent + {WINDOW_DAYS} * {DAY}) as expires_at,
            moment_text(sent) as updated_at, sent as _written, contact_number as _order,
            case when is_orphan then 'orphan_coupon_issue' end as _dirt
        from campaign_contacts
        where coupon_code is not null and arm = {FIRST_ARM} and sent >= 0
    """


def issue_id(number: str) -> str:
    """SQL of the id of an issue of a coupon, by the number of the contact."""
    return f"'U' || lpad(cast({number} as varchar), 10, '0')"


def _redeemed(profile: Profile) -> str:
    """The orders of the shop with a coupon, and the issue that each uses up, if any."""
    shared = int(profile["campaigns"]["shared_coupon"] * 1000)
    return f"""
        with redeemed as (
            select
                documents.document_id, documents.document_number, documents.currency, documents.off,
                documents.moment, documents.person_number, documents.person,
                documents.contact, coupons.coupon_code,
                documents.contact < 0 and hash(document_number * 64 + 8) % 1000 < {shared}
                    as takes_others
            from documents
            inner join (select *, row_number() over () - 1 as place from coupons) as coupons
                on documents.coupon = coupons.place
            where documents.channel = {SHOP} and documents.kind = 0 and documents.off > 0
        ),
        issues as (
            select contact, contact_number, coupon_code, person, sent from campaign_contacts
            where coupon_code is not null and arm = {FIRST_ARM} and sent >= 0
        )
        select
            redeemed.*, others.person <> redeemed.person as is_others,
            case when own.contact_number is not null then own.contact_number
                when others.person <> redeemed.person then others.contact_number end as issue_number
        from redeemed
        left join issues as own
            on redeemed.contact = own.contact and redeemed.coupon_code = own.coupon_code
        -- The last one that somebody else was given.
        asof left join issues as others
            on
                redeemed.coupon_code = others.coupon_code
                and redeemed.takes_others
                and redeemed.moment >= others.sent
    """


def coupon_redemptions(profile: Profile) -> str:
    """Rows of shop.coupon_redemptions: what coupons took off the orders of the shop."""
    currencies = ", ".join(f"'{currency}'" for currency in CURRENCIES)
    return f"""
        select
            document_id as order_id, coupon_code,
            case when issue_number is not null then {issue_id("issue_number")} end
                as coupon_issue_id,
            [{currencies}][currency + 1] as currency, money_text(off) as discount_amount,
            moment_text(moment) as redeemed_at, moment_text(moment) as updated_at,
            moment as _written, document_number as _order, cast(null as text) as _dirt
        from ({_redeemed(profile)})
    """


def truth_coupon_abuse(profile: Profile) -> str:
    """The orders whose coupon was given to somebody else, and those of abusers of coupons."""
    return f"""
        select
            document_id as native_order_id, coupon_code, person_number as person_id,
            case when is_others then {issue_id("issue_number")} end as coupon_issue_id,
            case when is_others then 'of_somebody_else' else 'abuser' end as kind
        from ({_redeemed(profile)}) as redeemed inner join people using (person)
        where is_others or people.abuse = {COUPON_ABUSER}
        order by document_number
    """


def truth_contacts() -> str:
    """What each contact really causes: its probability, whether it did, and the order."""
    kinds = "[" + ", ".join(f"'{kind}'" for kind in CUSTOMER_KINDS) + "]"
    actions = "[" + ", ".join(f"'{action}'" for action in ACTIONS) + "]"
    return f"""
        select
            campaign_contact_id, campaign_id, {actions}[contacts.action + 1] as action,
            contacts.person_number as person_id, {kinds}[customer_kind + 1] as customer_kind,
            contacts.arm, round(uplift, 6) as uplift, is_caused,
            documents.document_id as native_order_id
        from campaign_contacts as contacts
        left join documents on contacts.contact = documents.contact
        order by contact_number
    """


def truth_uplifts() -> str:
    """How likely each action causes one more order of each person, after the last day."""
    return "select * from uplifts order by person_id"
