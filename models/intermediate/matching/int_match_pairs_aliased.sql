{% set comparisons = match_comparisons() %}
{% set terms = match_terms() %}
with

pairs as (select * from {{ ref('int_match_pairs') }}),

names as (select * from {{ ref('int_match_names_counted') }}),

model as (select * from {{ ref('int_match_model') }}),

-- Few records have several names: only their pairs are compared under each of them.
aliased as (
    select record_key
    from names
    where alias_number > 0
    group by record_key
),

aliased_pairs as (
    select
        pairs.record_key,
        pairs.other_record_key,
        pairs.rule,
        pairs.rules_count
    from pairs
    left join aliased
        on pairs.record_key = aliased.record_key
    left join aliased as other_aliased
        on pairs.other_record_key = other_aliased.record_key
    where aliased.record_key is not null or other_aliased.record_key is not null
),

pair_ends as (
    select record_key
    from aliased_pairs

    union

    select other_record_key as record_key
    from aliased_pairs
),

names_of_pairs as (
    select names.*
    from names
    inner join pair_ends
        on names.record_key = pair_ends.record_key
),

-- A record has few aliases, so a pair is no more than some combinations of names.
compared as (
    select
        pairs.record_key,
        pairs.other_record_key,
        pairs.rule,
        pairs.rules_count,
        {% for comparison in comparisons %}
            {{ reached_match_level(comparison) }} as {{ comparison.name }}_level,
        {% endfor %}
        {% for term in terms %}
            one.{{ term }}_share,
        {% endfor %}
        one.alias_number,
        other.alias_number as other_alias_number
    from aliased_pairs as pairs
    inner join names_of_pairs as one
        on pairs.record_key = one.record_key
    inner join names_of_pairs as other
        on pairs.other_record_key = other.record_key
),

ranked as (
    select
        compared.*,
        row_number() over (
            partition by compared.record_key, compared.other_record_key
            order by
                {{ match_evidence('compared', 'model') }} desc nulls last,
                compared.alias_number asc nulls last,
                compared.other_alias_number asc nulls last
        ) as name_rank
    from compared
    cross join model
),

final as (
    select
        -- keys
        record_key,
        other_record_key,
        alias_number,
        other_alias_number,

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
    from ranked
    where name_rank = 1
)

select * from final
