with

marketing_costs as (select * from {{ ref('base_ops__marketing_costs') }}),

referrer_words as (select * from {{ ref('referrer_words') }}),

-- The seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        marketing_costs.cost_date,
        marketing_costs.channel as channel_word,
        marketing_costs.source as cost_source,
        marketing_costs.campaign_id,

        -- attributes
        coalesce(referrer_words.information_channel, 'other') as information_channel,
        marketing_costs.currency,

        -- measures
        marketing_costs.amount as amount_local,
        marketing_costs.impressions as impressions_count,
        marketing_costs.clicks as clicks_count,

        -- dates and timestamps
        marketing_costs.updated_at
    from marketing_costs
    left join referrer_words
        on {{ status_word('marketing_costs.channel') }} = referrer_words.referrer_word
    where marketing_costs.row_status = 'accepted'
)

select * from final
