{{ config(materialized='connected_components') }}

with

pairs as (select * from {{ ref('int_identifier_pairs_judged') }}),

match_edges as (select * from {{ ref('int_match_edges') }}),

final as (
    select
        record_key as from_key,
        other_record_key as to_key
    from pairs
    where verdict = 'joins'

    union all

    select
        record_key as from_key,
        other_record_key as to_key
    from match_edges
)

select * from final
