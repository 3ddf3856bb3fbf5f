{% set parts = {'goods': 'net_amount_local'} %}
{% for charge in charge_kinds() %}
    {% do parts.update({charge: charge ~ '_amount_local'}) %}
{% endfor %}
{% do parts.update({'unexplained': '(paid_amount_local - total_amount_local)'}) %}
with

orders as (select * from {{ ref('int_orders_valued') }}),

paid as (
    select *
    from orders
    where paid_amount_local <> 0
),

final as (
    {% for bucket, amount in parts.items() %}
        select
            'paid_by_part' as topic,
            system,
            currency as subject,
            '{{ bucket }}' as bucket,
            count(*) filter (where {{ amount }} <> 0) as rows_count,
            sum({{ amount }}) as amount_local,
            sum({{ in_reporting_currency(amount, 'fx_rate') }}) as amount
        from paid
        group by system, currency
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
