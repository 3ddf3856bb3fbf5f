{% macro swept_state(pivot, columns, relation) -%}
    {#-
        One step of Gauss-Jordan: sweeps the pivot's row and column of a matrix with one row per `state` and a column
        `to_<state>` for each of the columns. After a sweep of every channel the matrix of a Markov chain is solved
        (int_channel_removals). A pivot is never zero, because every path ends.
    -#}
    {%- set pivot_value = "max(case when state = '" ~ pivot ~ "' then to_" ~ pivot ~ ' end) over ()' -%}
    select
        state,
        {%- for column in columns %}
            {%- set in_pivot_row = "max(case when state = '" ~ pivot ~ "' then to_" ~ column ~ ' end) over ()' %}
            case
                {% if column == pivot -%}
                    when state = '{{ pivot }}' then {{ divide('1', pivot_value) }}
                    else -{{ divide('to_' ~ pivot, pivot_value) }}
                {%- else -%}
                    when state = '{{ pivot }}' then {{ divide('to_' ~ column, pivot_value) }}
                    else to_{{ column }} - to_{{ pivot }} * {{ divide(in_pivot_row, pivot_value) }}
                {%- endif %}
            end as to_{{ column }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
