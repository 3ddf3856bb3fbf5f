{% set max_gap_days = setting('as_of_max_gap_days') | int(31) %}
{% set in_order = 'order by date_day asc nulls last' %}
{% set rows_before = in_order ~ ' rows between unbounded preceding and 1 preceding' %}
with

orders as (select * from {{ ref('int_orders_unioned') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

app_events as (select * from {{ ref('stg_app__events') }}),

fees as (select * from {{ ref('int_order_fees_unioned') }}),

devices as (select * from {{ ref('stg_app__devices') }}),

loyalty_points as (select * from {{ ref('stg_crm__loyalty_points') }}),

surveys as (select * from {{ ref('stg_crm__surveys') }}),

tickets as (select * from {{ ref('stg_crm__tickets') }}),

interactions as (select * from {{ ref('stg_crm__interactions') }}),

reviews as (select * from {{ ref('stg_shop__reviews') }}),

relationships as (select * from {{ ref('stg_crm__relationships') }}),

customers as (select * from {{ ref('int_record_attributes_unioned') }}),

-- What people did decides (1). A company that has none of it is dated by what else happened (2),
-- then by when its records were written (3), then by when they arrived (4).
evidence as (
    select
        1 as evidence_rank,
        ordered_date as date_day
    from orders
    where not coalesce(is_test, false)

    union all

    select
        1 as evidence_rank,
        {{ business_date('cancelled_at') }} as date_day
    from orders
    where not coalesce(is_test, false)

    union all

    select
        1 as evidence_rank,
        paid_date as date_day
    from payments

    union all

    select
        1 as evidence_rank,
        occurred_date as date_day
    from app_events

    {% for name, day in [
        ('customers', business_date('registered_at')),
        ('loyalty_points', 'occurred_date'),
        ('surveys', 'asked_date'),
        ('surveys', business_date('answered_at')),
        ('tickets', 'opened_date'),
        ('interactions', 'started_date'),
        ('reviews', 'written_date'),
        ('relationships', business_date('created_at')),
        ('fees', business_date('charged_at')),
        ('devices', business_date('first_seen_at')),
    ] %}
        union all

        select
            2 as evidence_rank,
            {{ day }} as date_day
        from {{ name }}

    {% endfor %}
    union all

    select
        3 as evidence_rank,
        {{ business_date('updated_at') }} as date_day
    from customers

    union all

    select
        4 as evidence_rank,
        first_load_date as date_day
    from customers
),

counted as (
    select
        evidence_rank,
        date_day,
        count(*) as rows_count
    from evidence
    where date_day >= cast('{{ var("earliest_date") }}' as date)
    group by evidence_rank, date_day
),

ranked as (
    select
        *,
        min(evidence_rank) over () as best_rank
    from counted
),

days as (
    select
        date_day,
        rows_count
    from ranked
    where evidence_rank = best_rank
),

placed as (
    select
        date_day,
        rows_count,
        {{ days_between('lag(date_day) over (' ~ in_order ~ ')', 'date_day') }} as gap_days,
        sum(rows_count) over () as all_rows_count,
        count(*) over () as all_days_count,
        coalesce(sum(rows_count) over ({{ rows_before }}), 0) as rows_before_count,
        count(*) over ({{ rows_before }}) as days_before_count
    from days
),

-- Early stray dates must not pass for pauses of the company: the first tenth of the rows says
-- nothing of its rhythm.
rhythmic as (
    select
        *,
        case when rows_before_count * 10 >= all_rows_count then gap_days end as usual_gap_days
    from placed
),

measured as (
    select
        *,
        max(usual_gap_days) over ({{ rows_before }}) as longest_gap_days,
        sum(usual_gap_days) over ({{ rows_before }}) as sum_gap_days,
        count(usual_gap_days) over ({{ rows_before }}) as gaps_count,
        all_rows_count - rows_before_count as rows_after_count,
        all_days_count - days_before_count as days_after_count
    from rhythmic
),

-- A gap cuts off what lies behind it where all of this holds: it is longer than the setting; hardly
-- anything lies behind it (a tenth of the rows before it, or a single day behind three or more);
-- that is a handful of rows, or a quarter of the rows per day that there were before; and the
-- company has not paused like this: ten times its mean gap, twice its longest.
judged as (
    select
        *,
        coalesce(
            {{ max_gap_days }} > 0
            and gap_days > {{ max_gap_days }}
            and (
                rows_after_count * 10 <= rows_before_count
                or (days_after_count = 1 and days_before_count >= 3 and rows_after_count <= 10)
            )
            and (
                rows_after_count <= 10
                or rows_after_count * days_before_count * 4 <= rows_before_count * days_after_count
            )
            and (gaps_count = 0 or gap_days * gaps_count > sum_gap_days * 10)
            and (gaps_count = 0 or gap_days > longest_gap_days * 2),
            false
        ) as is_cut
    from measured
),

final as (
    select
        -- keys
        date_day,

        -- measures
        cast(rows_count as bigint) as rows_count,
        gap_days,

        -- flags
        max(case when is_cut then 1 else 0 end) over ({{ in_order }}) = 1 as is_after_gap
    from judged
)

select * from final
