with

broken_lines as (select * from {{ source('landing', 'broken_lines') }}),

final as (
    select
        -- keys
        replace(schema_name, 'raw_', '') as system,
        table_name,
        file,
        line_number,

        -- attributes
        error as error_text,
        raw_line,

        -- dates and timestamps
        load_date
    from broken_lines
)

select * from final
