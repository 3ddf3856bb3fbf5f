{% macro last_known(expression, window) %}
    {#- The last value that is not null, up to this row, in a window with its order (`partition by … order by …`). -#}
    {{ return(adapter.dispatch('last_known')(expression, window)) }}
{% endmacro %}

{% macro default__last_known(expression, window) -%}
    last_value({{ expression }} ignore nulls) over ({{ window }} rows between unbounded preceding and current row)
{%- endmacro %}

{% macro spark__last_known(expression, window) -%}
    last_value({{ expression }}) ignore nulls over ({{ window }} rows between unbounded preceding and current row)
{%- endmacro %}
