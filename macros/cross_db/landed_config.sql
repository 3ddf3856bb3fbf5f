{% macro landed_config(seed) -%}
    {#- What landing wrote of the company's rows of a seed, as a relation to select from. -#}
    {{ adapter.dispatch('landed_config')(seed) }}
{%- endmacro %}

{% macro default__landed_config(seed) -%}
    read_parquet({{ file_literal(setting('warehouse') ~ '/landing/config/' ~ seed ~ '.parquet') }})
{%- endmacro %}

{% macro spark__landed_config(seed) -%}
    parquet.`{{ spark_path(landing_on_spark() ~ '/config/' ~ seed ~ '.parquet') }}`
{%- endmacro %}
