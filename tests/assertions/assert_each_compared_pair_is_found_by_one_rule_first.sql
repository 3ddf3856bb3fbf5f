with

rules as (select * from {{ ref('identity_blocking') }}),

pairs as (select * from {{ ref('int_match_pairs') }}),

counted as (
    select
        coalesce(sum(first_found_pairs_count), 0) as first_found_pairs_count,
        coalesce(sum(pairs_count), 0) as pairs_count
    from rules
),

compared as (
    select
        count(*) as compared_pair_count,
        coalesce(sum(rules_count), 0) as found_pair_count
    from pairs
),

final as (
    select
        counted.first_found_pairs_count,
        compared.compared_pair_count,
        counted.pairs_count,
        compared.found_pair_count
    from counted
    cross join compared
    where
        counted.first_found_pairs_count <> compared.compared_pair_count
        or counted.pairs_count <> compared.found_pair_count
)

select * from final
