{% macro local_to_utc(timestamp, zone) %}
    {#- A naive timestamp in the zone, as a naive timestamp in UTC. -#}
    {{ return(timestamp if zone == 'UTC' else adapter.dispatch('local_to_utc')(timestamp, zone)) }}
{% endmacro %}

{% macro default__local_to_utc(timestamp, zone) -%}
    {#- A time with a zone is microseconds in UTC. Taking these as they are is faster than a second look at a calendar. -#}
    make_timestamp(epoch_us(timezone('{{ zone }}', {{ timestamp }})))
{%- endmacro %}

{% macro spark__local_to_utc(timestamp, zone) -%}
    {#-
        A time that comes twice is the first one for Spark and the second one for DuckDB. The second is read with the
        offset of a day later, and it is the time itself again when it is put back.
    -#}
    {%- set later = 'to_utc_timestamp(' ~ timestamp ~ ' + interval 1 day, \'' ~ zone ~ '\') - interval 1 day' -%}
    case
        when from_utc_timestamp({{ later }}, '{{ zone }}') = {{ timestamp }} then {{ later }}
        else to_utc_timestamp({{ timestamp }}, '{{ zone }}')
    end
{%- endmacro %}
