{{ config(materialized='connected_components') }}

with

pairs as (select * from {{ ref('int_identifier_pairs_judged') }}),

final as (
    select
        record_key as from_key,
        other_record_key as to_key
    from pairs
    where strength = 'strong'
)

select * from final
