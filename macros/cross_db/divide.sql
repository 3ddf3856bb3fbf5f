{% macro divide(numerator, denominator, type='double') %}
    {#- A quotient of that type; null where the denominator is zero (an error or infinity on one engine or the other). -#}
    {{ return(adapter.dispatch('divide')(numerator, denominator, type)) }}
{% endmacro %}

{% macro default__divide(numerator, denominator, type) -%}
    cast(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0) as {{ type }})
{%- endmacro %}
