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
    {%- set written = modules.re.match('decimal ?[(][0-9]+, ?([0-9]+)[)]', type) -%}
    {%- if written -%}
        {#- 38 digits in all: the most whose product keeps its places. -#}
        {%- set places = written.group(1) | int -%}
        cast(
            cast(round(({{ quotient }}) * 1{{ '0' * places }}, 0) as decimal({{ 37 - places }}, 0))
            * cast('1e-{{ places }}' as decimal({{ [places, 1] | max }}, {{ places }})) as {{ type }}
        )
    {%- else -%}
        cast({{ quotient }} as {{ type }})
    {%- endif -%}
{%- endmacro %}
