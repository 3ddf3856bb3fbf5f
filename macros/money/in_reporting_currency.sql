{% macro in_reporting_currency(amount, rate, amount_type='decimal(19, 4)') -%}
    {#-
        An amount in the reporting currency: amount × rate, rounded to four places, half away from zero; null without a
        rate. Every conversion of the project is this one. The amount is cast to 19 digits for the sake of its product
        with a rate, a decimal(18, 8). DuckDB keeps the product of two decimals of at most 18 digits within 18 digits,
        twelve of them behind the point: a million would overflow. On Spark 19 and 18 digits are the most whose product
        keeps all twelve places.
    -#}
    cast(round(cast({{ amount }} as {{ amount_type }}) * {{ rate }}, 4) as decimal(18, 4))
{%- endmacro %}
