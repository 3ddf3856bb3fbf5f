with

segment_map as (select * from {{ ref('rfm_segment_map') }}),

conditions as (select * from {{ ref('rfm_segment_conditions') }}),

segments as (
    select distinct rfm_segment
    from segment_map
),

final as (
    select
        case
            when named.rfm_segment is null
                then conditions.rfm_segment || ' is in no row of the map'
            when others.rfm_segment is null
                then conditions.otherwise_segment || ' is in no row of the map'
            else conditions.otherwise_segment || ' has conditions of its own'
        end as finding
    from conditions
    left join segments as named
        on conditions.rfm_segment = named.rfm_segment
    left join segments as others
        on conditions.otherwise_segment = others.rfm_segment
    left join conditions as chained
        on conditions.otherwise_segment = chained.rfm_segment
    where
        named.rfm_segment is null
        or others.rfm_segment is null
        or chained.rfm_segment is not null
)

select * from final
