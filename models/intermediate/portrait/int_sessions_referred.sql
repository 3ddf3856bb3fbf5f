with

subjects as (select * from {{ ref('int_event_subjects') }}),

referrer_words as (select * from {{ ref('referrer_words') }}),

-- The word is made ready to be looked up once, not for each event.
written_words as (
    select
        referrer_word as written_word,
        {{ status_word('referrer_word') }} as referrer_word
    from subjects
    where referrer_word is not null
    group by referrer_word
),

known_words as (
    select
        written_words.written_word,
        referrer_words.information_channel
    from written_words
    inner join referrer_words
        on written_words.referrer_word = referrer_words.referrer_word
),

referrals as (
    select
        subjects.session_key,
        subjects.record_key,
        known_words.information_channel,
        min(subjects.occurred_at) as referred_at
    from subjects
    inner join known_words
        on subjects.referrer_word = known_words.written_word
    group by subjects.session_key, subjects.record_key, known_words.information_channel
),

-- A session came from where its first event says that it did.
ranked_referrals as (
    select
        *,
        row_number() over (
            partition by session_key
            order by referred_at asc nulls last, information_channel asc nulls last
        ) as referral_rank
    from referrals
),

final as (
    select
        -- keys
        session_key,
        record_key,

        -- attributes
        information_channel,

        -- dates and timestamps
        referred_at
    from ranked_referrals
    where referral_rank = 1
)

select * from final
