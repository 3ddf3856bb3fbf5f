{% macro layer_schema(layer) %}
    {#- The schema that a layer lies in. A DuckDB file holds one build; a metastore holds many, and other projects. -#}
    {{ return(adapter.dispatch('layer_schema')(layer)) }}
{% endmacro %}

{% macro default__layer_schema(layer) %}
    {{ return(layer) }}
{% endmacro %}

{% macro spark__layer_schema(layer) %}
    {{ return(layer if layer == target.schema else target.schema ~ '_' ~ layer) }}
{% endmacro %}
