with

files as (select * from {{ ref('stg_landing__files') }}),

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

file_totals as (
    select
        system,
        table_name,
        sum(landed_rows_count) as landed_rows_count,
        sum(broken_lines_count) as broken_lines_count
    from files
    group by system, table_name
),

buckets as (
    select
        'rows_of_files' as topic,
        system,
        table_name as subject,
        'landed' as bucket,
        landed_rows_count as rows_count
    from file_totals

    union all

    select
        'rows_of_files' as topic,
        system,
        table_name as subject,
        'broken' as bucket,
        broken_lines_count as rows_count
    from file_totals

    union all

    select
        'rows_of_landing' as topic,
        system,
        table_name as subject,
        row_status as bucket,
        count(*) as rows_count
    from landed_rows
    group by system, table_name, row_status
),

final as (
    select
        *,
        cast(null as decimal(38, 4)) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from buckets
)

select * from final
