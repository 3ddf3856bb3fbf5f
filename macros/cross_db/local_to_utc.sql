{% macro local_to_utc(timestamp, zone) %}
    {#- A naive timestamp in the zone, as a naive timestamp in UTC. -#}
    {{ return(timestamp if zone == 'UTC' else adapter.dispatch('local_to_utc')(timestamp, zone)) }}
{% endmacro %}

{% macro default__local_to_utc(timestamp, zone) -%}
    timezone('UTC', timezone('{{ zone }}', {{ timestamp }}))
{%- endmacro %}

{% macro spark__local_to_utc(timestamp, zone) -%}
    to_utc_timestamp({{ timestamp }}, '{{ zone }}')
{%- endmacro %}
