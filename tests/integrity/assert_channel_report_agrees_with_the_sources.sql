{% set order_models = staged_models('orders') %}
{% set line_models = staged_models('order_lines') %}
with

report as (select * from {{ ref('rpt_channel_sales_daily') }}),

as_of as (select * from {{ ref('int_as_of') }}),

{% for model in order_models.values() %}
    {{ model }} as (select * from {{ ref(model) }}),

{% endfor %}
{% for model in line_models.values() %}
    {{ model }} as (select * from {{ ref(model) }}),

{% endfor %}
documents as (
    {% for system, model in order_models.items() %}
        select
            '{{ system }}' as system,
            native_order_id,
            coalesce(currency, '{{ setting("currency") }}') as currency,
            ordered_date,
            order_type,
            header_gross_amount_local,
            header_discount_amount_local,
            header_net_amount_local
        from {{ model }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

lines as (
    {% for system, model in line_models.items() %}
        select
            '{{ system }}' as system,
            native_order_id,
            quantity,
            round(quantity * unit_price_local, 4) as gross_amount_local,
            round(abs(quantity) * unit_price_local, 4) as gross_size_local,
            coalesce(discount_amount_local, 0) as discount_amount_local
        from {{ model }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- The size of the lines is their total when all of them have the same sign.
line_totals as (
    select
        system,
        native_order_id,
        max(quantity) as largest_quantity,
        sum(gross_amount_local - discount_amount_local) as net_amount_local,
        sum(discount_amount_local) as discount_amount_local,
        sum(gross_size_local - abs(discount_amount_local)) as net_size_local,
        sum(abs(discount_amount_local)) as discount_size_local
    from lines
    group by system, native_order_id
),

judged as (
    select
        documents.system,
        documents.currency,
        documents.ordered_date,
        documents.header_gross_amount_local,
        documents.header_discount_amount_local,
        documents.header_net_amount_local,
        line_totals.net_amount_local,
        line_totals.discount_amount_local,
        line_totals.net_size_local,
        line_totals.discount_size_local,
        coalesce(
            documents.order_type = 'return'
            or line_totals.largest_quantity < 0
            or (
                line_totals.native_order_id is null
                and coalesce(
                    documents.header_net_amount_local, documents.header_gross_amount_local
                ) < 0
            ),
            false
        ) as is_return
    from documents
    inner join as_of
        on documents.ordered_date <= as_of.as_of_date
    left join line_totals
        on
            documents.system = line_totals.system
            and documents.native_order_id = line_totals.native_order_id
),

priced as (
    select
        system,
        currency,
        ordered_date,
        is_return,
        coalesce(
            header_net_amount_local,
            header_gross_amount_local
            - coalesce(header_discount_amount_local, discount_amount_local, 0),
            net_amount_local - coalesce(header_discount_amount_local, 0),
            0
        ) as net_amount_local,
        coalesce(
            abs(header_net_amount_local),
            abs(header_gross_amount_local)
            - coalesce(abs(header_discount_amount_local), discount_size_local, 0),
            net_size_local - coalesce(abs(header_discount_amount_local), 0),
            0
        ) as net_size_local
    from judged
),

-- A document of returned goods lowers the net amount by its size, whatever its sign.
charged as (
    select
        system,
        currency,
        ordered_date,
        case when is_return then -abs(net_size_local) else net_amount_local end
            as net_amount_local
    from priced
),

compared as (
    select
        system,
        currency,
        ordered_date,
        1 as documents_count,
        net_amount_local
    from charged

    union all

    select
        system,
        currency,
        ordered_date,
        -documents_count as documents_count,
        -net_amount_local as net_amount_local
    from report
),

final as (
    select
        system,
        currency,
        ordered_date,
        sum(documents_count) as documents_difference,
        sum(net_amount_local) as net_difference
    from compared
    group by system, currency, ordered_date
    having
        sum(documents_count) <> 0
        or sum(net_amount_local) <> 0
)

select * from final
