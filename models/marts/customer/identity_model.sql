with

levels as (select * from {{ ref('int_match_levels_in_force') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

final as (
    select
        -- keys
        levels.comparison,
        levels.level_name,

        -- attributes
        levels.model_version,
        levels.level,

        -- measures
        levels.m_probability,
        levels.u_probability,
        levels.household_probability,
        log2(levels.m_probability) - log2(levels.u_probability) as match_weight,
        priors.pairs_per_record,
        priors.prior_probability,
        model.join_probability,
        model.review_probability,

        -- flags
        levels.is_fitted,
        levels.is_term_adjusted
    from levels
    -- one row per version
    inner join model
        on levels.model_version = model.model_version
    -- one row
    cross join priors
)

select * from final
