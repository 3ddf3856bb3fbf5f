{% macro generate_database_name(custom_database_name=none, node=none) %}
    {#- Marts lie in an attached file of their own on DuckDB; Spark has no third part of a name. -#}
    {{ return(adapter.dispatch('layer_database')(custom_database_name)) }}
{% endmacro %}

{% macro default__layer_database(custom_database_name) %}
    {{ return(custom_database_name or target.database) }}
{% endmacro %}

{% macro spark__layer_database(custom_database_name) %}
    {{ return(none) }}
{% endmacro %}
