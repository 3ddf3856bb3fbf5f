{% set terms = match_terms() %}
with

records as (select * from {{ ref('int_match_records') }}),

counted as (
    {% for term in terms %}
        select
            '{{ term }}' as term,
            {{ term }} as term_value,
            count(*) as records_count
        from records
        where {{ term }} is not null
        group by {{ term }}
        {% if not loop.last %}

            union all

        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        term,
        term_value,

        -- measures
        records_count,
        {{ divide('records_count', 'sum(records_count) over (partition by term)') }} as term_share
    from counted
)

select * from final
