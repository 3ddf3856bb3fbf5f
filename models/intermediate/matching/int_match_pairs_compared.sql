{% set comparisons = match_comparisons() %}
{% set terms = match_terms() %}
{% set columns = match_columns() %}
with

pairs as (select * from {{ ref('int_match_pairs') }}),

records as (select * from {{ ref('int_match_records') }}),

aliases as (select * from {{ ref('int_match_aliases') }}),

term_shares as (select * from {{ ref('int_match_term_shares') }}),

model as (select * from {{ ref('int_match_model') }}),

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
            one.{{ term }}_share{% if not loop.last %},{% endif %}
        {% endfor %}
    from pairs
    inner join records_with_shares as one
        on pairs.record_key = one.record_key
    inner join records as other
        on pairs.other_record_key = other.record_key
),

-- Few records have several names: only their pairs are compared under each of them.
aliased as (
    select record_key
    from aliases
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

named as (
    select
        {% for column in columns %}
            records.{{ column }},
        {% endfor %}
        0 as alias_number
    from records
    inner join pair_ends
        on records.record_key = pair_ends.record_key

    union all

    select
        {% for column in columns %}
            {{ column }},
        {% endfor %}
        alias_number
    from aliases
),

named_with_shares as (
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
),

-- A record has few aliases, so a pair is no more than some combinations of names.
named_pairs as (
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
    inner join named_with_shares as one
        on pairs.record_key = one.record_key
    inner join named as other
        on pairs.other_record_key = other.record_key
),

names_ranked as (
    select
        named_pairs.*,
        row_number() over (
            partition by named_pairs.record_key, named_pairs.other_record_key
            order by
                {{ match_evidence('named_pairs', 'model') }} desc nulls last,
                named_pairs.alias_number asc nulls last,
                named_pairs.other_alias_number asc nulls last
        ) as name_rank
    from named_pairs
    cross join model
),

final as (
    select
        -- keys
        compared.record_key,
        compared.other_record_key,

        -- attributes
        compared.rule,

        -- measures
        {% for comparison in comparisons %}
            case
                when names_ranked.record_key is null then compared.{{ comparison.name }}_level
                else names_ranked.{{ comparison.name }}_level
            end as {{ comparison.name }}_level,
        {% endfor %}
        {% for term in terms %}
            coalesce(names_ranked.{{ term }}_share, compared.{{ term }}_share) as {{ term }}_share,
        {% endfor %}
        compared.rules_count
    from compared
    left join names_ranked
        on
            compared.record_key = names_ranked.record_key
            and compared.other_record_key = names_ranked.other_record_key
            and names_ranked.name_rank = 1
)

select * from final
