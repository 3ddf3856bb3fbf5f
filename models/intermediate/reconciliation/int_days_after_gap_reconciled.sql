with

data_days as (select * from {{ ref('int_data_days_counted') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        'days_after_gap' as topic,
        cast(null as string) as system,
        cast(data_days.date_day as string) as subject,
        'left_out' as bucket,
        data_days.rows_count,
        cast(null as decimal(38, 4)) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from data_days
    inner join as_of
        on
            data_days.date_day > as_of.as_of_date
            and not as_of.is_given
)

select * from final
