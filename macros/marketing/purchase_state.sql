{% macro purchase_state(orders, last_order_date, day) -%}
    {#- How much a customer had bought on that day; never null. -#}
    case
        when coalesce({{ orders }}, 0) = 0 then 'never_bought'
        when {{ days_between(last_order_date, day) }} > {{ var('campaign_gone_days') }} then 'long_gone'
        when {{ days_between(last_order_date, day) }} > {{ var('campaign_going_days') }} then 'going'
        when {{ orders }} = 1 then 'one_order'
        else 'several_orders'
    end
{%- endmacro %}
