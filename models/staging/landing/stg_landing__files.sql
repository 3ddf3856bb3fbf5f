with

files as (select * from {{ source('landing', 'files') }}),

final as (
    select
        -- keys
        system,
        table_name,
        file,

        -- attributes
        extra_columns,
        absent_columns,

        -- measures
        landed_rows as landed_rows_count,
        broken_rows as broken_lines_count,

        -- flags
        is_in_place,

        -- dates and timestamps
        load_date
    from files
)

select * from final
