{% set order_models = staged_models('orders') %}
{% set line_models = staged_models('order_lines') %}
with

report as (select * from {{ ref('rpt_channel_sales_daily') }}),

as_of as (select * from {{ ref('int_as_of') }}),

classified as (select * from {{ ref('int_order_lines_classified') }}),

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
            header_net_amount_local,
            case when prices_include_tax then coalesce(header_tax_amount_local, 0) else 0 end
                as included_tax_amount_local
        from {{ model }}
        where not is_test
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
            line_number,
            quantity,
            coalesce(
                round(quantity * unit_price_local, 4),
                case when quantity < 0 then -abs(line_amount_local) else line_amount_local end
            ) as gross_amount_local,
            coalesce(round(abs(quantity) * unit_price_local, 4), abs(line_amount_local))
                as gross_size_local,
            coalesce(discount_amount_local, 0) as discount_amount_local
        from {{ model }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

kinds as (
    select
        lines.system,
        lines.native_order_id,
        lines.quantity,
        lines.gross_amount_local - lines.discount_amount_local as net_amount_local,
        lines.gross_size_local - abs(lines.discount_amount_local) as net_size_local,
        lines.discount_amount_local,
        classified.line_kind = 'tax' as is_tax,
        classified.line_kind not in ('goods', 'service', 'fee', 'adjustment') as is_charge
    from lines
    inner join classified
        on
            lines.system = classified.system
            and lines.native_order_id = classified.native_order_id
            and lines.line_number = classified.line_number
),

-- The size of the lines is their total when all of them have the same sign.
line_totals as (
    select
        system,
        native_order_id,
        coalesce(max(case when not is_charge then quantity end), max(quantity)) as largest_quantity,
        sum(case when is_charge then 0 else net_amount_local end) as net_amount_local,
        sum(case when is_charge then 0 else discount_amount_local end) as discount_amount_local,
        sum(case when is_charge then 0 else net_size_local end) as net_size_local,
        sum(case when is_charge then 0 else abs(discount_amount_local) end) as discount_size_local,
        sum(case when is_charge then net_amount_local else 0 end) as charge_amount_local,
        sum(case when is_charge then net_size_local else 0 end) as charge_size_local,
        bool_or(is_tax) as has_tax,
        count(*) as lines_count
    from kinds
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
        case when line_totals.has_tax then 0 else documents.included_tax_amount_local end
            as included_tax_amount_local,
        line_totals.net_amount_local,
        line_totals.discount_amount_local,
        line_totals.net_size_local,
        line_totals.discount_size_local,
        line_totals.charge_amount_local,
        line_totals.charge_size_local,
        line_totals.lines_count,
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

-- A header that is exactly what all lines make together holds their charges; else it is goods.
priced as (
    select
        system,
        currency,
        ordered_date,
        is_return,
        included_tax_amount_local,
        coalesce(
            header_net_amount_local
            - case
                when
                    abs(
                        header_net_amount_local + coalesce(header_discount_amount_local, 0)
                        - net_amount_local - charge_amount_local
                    ) <= 0.01 * lines_count
                    then charge_amount_local
                else 0
            end,
            header_gross_amount_local
            - coalesce(header_discount_amount_local, discount_amount_local, 0),
            net_amount_local - coalesce(header_discount_amount_local, 0)
        ) as net_amount_local,
        coalesce(
            abs(header_net_amount_local)
            - case
                when
                    abs(
                        abs(header_net_amount_local)
                        + coalesce(abs(header_discount_amount_local), 0)
                        - net_size_local - charge_size_local
                    ) <= 0.01 * lines_count
                    then charge_size_local
                else 0
            end,
            abs(header_gross_amount_local)
            - coalesce(abs(header_discount_amount_local), discount_size_local, 0),
            net_size_local - coalesce(abs(header_discount_amount_local), 0)
        ) as net_size_local
    from judged
),

-- A document of returned goods lowers the net amount by its size, whatever its sign. Where neither
-- header nor lines tell an amount, there is none that could hold the tax.
charged as (
    select
        system,
        currency,
        ordered_date,
        case
            when is_return
                then -coalesce(abs(net_size_local - abs(included_tax_amount_local)), 0)
            else coalesce(net_amount_local - included_tax_amount_local, 0)
        end as net_amount_local
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
