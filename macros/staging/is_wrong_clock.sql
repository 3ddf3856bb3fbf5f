{% macro is_wrong_clock(column) -%}
    {#-
        Whether the time of a device cannot be right: before the contract's `not_before`, or, where the contract names the
        column of its receipt (`received`), more than a day after it or more than the days of the var device_clock_days
        before it. A receipt in the future says nothing. `<column>_told` is the time as the device told it.
    -#}
    {%- set told_date = 'cast(' ~ column.name ~ '_told as date)' -%}
    coalesce(
        {{ told_date }} < cast('{{ column.meta.not_before }}' as date)
        {%- if column.meta.received %}
        {%- set received_date = 'cast(' ~ column.meta.received ~ ' as date)' %}
        or (
            {{ received_date }} <= latest_possible_date
            and (
                {{ told_date }} > {{ add_days(received_date, 1) }}
                or {{ told_date }} < {{ add_days(received_date, -1 * var('device_clock_days')) }}
            )
        )
        {%- endif %},
        false
    )
{%- endmacro %}
