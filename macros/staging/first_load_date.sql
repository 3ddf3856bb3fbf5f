{% macro first_load_date(load_date, earlier_load_day, said=none) -%}
    {#-
        The first load date of any version of a row, or of those that `said` something: that of its newest version, or
        the least `load_day` of its earlier ones. Null where such a version has no load date, or none said so.
    -#}
    nullif(
        least(
            {{ 'case when ' ~ said ~ ' then ' if said }}{{ load_day(load_date) }}{{ ' end' if said }},
            {{ earlier_load_day }}
        ),
        {{ load_day('cast(null as date)') }}
    )
{%- endmacro %}
