"""What customers say when they are asked: after some orders, and by what became of them."""

import numpy as np

from portrait.generator.accounts import POS, SYSTEMS, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.profile import Profile
from portrait.generator.purchases import (
    CANCELLED,
    DONE,
    SALE,
    UNPAID,
    Frame,
)
from portrait.generator.random_streams import stream
from portrait.sql import sql_text

NPS, CSAT = 0, 1
LATE_DAYS = 14
NOT_ANSWERED = -1
# Words of those who are content, of the others, and of the disappointed.
ANSWERS = (
    ("很满意，会推荐给朋友", "Quick and friendly.", "东西很好", "Always a pleasure."),
    ("还可以", "It was fine.", "一般", "Nothing special."),
    ("等了太久", "Not what I ordered.", "退款很麻烦", "I had to call twice."),
)


def make_surveys(
    seed: int, chunk: int, accounts: Accounts, documents: Frame, calendar: Calendar,
    profile: Profile,
) -> Frame:  # fmt: skip
    """Draw who is asked after an order, and who answers what.

    Columns: document (position), kind, score (-1 without an answer), mood (0 good to 2 bad), asked
    and answered (seconds, answered NOT_ANSWERED: never), is_orphan, is_outside, noise.
    """
    shares = profile["surveys"]
    dice = stream(seed, chunk, "surveys")
    size = len(documents["person"])
    account, fate = documents["account"], documents["fate"]
    asked = documents["settled"] + DAY + (dice.random(size) * 3 * DAY).astype(np.int64)
    some = (account >= 0) & (documents["kind"] == SALE) & ~np.isin(fate, [UNPAID, CANCELLED])
    some[some] = accounts.is_delivered[account[some]]
    some &= (dice.random(size) < shares["asked"]) & (asked < calendar.end)
    content = 0.84 + dice.normal(0, 0.12, size)
    content -= 0.4 * (fate != DONE)
    waited = documents["settled"] - documents["moment"] > LATE_DAYS * DAY
    content -= 0.25 * (waited & (documents["channel"] != POS))
    content = np.clip(content, 0, 1)
    kind = np.where(dice.random(size) < 0.5, NPS, CSAT)
    score = np.where(kind == NPS, np.rint(content * 10), 1 + np.rint(content * 4))
    outside = dice.random(size) < shares["outside_scale"]
    answered = asked + 600 + (dice.random(size) * 3 * DAY).astype(np.int64)
    answers = (dice.random(size) < shares["answered"]) & (answered < calendar.end)
    surveys = {
        "document": np.arange(size),
        "kind": kind,
        "score": np.where(answers, np.where(outside, score + 90, score), -1).astype(np.int64),
        "mood": np.select([content > 0.75, content > 0.5], [0, 1], 2),
        "asked": asked,
        "answered": np.where(answers, answered, NOT_ANSWERED),
        "is_orphan": dice.random(size) < shares["orphan"],
        "is_outside": outside & answers,
        "noise": dice.integers(0, 1 << 30, size),
    }
    return {name: column[some] for name, column in surveys.items()}


def surveys(first_survey: int) -> str:
    """Rows of crm.surveys; `surveys_in` must have been registered."""
    systems = "[" + ", ".join(sql_text(system) for system in SYSTEMS) + "]"
    words = ", ".join(
        f"when {mood} then [{', '.join(sql_text(text) for text in texts)}]"
        f"[1 + (survey.noise // 8) % {len(texts)}]"
        for mood, texts in enumerate(ANSWERS)
    ).replace(", when", " when")
    return f"""
        select
            'V' || lpad(cast({first_survey} + row_number() over (order by asked, document) - 1
                as varchar), 9, '0') as survey_id,
            {systems}[system + 1] as system,
            case when survey.is_orphan then 'X' || native_id else native_id end as native_id,
            case when survey.kind = {NPS} then case when survey.noise % 2 = 0 then 'nps' else 'NPS'
                end else 'csat' end as kind,
            case when score >= 0 then cast(score as varchar) end as score,
            case when score >= 0 and survey.noise % 7 < 3 then case mood {words} end end as answer,
            document_id as order_id, moment_text(asked) as asked_at,
            case when answered <> {NOT_ANSWERED} then moment_text(answered) end as answered_at,
            moment_text(greatest(asked, answered)) as updated_at,
            greatest(asked, answered) as _written,
            asked * 134217728 + survey.document as _order,
            case when survey.is_orphan then 'orphan_survey'
                when survey.is_outside then 'score_outside_scale' end as _dirt
        from surveys_in as survey
        inner join documents using (document)
        inner join accounts on documents.account = accounts.account
    """
