{% macro in_reporting_currency(amount, rate, amount_type='decimal(38, 4)') -%}
    {#-
        An amount in the reporting currency: amount × rate, rounded to four places, half away from zero; null without a
        rate. Every conversion of the project is this one (docs/money.md says how large an amount may be).
    -#}
    cast(round({{ product_with_rate(amount, rate, amount_type) }}, 4) as decimal(38, 4))
{%- endmacro %}
