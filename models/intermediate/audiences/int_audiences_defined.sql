with

audiences as (select * from {{ ref('stg_landing__audiences') }}),

final as (
    select
        -- keys
        audience,

        -- attributes
        title,
        description,
        owner,
        exclusive_group,
        hash_salt,
        definition,
        definition_hash,

        -- measures
        priority,
        holdout_pct
    from audiences
)

select * from final
