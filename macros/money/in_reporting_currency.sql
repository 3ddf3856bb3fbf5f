{% macro in_reporting_currency(amount, rate) -%}
    {#-
        An amount in the reporting currency: amount × rate, rounded to four places, half away from zero; null without a
        rate. Every conversion of the project is this one. The rate is widened by a digit because DuckDB multiplies two
        decimals of at most 18 digits within 18 digits, and twelve of them would be behind the point: a million would
        overflow. On Spark the product of 18 and 19 digits is the widest that keeps all twelve places.
    -#}
    cast(round(({{ amount }}) * cast({{ rate }} as decimal(19, 8)), 4) as decimal(18, 4))
{%- endmacro %}
