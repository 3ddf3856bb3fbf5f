{% macro product_with_rate(amount, rate, amount_type) %}
    {#- The product of an amount, cast to amount_type, and an exchange rate, with no fewer places than six. -#}
    {{ return(adapter.dispatch('product_with_rate')(amount, rate, amount_type)) }}
{% endmacro %}

{% macro default__product_with_rate(amount, rate, amount_type) -%}
    {#- A product of more than 18 digits has up to 38 on DuckDB, and keeps all its places. -#}
    cast({{ amount }} as {{ amount_type }}) * {{ rate }}
{%- endmacro %}

{% macro spark__product_with_rate(amount, rate, amount_type) -%}
    {#-
        A product has the digits of both sides and one more on Spark; where these are more than 38, places are cut off.
        19 digits are the most that keep all twelve places with a rate. Larger amounts keep six places.
    -#}
    {%- set exact_type = 'decimal(19, 4)' if amount_type == 'decimal(38, 4)' else amount_type -%}
    coalesce(
        try_cast({{ amount }} as {{ exact_type }}) * {{ rate }},
        cast({{ amount }} as {{ amount_type }}) * {{ rate }}
    )
{%- endmacro %}
