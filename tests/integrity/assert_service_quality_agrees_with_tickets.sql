with

tickets as (select * from {{ ref('fct_tickets') }}),

quality as (select * from {{ ref('rpt_service_quality') }}),

last_month as (
    select max(month_start_date) as month_start_date
    from quality
),

counts as (
    select
        count(*) as tickets_count,
        count(*) filter (where ticket_status = 'open') as open_count,
        count(satisfaction) as rated_count
    from tickets

    union all

    select
        -sum(quality.tickets_count) as tickets_count,
        -sum(
            case
                when quality.month_start_date = last_month.month_start_date
                    then quality.backlog_tickets_count
                else 0
            end
        ) as open_count,
        -sum(quality.rated_tickets_count) as rated_count
    from quality
    cross join last_month
),

final as (
    select
        sum(tickets_count) as tickets_count,
        sum(open_count) as open_count,
        sum(rated_count) as rated_count
    from counts
    having
        sum(tickets_count) <> 0
        or sum(open_count) <> 0
        or sum(rated_count) <> 0
)

select * from final
