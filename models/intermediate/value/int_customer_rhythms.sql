with

purchase_days as (select * from {{ ref('int_customer_purchase_days') }}),

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

gaps as (
    select
        customer_id,
        {{ days_between('previous_purchase_date', 'purchase_date') }} as gap_days
    from purchase_days
    where previous_purchase_date is not null
),

medians as (
    select
        customer_id,
        median(gap_days) as median_gap_days
    from gaps
    group by customer_id
),

spreads as (
    select
        gaps.customer_id,
        median(abs(gaps.gap_days - medians.median_gap_days)) as gap_spread_days
    from gaps
    inner join medians
        on gaps.customer_id = medians.customer_id
    group by gaps.customer_id
),

-- One row: the median of the gaps of all repeat customers.
typical as (
    select
        coalesce(median(median_gap_days), {{ var('rhythm_default_gap_days') }}) as typical_gap_days
    from medians
),

-- A few gaps say little about a customer. So the typical gap of all is added, as if it had been
-- observed rhythm_typical_gaps times.
expectations as (
    select
        summaries.customer_id,
        summaries.as_of_date,
        summaries.last_purchase_date,
        summaries.observed_days - summaries.first_to_last_purchase_days
            as since_last_purchase_days,
        medians.median_gap_days,
        spreads.gap_spread_days,
        {{ divide(
            'summaries.repeat_days_count * coalesce(medians.median_gap_days, 0) + '
            ~ var('rhythm_typical_gaps') ~ ' * typical.typical_gap_days',
            'summaries.repeat_days_count + ' ~ var('rhythm_typical_gaps')
        ) }} as expected_gap_days
    from summaries
    cross join typical
    left join medians
        on summaries.customer_id = medians.customer_id
    left join spreads
        on summaries.customer_id = spreads.customer_id
),

dues as (
    select
        customer_id,
        as_of_date,
        since_last_purchase_days,
        median_gap_days,
        gap_spread_days,
        expected_gap_days,
        {{ divide('since_last_purchase_days', 'expected_gap_days') }} as overdue_factor,
        {{ add_days('last_purchase_date', 'ceil(expected_gap_days)') }} as next_purchase_date
    from expectations
),

final as (
    select
        -- keys
        customer_id,

        -- measures
        cast(since_last_purchase_days as integer) as since_last_purchase_days,
        cast(median_gap_days as double) as median_gap_days,
        cast(gap_spread_days as double) as gap_spread_days,
        expected_gap_days,
        overdue_factor,

        -- flags
        next_purchase_date < as_of_date as is_overdue,

        -- dates and timestamps
        next_purchase_date
    from dues
)

select * from final
