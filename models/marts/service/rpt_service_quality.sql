{% set month = "12 * cast(extract(year from {0}) as int) + cast(extract(month from {0}) as int)" %}
with

tickets as (select * from {{ ref('fct_tickets') }}),

orders as (select * from {{ ref('fct_orders') }}),

dates as (select * from {{ ref('dim_dates') }}),

-- A closed ticket without a time of closing, or with one before its opening, counts as closed when
-- it was opened.
placed as (
    select
        ticket_id,
        customer_id,
        coalesce(contact_channel, 'unknown') as contact_channel,
        satisfaction,
        first_answer_seconds,
        resolution_seconds,
        {{ month.format('opened_date') }} as month_number,
        case
            when ticket_status = 'closed'
                then {{ month.format(
                    'greatest(coalesce(' ~ business_date('closed_at') ~ ', opened_date), opened_date)'
                ) }}
        end as closed_month_number,
        coalesce(
            customer_id is not null
            and {{ days_between(
                'lag(opened_date) over (partition by customer_id '
                ~ 'order by opened_at asc nulls last, ticket_id asc nulls last)',
                'opened_date'
            ) }} <= {{ var('service_repeat_days') }},
            false
        ) as is_repeat
    from tickets
),

months as (
    select
        {{ month.format('date_day') }} as month_number,
        min(month_start_date) as month_start_date
    from dates
    group by {{ month.format('date_day') }}
),

last_month as (
    select max(month_number) as month_number
    from months
),

channels as (
    select
        contact_channel,
        min(month_number) as first_month_number
    from placed
    group by contact_channel
),

opened as (
    select
        contact_channel,
        month_number,
        count(*) as tickets_count,
        count(first_answer_seconds) as answered_tickets_count,
        sum(first_answer_seconds) as first_answer_seconds,
        count(resolution_seconds) as resolved_tickets_count,
        sum(resolution_seconds) as resolution_seconds,
        count(satisfaction) as rated_tickets_count,
        sum(satisfaction) as satisfaction,
        count(*) filter (where is_repeat) as repeat_tickets_count
    from placed
    group by contact_channel, month_number
),

closed as (
    select
        contact_channel,
        closed_month_number as month_number,
        count(*) as closed_tickets_count
    from placed
    where closed_month_number is not null
    group by contact_channel, closed_month_number
),

-- How many orders each customer paid in the months before a month.
histories as (
    {% for offset in range(1, var('service_history_months') + 1) %}
        select
            customer_id,
            {{ month.format('ordered_date') }} + {{ offset }} as month_number,
            count(*) as orders_count
        from orders
        where
            customer_id is not null
            and is_paid
        group by customer_id, {{ month.format('ordered_date') }} + {{ offset }}

        {% if not loop.last %}
            union all

        {% endif %}
    {% endfor %}
),

buyers as (
    select
        customer_id,
        month_number,
        least(sum(orders_count), 5) as orders_count
    from histories
    group by customer_id, month_number
),

came_back as (
    {% for offset in range(1, var('service_retention_months') + 1) %}
        select
            customer_id,
            {{ month.format('ordered_date') }} - {{ offset }} as month_number
        from orders
        where
            customer_id is not null
            and is_paid

        {% if not loop.last %}
            union distinct

        {% endif %}
    {% endfor %}
),

contacts as (
    select distinct
        customer_id,
        contact_channel,
        month_number
    from placed
    where customer_id is not null
),

contacting as (
    select distinct
        customer_id,
        month_number
    from contacts
),

-- Months of which the time after is over.
judged as (
    select
        buyers.customer_id,
        buyers.month_number,
        buyers.orders_count,
        contacting.customer_id is not null as has_contact,
        came_back.customer_id is not null as is_retained
    from buyers
    inner join last_month
        on buyers.month_number + {{ var('service_retention_months') }} < last_month.month_number
    left join contacting
        on
            buyers.customer_id = contacting.customer_id
            and buyers.month_number = contacting.month_number
    left join came_back
        on
            buyers.customer_id = came_back.customer_id
            and buyers.month_number = came_back.month_number
),

others as (
    select
        month_number,
        orders_count,
        {{ divide('count(*) filter (where is_retained)', 'count(*)', 'decimal(18, 8)') }}
            as retained_share
    from judged
    where not has_contact
    group by month_number, orders_count
),

-- A customer whom nobody is like is compared with nobody.
compared as (
    select
        contacts.contact_channel,
        contacts.month_number,
        count(*) as compared_customers_count,
        count(*) filter (where judged.is_retained) as retained_customers_count,
        sum(others.retained_share) as expected_customers
    from contacts
    inner join judged
        on
            contacts.customer_id = judged.customer_id
            and contacts.month_number = judged.month_number
    inner join others
        on
            judged.month_number = others.month_number
            and judged.orders_count = others.orders_count
    group by contacts.contact_channel, contacts.month_number
),

spine as (
    select
        months.month_number,
        months.month_start_date,
        channels.contact_channel
    from months
    inner join channels
        on months.month_number >= channels.first_month_number
),

gathered as (
    select
        spine.month_start_date,
        spine.contact_channel,
        coalesce(opened.tickets_count, 0) as tickets_count,
        coalesce(opened.answered_tickets_count, 0) as answered_tickets_count,
        opened.first_answer_seconds,
        coalesce(opened.resolved_tickets_count, 0) as resolved_tickets_count,
        opened.resolution_seconds,
        sum(coalesce(opened.tickets_count, 0) - coalesce(closed.closed_tickets_count, 0)) over (
            partition by spine.contact_channel
            order by spine.month_number asc nulls last
            rows between unbounded preceding and current row
        ) as backlog_tickets_count,
        coalesce(opened.rated_tickets_count, 0) as rated_tickets_count,
        opened.satisfaction,
        coalesce(opened.repeat_tickets_count, 0) as repeat_tickets_count,
        coalesce(compared.compared_customers_count, 0) as compared_customers_count,
        coalesce(compared.retained_customers_count, 0) as retained_customers_count,
        compared.expected_customers
    from spine
    left join opened
        on
            spine.contact_channel = opened.contact_channel
            and spine.month_number = opened.month_number
    left join closed
        on
            spine.contact_channel = closed.contact_channel
            and spine.month_number = closed.month_number
    left join compared
        on
            spine.contact_channel = compared.contact_channel
            and spine.month_number = compared.month_number
),

final as (
    select
        -- keys
        month_start_date,
        contact_channel,

        -- measures
        tickets_count,
        answered_tickets_count,
        {{ divide('first_answer_seconds', '3600 * answered_tickets_count') }}
            as mean_first_answer_hours,
        resolved_tickets_count,
        {{ divide('resolution_seconds', '3600 * resolved_tickets_count') }}
            as mean_resolution_hours,
        cast(backlog_tickets_count as bigint) as backlog_tickets_count,
        rated_tickets_count,
        {{ divide('satisfaction', 'rated_tickets_count') }} as mean_satisfaction,
        repeat_tickets_count,
        compared_customers_count,
        retained_customers_count,
        {{ divide('100 * retained_customers_count', 'compared_customers_count') }} as retention_pct,
        {{ divide('100 * expected_customers', 'compared_customers_count') }}
            as matched_retention_pct
    from gathered
)

select * from final
