{% macro utc_to_local(timestamp, zone) %}
    {#- A naive timestamp in UTC, as a naive timestamp in the zone. -#}
    {{ return(adapter.dispatch('utc_to_local')(timestamp, zone)) }}
{% endmacro %}

{% macro default__utc_to_local(timestamp, zone) -%}
    {#- A time with a zone is microseconds in UTC. Taking these as they are is faster than a second look at a calendar. -#}
    timezone('{{ zone }}', make_timestamptz(epoch_us({{ timestamp }})))
{%- endmacro %}

{% macro spark__utc_to_local(timestamp, zone) -%}
    from_utc_timestamp({{ timestamp }}, '{{ zone }}')
{%- endmacro %}
