{% macro create_source_relations() %}
    {#- Before a run: makes the source relations over the landed files (docs/source_contract.md). -#}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'show', 'compile', 'docs') %}
        {{ return(adapter.dispatch('create_source_relations')()) }}
    {% endif %}
{% endmacro %}

{% macro default__create_source_relations() %}
    {% set landing = setting('warehouse') ~ '/landing' %}
    {% if run_query('select count(*) from glob(' ~ file_literal(landing ~ '/manifest.parquet') ~ ')').columns[0][0] == 0 %}
        {{ exceptions.raise_compiler_error('There is no landing in ' ~ landing ~ ': run `portrait land` first.') }}
    {% endif %}
    {% do run_query('create schema if not exists landing') %}
    {% for name, file in {'files': 'manifest', 'broken_lines': 'broken_lines'}.items() %}
        {% do run_query(
            'create or replace view landing.' ~ name ~ ' as select * from read_parquet('
            ~ file_literal(landing ~ '/' ~ file ~ '.parquet') ~ ')'
        ) %}
    {% endfor %}
    {% set files = {} %}
    {% for row in run_query(
        'select schema_name, table_name, landed_path, file, load_date, is_in_place from landing.files order by file'
    ) %}
        {% do files.setdefault(row[0] ~ '.' ~ row[1], []).append(row) %}
    {% endfor %}
    {% for table in graph.sources.values() if table.schema.startswith('raw_') %}
        {% do run_query('create schema if not exists ' ~ table.schema) %}
        {% do run_query(landed_rows_view(table, landing, files.get(table.schema ~ '.' ~ table.name, []))) %}
    {% endfor %}
    {{ create_sql_functions() }}
{% endmacro %}

{% macro landed_rows_view(table, landing, files) %}
    {#-
        The text of a source view: what landing wrote, and the files that are used in place with the same columns, all as
        text. The manifest names the files, so that those of a landing that was cut off are not read.
    -#}
    {% set folder = landing ~ '/' ~ table.schema ~ '/' ~ table.name ~ '/' %}
    create or replace view {{ table.schema }}.{{ table.name }} as
    select
        {% for column in table.columns %}{{ column }}, {% endfor %}_file, _row, _load_date
    from read_parquet([
        {{ file_literal(folder ~ '_empty.parquet') }}
        {% for file in files if not file[5] %}
            , {{ file_literal(folder ~ (file[2] | string).split('/')[-1]) }}
        {% endfor %}
    ], hive_partitioning = false)
    {% for file in files if file[5] %}
        union all
        select
            {% for column in table.columns %}cast({{ column }} as varchar), {% endfor %}
            '{{ file[3] | replace("'", "''") }}',
            file_row_number + 1,
            cast({{ "'" ~ file[4] ~ "'" if file[4] else 'null' }} as date)
        from read_parquet({{ file_literal(file[2]) }}, file_row_number = true, hive_partitioning = false)
    {% endfor %}
{% endmacro %}

{% macro file_literal(path) -%}
    {#- The SQL literal of exactly this file, whatever glob characters its path holds. -#}
    '{{ modules.re.sub("[\[*?]", "[\g<0>]", path) | replace("'", "''") }}'
{%- endmacro %}
