{% set steps = ['paid', 'shipped', 'delivered'] %}
with

measures as (select * from {{ ref('int_order_measures') }}),

totals as (
    select
        ordered_date,
        system,
        count(*) as orders_count,
        {% for step in steps %}
            count(until_{{ step }}_seconds) as {{ step }}_orders_count,
            sum(until_{{ step }}_seconds) as until_{{ step }}_seconds,
            max(until_{{ step }}_seconds) as longest_until_{{ step }}_seconds,
        {% endfor %}
        count(is_late) as promised_orders_count,
        count(*) filter (where is_late) as late_orders_count
    from measures
    group by ordered_date, system
),

final as (
    select
        -- keys
        ordered_date,
        system,

        -- measures
        orders_count,
        {% for step in steps %}
            {{ step }}_orders_count,
            {{ divide('until_' ~ step ~ '_seconds', '3600 * ' ~ step ~ '_orders_count') }}
                as mean_until_{{ step }}_hours,
            longest_until_{{ step }}_seconds,
        {% endfor %}
        promised_orders_count,
        late_orders_count
    from totals
)

select * from final
