{% macro generate_schema_name(custom_schema_name, node) %}
    {#- The layer's name alone: BI tools read marts.dim_customers, not main_marts.dim_customers. -#}
    {{ return((custom_schema_name or target.schema) | trim) }}
{% endmacro %}
