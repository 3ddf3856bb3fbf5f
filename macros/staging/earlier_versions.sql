{% macro earlier_versions(relation, key, said={}) -%}
    {#-
        The select of the first load day of each row's superseded versions, as first_load_day, and of those versions
        that said something: `said` names a column for each condition. `first_load_date` compares it with the newest.
    -#}
    select
        {{ key }},
        min({{ load_day('_load_date') }}) as first_load_day
        {%- for name, condition in said.items() %},
        min(case when {{ condition }} then {{ load_day('_load_date') }} end) as {{ name }}
        {%- endfor %}
    from {{ relation }}
    where row_status = 'superseded'
    group by {{ key }}
{%- endmacro %}
