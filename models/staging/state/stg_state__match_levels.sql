with

levels as (select * from {{ source('state', 'match_levels') }}),

final as (
    select
        -- keys
        model_version,
        comparison,
        level_name,

        -- measures
        m_probability,
        u_probability,

        -- flags
        is_m_fitted,
        is_u_fitted
    from levels
)

select * from final
