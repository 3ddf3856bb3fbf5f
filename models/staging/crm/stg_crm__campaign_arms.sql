with

arms as (select * from {{ ref('base_crm__campaign_arms') }}),

holdout_words as (select * from {{ ref('holdout_words') }}),

-- The seed holds a word once: no row is multiplied.
read as (
    select
        arms.*,
        coalesce(arms.is_holdout, holdout_words.holdout_word is not null) as is_held_out
    from arms
    left join holdout_words
        on {{ status_word('arms.arm') }} = holdout_words.holdout_word
    where arms.row_status = 'accepted'
),

final as (
    select
        -- keys
        campaign_id,
        case when is_held_out then 'holdout' else {{ status_word('arm') }} end as arm,
        arm as arm_word,

        -- attributes
        description as arm_description,
        coupon_code,

        -- measures
        share_pct as written_share_pct,
        case when share_pct between 0 and 100 then share_pct end as share_pct,

        -- flags
        is_held_out as is_holdout,

        -- dates and timestamps
        updated_at
    from read
)

select * from final
