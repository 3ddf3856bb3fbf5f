with

money as (select * from {{ ref('int_record_money_daily') }}),

visit_days as (select * from {{ ref('int_record_visits_daily') }}),

money_days as (
    select *
    from money
    where record_key is not null
),

-- On a day of visits alone the amounts are left open: such a day of one record must not turn the
-- unknown amount of another record of the customer into a zero.
final as (
    select
        -- keys
        coalesce(money_days.record_key, visit_days.record_key) as record_key,
        coalesce(money_days.activity_date, visit_days.activity_date) as activity_date,

        -- measures
        coalesce(money_days.orders_count, 0) as orders_count,
        coalesce(money_days.paid_orders_count, 0) as paid_orders_count,
        coalesce(money_days.valued_paid_orders_count, 0) as valued_paid_orders_count,
        coalesce(money_days.returned_orders_count, 0) as returned_orders_count,
        cast(coalesce(money_days.items_count, 0) as decimal(38, 4)) as items_count,
        money_days.gross_amount,
        money_days.net_amount,
        money_days.paid_net_amount,
        money_days.cancelled_amount,
        money_days.open_amount,
        money_days.refunded_amount,
        cast(coalesce(money_days.realised_amount, 0) as decimal(38, 4)) as realised_amount,
        {% for measure in visit_measures() %}
            coalesce(visit_days.{{ measure }}, 0) as {{ measure }},
        {% endfor %}

        -- flags
        money_days.record_key is null as is_visit_only
    from money_days
    full outer join visit_days
        on
            money_days.record_key = visit_days.record_key
            and money_days.activity_date = visit_days.activity_date
)

select * from final
