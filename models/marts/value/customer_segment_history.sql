with

months as (select * from {{ ref('int_segment_months_listed') }}),

aliases as (select * from {{ ref('customer_id_aliases') }}),

-- A customer of whom no record is delivered any more is left out: an erased customer has no
-- history.
final as (
    select
        -- keys
        months.customer_id_then,
        aliases.customer_id,

        -- attributes
        months.rfm_code,
        months.rfm_segment,
        previous_months.rfm_segment as previous_rfm_segment,
        months.value_group_pattern,
        months.value_tier,
        months.lifecycle_stage,

        -- measures
        months.recency_days,
        months.frequency,
        months.monetary_amount,
        previous_months.monetary_amount as previous_monetary_amount,

        -- flags
        months.is_known_by_load_date,

        -- dates and timestamps
        months.month_end_date
    from months
    inner join aliases
        on months.customer_id_then = aliases.alias_customer_id
    left join months as previous_months
        on
            months.customer_id_then = previous_months.customer_id_then
            and previous_months.month_end_date
            = {{ add_days("cast(date_trunc('month', months.month_end_date) as date)", -1) }}
)

select * from final
