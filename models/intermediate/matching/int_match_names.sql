{% set columns = match_columns() %}
with

records as (select * from {{ ref('int_match_records') }}),

aliases as (select * from {{ ref('int_match_aliases') }}),

final as (
    select
        {% for column in columns %}
            {{ column }},
        {% endfor %}
        0 as alias_number
    from records

    union all

    select
        {% for column in columns %}
            {{ column }},
        {% endfor %}
        alias_number
    from aliases
)

select * from final
