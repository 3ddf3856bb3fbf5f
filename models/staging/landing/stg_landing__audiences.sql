with

audiences as (select * from {{ source('landing', 'audiences') }}),

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
        file,

        -- measures
        priority,
        holdout_pct
    from audiences
)

select * from final
