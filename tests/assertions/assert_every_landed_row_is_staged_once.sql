-- The tables are those of the contract, not those that some model knows: a table that no model
-- stages fails here.
{% set tables = [] %}
{% for table in graph.sources.values() if execute and table.schema.startswith('raw_') %}
    {% do tables.append(table) %}
{% endfor %}
with

files as (select * from {{ ref('stg_landing__files') }}),

broken_lines as (select * from {{ ref('stg_landing__broken_lines') }}),

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

in_manifest as (
    select
        system,
        table_name,
        file,
        landed_rows_count,
        broken_lines_count
    from files
),

in_source as (
    {% for table in tables %}
        select
            '{{ table.schema | replace("raw_", "") }}' as system,
            '{{ table.name }}' as table_name,
            _file as file,
            count(*) as rows_count
        from {{ table.relation_name }}
        group by _file
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

in_staging as (
    select
        system,
        table_name,
        file,
        count(*) as rows_count,
        count(distinct row_number_in_file) as distinct_row_count,
        count(row_status) as status_count
    from landed_rows
    group by system, table_name, file
),

in_broken_lines as (
    select
        system,
        table_name,
        file,
        count(*) as lines_count
    from broken_lines
    group by system, table_name, file
),

places as (
    select
        system,
        table_name,
        file
    from in_manifest

    union

    select
        system,
        table_name,
        file
    from in_source

    union

    select
        system,
        table_name,
        file
    from in_staging

    union

    select
        system,
        table_name,
        file
    from in_broken_lines
),

compared as (
    select
        places.system,
        places.table_name,
        places.file,
        coalesce(in_manifest.landed_rows_count, 0) as manifest_row_count,
        coalesce(in_source.rows_count, 0) as source_row_count,
        coalesce(in_staging.rows_count, 0) as staged_row_count,
        coalesce(in_staging.distinct_row_count, 0) as distinct_staged_row_count,
        coalesce(in_staging.status_count, 0) as status_count,
        coalesce(in_manifest.broken_lines_count, 0) as manifest_broken_line_count,
        coalesce(in_broken_lines.lines_count, 0) as broken_lines_count
    from places
    left join in_manifest
        on
            places.system = in_manifest.system
            and places.table_name = in_manifest.table_name
            and places.file = in_manifest.file
    left join in_source
        on
            places.system = in_source.system
            and places.table_name = in_source.table_name
            and places.file = in_source.file
    left join in_staging
        on
            places.system = in_staging.system
            and places.table_name = in_staging.table_name
            and places.file = in_staging.file
    left join in_broken_lines
        on
            places.system = in_broken_lines.system
            and places.table_name = in_broken_lines.table_name
            and places.file = in_broken_lines.file
),

final as (
    select *
    from compared
    where
        manifest_row_count <> source_row_count
        or source_row_count <> staged_row_count
        or staged_row_count <> distinct_staged_row_count
        or staged_row_count <> status_count
        or manifest_broken_line_count <> broken_lines_count
)

select * from final
