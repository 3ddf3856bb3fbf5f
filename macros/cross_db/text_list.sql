{% macro text_list(text) %}
    {#- An aggregate: the different texts of a group in their order, with a comma between; null without any. -#}
    {{ return(adapter.dispatch('text_list')(text)) }}
{% endmacro %}

{% macro default__text_list(text) -%}
    string_agg(distinct {{ text }}, ', ' order by {{ text }} asc)
{%- endmacro %}

{% macro spark__text_list(text) -%}
    nullif(array_join(array_sort(collect_set({{ text }})), ', '), '')
{%- endmacro %}
