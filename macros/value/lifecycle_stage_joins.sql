{% macro lifecycle_stage_joins(since_first_days, since_last_days) %}
{#-
    The joins that find a customer's stage in the seed lifecycle_stages, by the days since the first order
    (first_stages) and since the last one (last_stages). The ranges of a measure do not overlap, which a test of the
    seed proves, so the rows stay as they are. `lifecycle_stage()` says which of the two counts.
-#}
{%- for name, days in {'first': since_first_days, 'last': since_last_days}.items() %}
left join lifecycle_stages as {{ name }}_stages
    on
        {{ name }}_stages.measure = 'days_since_{{ name }}_order'
        and {{ days }} >= {{ name }}_stages.from_days
        and {{ days }} < coalesce({{ name }}_stages.to_days, 999999)
{%- endfor %}
{%- endmacro %}
