{% set outcomes = {
    'realised': 'realised_amount_local',
    'cancelled': 'cancelled_amount_local',
    'open': 'open_amount_local',
    'refunded': 'refunded_amount_local',
    'applied_to_earlier_orders': '-applied_return_amount_local',
} %}
with

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders_by_kind as (
    select
        orders.*,
        case
            when orders.record_key is null then 'guests'
            when records.is_inferred then 'inferred_customers'
            else 'known_customers'
        end as customer_kinds
    from orders
    left join records
        on orders.record_key = records.record_key
),

final as (
    select
        'net_by_customer_kind' as topic,
        system,
        currency as subject,
        customer_kinds as bucket,
        count(*) as rows_count,
        sum(net_amount_local) as amount_local,
        sum({{ in_reporting_currency('net_amount_local', 'fx_rate') }}) as amount
    from orders_by_kind
    group by system, currency, customer_kinds

    {% for bucket, amount in outcomes.items() %}
        union all

        select
            'net_by_outcome' as topic,
            system,
            currency as subject,
            '{{ bucket }}' as bucket,
            count(*) filter (where {{ amount }} <> 0) as rows_count,
            sum({{ amount }}) as amount_local,
            sum({{ in_reporting_currency(amount, 'fx_rate') }}) as amount
        from orders
        group by system, currency
    {% endfor %}
)

select * from final
