{% macro in_reporting_currency(amount, rate, amount_type='decimal(38, 4)') -%}
    {#-
        An amount in the reporting currency: amount × rate, rounded to four places, half away from zero; null without a
        rate. Every conversion of the project is this one (docs/money.md says how large an amount may be).
    -#}
    {{ return(adapter.dispatch('in_reporting_currency')(amount, rate, amount_type)) }}
{%- endmacro %}

{% macro default__in_reporting_currency(amount, rate, amount_type) -%}
    {#- A product of more than 18 digits has up to 38 on DuckDB, and keeps all its places. -#}
    cast(round(cast({{ amount }} as {{ amount_type }}) * {{ rate }}, 4) as decimal(38, 4))
{%- endmacro %}

{% macro spark__in_reporting_currency(amount, rate, amount_type) -%}
    {#-
        A product has the digits of both sides and one more on Spark; where these are more than 38, places are cut off.
        19 digits are the most that keep all twelve places with a rate. Larger amounts keep six places, and are rounded
        twice.
    -#}
    {%- set exact_type = 'decimal(19, 4)' if amount_type == 'decimal(38, 4)' else amount_type -%}
    cast(
        round(
            coalesce(
                cast({{ amount }} as {{ exact_type }}) * {{ rate }},
                cast({{ amount }} as {{ amount_type }}) * {{ rate }}
            ), 4
        ) as decimal(38, 4)
    )
{%- endmacro %}
