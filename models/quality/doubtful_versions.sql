with

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

final as (
    select
        -- keys
        system,
        table_name,
        file,
        row_number_in_file as position_number,

        -- attributes
        doubt,
        doubt_key,
        used_file,
        used_row as used_position_number,

        -- measures
        cast(doubt_amount_local as decimal(38, 4)) as set_aside_amount_local,
        cast(used_amount_local as decimal(38, 4)) as used_amount_local,

        -- dates and timestamps
        load_date
    from landed_rows
    where doubt is not null
)

select * from final
