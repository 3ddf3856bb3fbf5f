with

history as (select * from {{ ref('customer_segment_history') }}),

last_month as (
    select max(month_end_date) as month_end_date
    from history
),

-- The customer was merged into another one, who has the money now.
ended as (
    select
        earlier.rfm_segment as previous_rfm_segment,
        earlier.monetary_amount,
        cast(
            last_day({{ add_days('earlier.month_end_date', 1) }}) as date
        ) as month_end_date
    from history as earlier
    cross join last_month
    left join history as later
        on
            earlier.customer_id_then = later.customer_id_then
            and later.month_end_date
            = cast(last_day({{ add_days('earlier.month_end_date', 1) }}) as date)
    where
        later.customer_id_then is null
        and earlier.month_end_date < last_month.month_end_date
),

moves as (
    select
        month_end_date,
        coalesce(previous_rfm_segment, 'New here') as previous_rfm_segment,
        rfm_segment,
        monetary_amount,
        monetary_amount - coalesce(previous_monetary_amount, 0) as monetary_change_amount
    from history

    union all

    select
        month_end_date,
        previous_rfm_segment,
        'No longer here' as rfm_segment,
        0 as monetary_amount,
        -monetary_amount as monetary_change_amount
    from ended
),

final as (
    select
        -- keys
        month_end_date,
        previous_rfm_segment,
        rfm_segment,

        -- measures
        cast(count(*) as bigint) as customers_count,
        cast(sum(monetary_amount) as decimal(38, 4)) as monetary_amount,
        cast(sum(monetary_change_amount) as decimal(38, 4)) as monetary_change_amount
    from moves
    group by month_end_date, previous_rfm_segment, rfm_segment
)

select * from final
