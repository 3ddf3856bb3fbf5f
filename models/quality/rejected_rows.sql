with

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

broken_lines as (select * from {{ ref('stg_landing__broken_lines') }}),

final as (
    select
        -- keys
        system,
        table_name,
        file,
        row_number_in_file as position_number,

        -- attributes
        'row' as rejected_as,
        rejection_reason as reason,
        raw_row,

        -- dates and timestamps
        load_date
    from landed_rows
    where row_status = 'rejected'

    union all

    select
        system,
        table_name,
        file,
        line_number as position_number,
        'line' as rejected_as,
        'broken_line: ' || error_text as reason,
        raw_line as raw_row,
        load_date
    from broken_lines
)

select * from final
