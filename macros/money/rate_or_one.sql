{% macro rate_or_one(currency, rate) -%}
    {#- The rate into the reporting currency: 1 for that currency itself, else the given one, null without one. -#}
    case
        when {{ currency }} = '{{ setting("currency") }}' then cast(1 as decimal(18, 8))
        else {{ rate }}
    end
{%- endmacro %}
