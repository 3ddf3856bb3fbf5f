with

records as (select * from {{ ref('int_records_clustered') }}),

record_interests as (select * from {{ ref('int_record_interests') }}),

products as (select * from {{ ref('int_products_unioned') }}),

interest_weights as (select * from {{ ref('interest_weights') }}),

shopping_gender_weights as (select * from {{ ref('shopping_gender_weights') }}),

group_weights as (
    select
        records.customer_id,
        interest_weights.interest_group,
        sum(record_interests.signals_count) as signals_count,
        sum(record_interests.faded_weight) as faded_weight,
        sum(case when products.audience = 'female' then record_interests.faded_weight else 0 end)
            as female_weight,
        max(record_interests.last_signal_date) as last_signal_date
    from record_interests
    inner join records
        on record_interests.record_key = records.record_key
    inner join products
        on record_interests.product_key = products.product_key
    inner join interest_weights
        on record_interests.signal = interest_weights.signal
    where
        products.audience in ('female', 'male')
        and record_interests.faded_weight > 0
    group by records.customer_id, interest_weights.interest_group
),

customer_weights as (
    select
        group_weights.customer_id,
        sum(group_weights.signals_count) as signals_count,
        sum(group_weights.faded_weight) as faded_weight,
        {{ divide(
            'sum(shopping_gender_weights.group_weight_pct * '
            ~ divide('100 * group_weights.female_weight', 'group_weights.faded_weight', 'decimal(18, 6)') ~ ')',
            'sum(shopping_gender_weights.group_weight_pct)', 'decimal(18, 6)'
        ) }} as female_share_pct,
        max(group_weights.last_signal_date) as last_signal_date
    from group_weights
    inner join shopping_gender_weights
        on group_weights.interest_group = shopping_gender_weights.interest_group
    group by group_weights.customer_id
),

-- Between the two lies a band in which neither is ahead by enough.
final as (
    select
        -- keys
        customer_id,

        -- attributes
        case
            when 2 * female_share_pct - 100 >= {{ var('shopping_gender_margin_pct') }} then 'female'
            when 100 - 2 * female_share_pct >= {{ var('shopping_gender_margin_pct') }} then 'male'
            else 'neutral'
        end as shopping_gender,

        -- measures
        cast(female_share_pct as double) as female_share_pct,
        cast(signals_count as bigint) as signals_count,
        {{ divide('100 * faded_weight', 'faded_weight + ' ~ var('interest_prior_weight')) }}
            as confidence_pct,

        -- dates and timestamps
        last_signal_date
    from customer_weights
    where female_share_pct is not null
)

select * from final
