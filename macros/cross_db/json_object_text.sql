{% macro json_object_text(columns) %}
    {#- A JSON object as text; columns is a mapping of key to SQL expression. -#}
    {{ return(adapter.dispatch('json_object_text')(columns)) }}
{% endmacro %}

{% macro default__json_object_text(columns) -%}
    cast(json_object({% for key, value in columns.items() %}'{{ key }}', {{ value }}{% if not loop.last %}, {% endif %}{% endfor %}) as varchar)
{%- endmacro %}

{% macro spark__json_object_text(columns) -%}
    to_json(named_struct({% for key, value in columns.items() %}'{{ key }}', {{ value }}{% if not loop.last %}, {% endif %}{% endfor %}), map('ignoreNullFields', 'false'))
{%- endmacro %}
