with

edges as (select * from {{ ref('int_identity_edges') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

final as (
    select
        edges.record_key,
        edges.other_record_key,
        edges.identifier_key
    from edges
    left join identifier_values
        on edges.identifier_key = identifier_values.identifier_key
    where
        (
            edges.strength not in ('rule', 'scored')
            and coalesce(identifier_values.identifier_status <> 'joins', true)
        )
        or (
            edges.strength = 'medium'
            and (edges.first_name_level = 'different' or edges.birth_date_level = 'different')
        )
)

select * from final
