{% set columns = match_columns() %}
{% set terms = match_terms() %}
with

names as (select * from {{ ref('int_match_names') }}),

term_shares as (select * from {{ ref('int_match_term_shares') }}),

final as (
    select
        {% for column in columns %}
            names.{{ column }},
        {% endfor %}
        names.alias_number,
        {% for term in terms %}
            {{ term }}_shares.term_share as {{ term }}_share{% if not loop.last %},{% endif %}
        {% endfor %}
    from names
    {% for term in terms %}
        left join term_shares as {{ term }}_shares
            on
                {{ term }}_shares.term = '{{ term }}'
                and names.{{ term }} = {{ term }}_shares.term_value
    {% endfor %}
)

select * from final
