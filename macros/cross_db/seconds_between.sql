{% macro seconds_between(start_timestamp, end_timestamp) %}
    {#-
        Seconds from the first moment to the second, with their fraction, as a double; negative where the second is
        earlier. Exact to the microsecond: half an hour is 1800, and a microsecond more is more.
    -#}
    {{ return(adapter.dispatch('seconds_between')(start_timestamp, end_timestamp)) }}
{% endmacro %}

{% macro default__seconds_between(start_timestamp, end_timestamp) -%}
    (cast(epoch_us({{ end_timestamp }}) - epoch_us({{ start_timestamp }}) as double) / 1000000)
{%- endmacro %}

{% macro spark__seconds_between(start_timestamp, end_timestamp) -%}
    (cast(unix_micros({{ end_timestamp }}) - unix_micros({{ start_timestamp }}) as double) / 1000000)
{%- endmacro %}
