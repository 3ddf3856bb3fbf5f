with

campaigns as (select * from {{ ref('base_crm__campaigns') }}),

channel_words as (select * from {{ ref('campaign_channel_words') }}),

kind_words as (select * from {{ ref('campaign_kind_words') }}),

-- Each seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        campaigns.campaign_id,
        'shop:' || campaigns.product_id as product_id,

        -- attributes
        campaigns.campaign_name,
        campaigns.channel as channel_word,
        channel_words.campaign_channel,
        campaigns.kind as kind_word,
        kind_words.campaign_kind,
        campaigns.audience as audience_name,
        campaigns.category,
        campaigns.coupon_code,
        campaigns.currency,

        -- measures
        campaigns.holdout_pct as written_holdout_pct,
        case when campaigns.holdout_pct between 0 and 100 then campaigns.holdout_pct end
            as holdout_pct,
        campaigns.window_days,
        campaigns.cost_amount as cost_amount_local,
        campaigns.contact_cost_amount as contact_cost_amount_local,

        -- dates and timestamps
        campaigns.start_date,
        campaigns.end_date,
        campaigns.updated_at
    from campaigns
    left join channel_words
        on {{ status_word('campaigns.channel') }} = channel_words.campaign_channel_word
    left join kind_words
        on {{ status_word('campaigns.kind') }} = kind_words.campaign_kind_word
    where campaigns.row_status = 'accepted'
)

select * from final
