{% macro divide(numerator, denominator, type='double') %}
    {#- A quotient of that type; null where the denominator is zero (an error or infinity on one engine or the other). -#}
    {{ return(adapter.dispatch('divide')(numerator, denominator, type)) }}
{% endmacro %}

{% macro default__divide(numerator, denominator, type) -%}
    cast(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0) as {{ type }})
{%- endmacro %}

{% macro spark__divide(numerator, denominator, type) -%}
    {#-
        Spark takes a double's shortest decimal notation before it rounds; DuckDB rounds the double times ten to the
        places. So the product is made here too, and becomes a decimal when it is whole.
    -#}
    {%- set quotient -%}
        cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
    {%- endset -%}
    {%- set places = modules.re.match('decimal ?[(][0-9]+, ?([0-9]+)[)]', type) -%}
    {%- if places -%}
        cast(
            cast(round(({{ quotient }}) * 1{{ '0' * (places.group(1) | int) }}, 0) as decimal(38, 0))
            * cast('1e-{{ places.group(1) }}' as {{ type }}) as {{ type }}
        )
    {%- else -%}
        cast({{ quotient }} as {{ type }})
    {%- endif -%}
{%- endmacro %}
