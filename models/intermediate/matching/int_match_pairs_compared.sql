{% set comparisons = match_comparisons() %}
{% set terms = match_terms() %}
with

pairs as (select * from {{ ref('int_match_pairs') }}),

-- What is read twice is imported twice: DuckDB would read a shared CTE with one core.
one_names as (select * from {{ ref('int_match_names_counted') }}),

other_names as (select * from {{ ref('int_match_names_counted') }}),

aliased as (select * from {{ ref('int_match_pairs_aliased') }}),

aliased_pairs as (select * from {{ ref('int_match_pairs_aliased') }}),

-- Of a pair with aliases the names that say most were chosen before.
compared as (
    select
        pairs.record_key,
        pairs.other_record_key,
        pairs.rule,
        {% for comparison in comparisons %}
            {{ reached_match_level(comparison) }} as {{ comparison.name }}_level,
        {% endfor %}
        {% for term in terms %}
            one.{{ term }}_share,
        {% endfor %}
        pairs.rules_count
    from pairs
    inner join one_names as one
        on
            pairs.record_key = one.record_key
            and one.alias_number = 0
    inner join other_names as other
        on
            pairs.other_record_key = other.record_key
            and other.alias_number = 0
    left join aliased
        on
            pairs.record_key = aliased.record_key
            and pairs.other_record_key = aliased.other_record_key
    where aliased.record_key is null
),

final as (
    select
        -- keys
        record_key,
        other_record_key,

        -- attributes
        rule,

        -- measures
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for term in terms %}
            {{ term }}_share,
        {% endfor %}
        rules_count
    from compared

    union all

    select
        -- keys
        record_key,
        other_record_key,

        -- attributes
        rule,

        -- measures
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for term in terms %}
            {{ term }}_share,
        {% endfor %}
        rules_count
    from aliased_pairs
)

select * from final
