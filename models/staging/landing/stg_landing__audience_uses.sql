with

uses as (select * from {{ source('landing', 'audience_uses') }}),

final as (
    select
        -- keys
        audience,
        kind as used_kind,
        name as used_name
    from uses
)

select * from final
