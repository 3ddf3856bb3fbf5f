{% macro in_reporting_currency(amount, rate, amount_type='decimal(38, 4)') -%}
    {#-
        An amount in the reporting currency: amount × rate, rounded to four places, half away from zero; null without a
        rate. Every conversion of the project is this one (docs/money.md says how large an amount may be).
    -#}
    {#- Multiplying and rounding decimals of 38 digits is slow, and most rows have the rate 1. -#}
    case
        when {{ rate }} = 1 then cast(cast({{ amount }} as {{ amount_type }}) as decimal(38, 4))
        else cast(round({{ product_with_rate(amount, rate, amount_type) }}, 4) as decimal(38, 4))
    end
{%- endmacro %}
