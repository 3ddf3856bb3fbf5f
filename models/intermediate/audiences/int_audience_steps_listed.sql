with

steps as (select * from {{ ref('stg_landing__audience_steps') }}),

final as (
    select
        -- keys
        step_number,

        -- attributes
        step_name,
        parts
    from steps
)

select * from final
