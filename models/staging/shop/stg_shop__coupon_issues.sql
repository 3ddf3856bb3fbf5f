with

coupon_issues as (select * from {{ ref('base_shop__coupon_issues') }}),

channel_words as (select * from {{ ref('campaign_channel_words') }}),

-- The seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        coupon_issues.coupon_issue_id,
        coupon_issues.coupon_code,
        lower(coupon_issues.system) as system,
        coupon_issues.native_id as native_customer_id,
        coupon_issues.campaign_id,

        -- attributes
        coupon_issues.channel as channel_word,
        channel_words.campaign_channel,

        -- dates and timestamps
        coupon_issues.issued_at,
        coupon_issues.issued_date,
        coupon_issues.expires_at,
        coupon_issues.updated_at
    from coupon_issues
    left join channel_words
        on {{ status_word('coupon_issues.channel') }} = channel_words.campaign_channel_word
    where coupon_issues.row_status = 'accepted'
)

select * from final
