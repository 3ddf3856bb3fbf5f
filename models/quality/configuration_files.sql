with

config_files as (select * from {{ source('landing', 'config_files') }}),

final as (
    select
        -- keys
        file,

        -- attributes
        subject,
        sha256,

        -- measures
        replaced_rows as replaced_rows_count,
        added_rows as added_rows_count,
        removed_rows as removed_rows_count,

        -- flags
        is_whole
    from config_files
)

select * from final
