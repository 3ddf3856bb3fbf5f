{% set columns = match_columns() %}
{% set terms = match_terms() %}
with

records as (select * from {{ ref('int_match_records') }}),

aliases as (select * from {{ ref('int_match_aliases') }}),

term_shares as (select * from {{ ref('int_match_term_shares') }}),

named as (
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
),

final as (
    select
        named.*,
        {% for term in terms %}
            {{ term }}_shares.term_share as {{ term }}_share{% if not loop.last %},{% endif %}
        {% endfor %}
    from named
    {% for term in terms %}
        left join term_shares as {{ term }}_shares
            on
                {{ term }}_shares.term = '{{ term }}'
                and named.{{ term }} = {{ term }}_shares.term_value
    {% endfor %}
)

select * from final
