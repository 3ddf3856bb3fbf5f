{% macro generate_schema_name(custom_schema_name, node) %}
    {#- The schema of a layer: on DuckDB its name alone, on Spark behind the name of the build. -#}
    {{ return(layer_schema((custom_schema_name or target.schema) | trim)) }}
{% endmacro %}
