{% set comparisons = match_comparisons() %}
{% set terms = match_terms() %}
with

pairs as (select * from {{ ref('int_match_pairs') }}),

records as (select * from {{ ref('int_match_records') }}),

term_shares as (select * from {{ ref('int_match_term_shares') }}),

-- The shares of the values of one record: they count where the other one has the same value.
records_with_shares as (
    select
        records.*,
        {% for term in terms %}
            {{ term }}_shares.term_share as {{ term }}_share{% if not loop.last %},{% endif %}
        {% endfor %}
    from records
    {% for term in terms %}
        left join term_shares as {{ term }}_shares
            on
                {{ term }}_shares.term = '{{ term }}'
                and records.{{ term }} = {{ term }}_shares.term_value
    {% endfor %}
),

final as (
    select
        -- keys
        pairs.record_key,
        pairs.other_record_key,

        -- attributes
        pairs.rule,

        -- measures
        {% for comparison in comparisons %}
            {{ reached_match_level(comparison) }} as {{ comparison.name }}_level,
        {% endfor %}
        {% for term in terms %}
            one.{{ term }}_share,
        {% endfor %}
        pairs.rules_count
    from pairs
    inner join records_with_shares as one
        on pairs.record_key = one.record_key
    inner join records as other
        on pairs.other_record_key = other.record_key
)

select * from final
