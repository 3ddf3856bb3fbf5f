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
    {% for name in ['config_files', 'audiences', 'audience_steps', 'audience_uses'] %}
        {% do run_query(kept_view(contract_table('landing', name), landing)) %}
    {% endfor %}
    {% do run_query('create schema if not exists state') %}
    {% for table in graph.sources.values() if table.schema == 'state' %}
        {% do run_query(kept_view(table, landing ~ '/state')) %}
    {% endfor %}
    {% set files = {} %}
    {% for row in run_query(
        'select schema_name, table_name, landed_path, file, load_date, is_in_place, instance, delivery '
        ~ 'from landing.files order by file'
    ) %}
        {% do files.setdefault(row[0] ~ '.' ~ row[1], []).append(row) %}
    {% endfor %}
    {% for table in graph.sources.values() if table.schema.startswith('raw_') %}
        {% do run_query('create schema if not exists ' ~ table.schema) %}
        {% do run_query(landed_rows_view(table, landing, files.get(table.schema ~ '.' ~ table.name, []))) %}
    {% endfor %}
    {{ create_sql_functions() }}
    {{ limit_database() }}
{% endmacro %}

{% macro kept_view(table, folder) %}
    {#- The text of the view of a file that landing wrote beside the landed ones; empty where there is none. -#}
    {% set file = file_literal(folder ~ '/' ~ table.name ~ '.parquet') %}
    {% set is_there = run_query('select count(*) from glob(' ~ file ~ ')').columns[0][0] > 0 %}
    create or replace view {{ table.schema }}.{{ table.name }} as
    select
        {% for column in table.columns.values() %}
        cast({{ column.name if is_there else 'null' }} as {{ column.data_type }}) as {{ column.name }}
        {{- ',' if not loop.last }}
        {% endfor %}
    {{ 'from read_parquet(' ~ file ~ ')' if is_there else 'where false' }}
{% endmacro %}

{% macro landed_rows_view(table, landing, files) %}
    {#- The statement that makes the view of all landed rows of a table. -#}
    create or replace view {{ table.schema }}.{{ table.name }} as
    {{ landed_rows(table, landing, files) }}
{% endmacro %}

{% macro landed_rows(table, landing, files, carried={}) %}
    {#-
        The query of the landed rows of files: of what landing wrote, and of the files that are used in place with the same
        columns, as text. The manifest names the files, so that those of a landing that was cut off are not read. Columns in
        `carried` keep the type that they have in files used in place; then all files must be such.
    -#}
    {% set folder = landing ~ '/' ~ table.schema ~ '/' ~ table.name ~ '/' %}
    {% set delivery = text_literal(files[0][7] if files else none, 'varchar') %}
    {% set parts = [] %}
    {% if not carried %}
        {% set landed = [file_literal(folder ~ '_empty.parquet')] %}
        {% for file in files if not file[5] %}
            {% do landed.append(file_literal(folder ~ (file[2] | string).split('/')[-1])) %}
        {% endfor %}
        {% set part %}
            select
                {% for column in table.columns %}{{ column }}, {% endfor %}_file, _row, _load_date, _instance, _is_deleted,
                {{ delivery }} as _delivery
            from read_parquet([{{ landed | join(', ') }}], hive_partitioning = false)
        {% endset %}
        {% do parts.append(part) %}
    {% endif %}
    {% for file in files if file[5] %}
        {% set part %}
            select
                {% for column in table.columns -%}
                    {{ column if column in carried else 'cast(' ~ column ~ ' as varchar) as ' ~ column }},
                {% endfor %}
                '{{ file[3] | replace("'", "''") }}' as _file,
                file_row_number + 1 as _row,
                cast({{ "'" ~ file[4] ~ "'" if file[4] else 'null' }} as date) as _load_date,
                {{ text_literal(file[6], 'varchar') }} as _instance,
                cast(null as varchar) as _is_deleted,
                {{ delivery }} as _delivery
            from read_parquet({{ file_literal(file[2]) }}, file_row_number = true, hive_partitioning = false)
        {% endset %}
        {% do parts.append(part) %}
    {% endfor %}
    {{ return(parts | join(' union all ')) }}
{% endmacro %}

{% macro text_literal(word, type) -%}
    {#- A plain word, or null, as a SQL literal of a text type. -#}
    cast({{ "'" ~ word ~ "'" if word else 'null' }} as {{ type }})
{%- endmacro %}

{% macro file_literal(path) -%}
    {#- The SQL literal of exactly this file, whatever glob characters its path holds. -#}
    '{{ modules.re.sub("[\[*?]", "[\g<0>]", path) | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__create_source_relations() %}
    {#- Views over the files by their paths: they read what lies there, and no table of that name is ever replaced. -#}
    {% set landing = landing_on_spark() %}
    {% do run_query('create schema if not exists landing') %}
    {% for table in graph.sources.values() if table.schema == 'landing' %}
        {% do run_query(landing_view(table, landing)) %}
    {% endfor %}
    {% do run_query('create schema if not exists state') %}
    {% for table in graph.sources.values() if table.schema == 'state' %}
        {% do run_query(landing_view(table, landing ~ '/state')) %}
    {% endfor %}
    {% set files = {} %}
    {% for row in run_query(
        'select schema_name, table_name, landed_path, file, load_date, is_in_place, instance, delivery '
        ~ 'from landing.files order by file'
    ) %}
        {% do files.setdefault(row[0] ~ '.' ~ row[1], []).append(row) %}
    {% endfor %}
    {% set schemas = [] %}
    {% for table in graph.sources.values() if table.schema.startswith('raw_') %}
        {% if table.schema not in schemas %}
            {% do schemas.append(table.schema) %}
            {% do run_query('create schema if not exists ' ~ table.schema) %}
        {% endif %}
        {% do run_query(landed_rows_spark_view(table, landing, files.get(table.schema ~ '.' ~ table.name, []))) %}
    {% endfor %}
    {{ create_sql_functions() }}
{% endmacro %}

{% macro landing_on_spark() %}
    {#- Where the cluster sees the folder of the landing; a cluster knows no folder relative to this one. -#}
    {% set landing = setting('warehouse') ~ '/landing' %}
    {% set landing = landing if landing.startswith('/') else env_var('PWD', '') ~ '/' ~ landing %}
    {{ return(env_var('PORTRAIT_SPARK_LANDING', landing)) }}
{% endmacro %}

{% macro landing_view(table, landing) %}
    {#- The statement that makes the view of a file that landing keeps of its own work, with the contract's types. -#}
    {% set file = landing ~ '/' ~ {'files': 'manifest'}.get(table.name, table.name) ~ '.parquet' %}
    create or replace view {{ table.schema }}.{{ table.name }} as
    select
        {% for column in table.columns.values() %}
        cast({{ column.name }} as {{ column.data_type | replace('varchar', 'string') }}) as {{ column.name }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from parquet.`{{ spark_path(file) }}`
{% endmacro %}

{% macro landed_rows_spark_view(table, landing, files) %}
    {#-
        The text of a source view on Spark: the landed files that the manifest names, in one glob, and each file that is
        used in place. The empty files of landing begin with _, and Spark does not read such files: an empty select
        replaces them.
    -#}
    {% set landed = [] %}
    {% for file in files if not file[5] %}
        {% do landed.append((file[2] | string).split('/')[-1]) %}
    {% endfor %}
    {% set delivery = text_literal(files[0][7] if files else none, 'string') %}
    create or replace view {{ table.schema }}.{{ table.name }} as
    {% if landed %}
        select
            {{ table.columns | join(', ') }}, _file, _row, _load_date, _instance, _is_deleted,
            {{ delivery }} as _delivery
        from parquet.`{{ spark_path(landing ~ '/' ~ table.schema ~ '/' ~ table.name) }}/{{ '{' ~ landed | join(',') ~ '}' }}`
    {% else %}
        select
            {% for column in table.columns %}cast(null as string) as {{ column }}, {% endfor %}
            cast(null as string) as _file, cast(null as bigint) as _row, cast(null as date) as _load_date,
            cast(null as string) as _instance, cast(null as string) as _is_deleted, {{ delivery }} as _delivery
        where false
    {% endif %}
    {% for file in files if file[5] %}
        union all
        select
            {% for column in table.columns %}cast({{ column }} as string), {% endfor %}
            '{{ file[3] | replace("\\", "\\\\") | replace("'", "\\'") }}',
            _metadata.row_index + 1,
            cast({{ "'" ~ file[4] ~ "'" if file[4] else 'null' }} as date),
            {{ text_literal(file[6], 'string') }},
            cast(null as string),
            {{ delivery }}
        from parquet.`{{ spark_path(file[2]) }}`
    {% endfor %}
{% endmacro %}

{% macro spark_path(path) -%}
    {#- The path as Spark takes it between backticks: exactly this file, whatever glob characters it holds. -#}
    {{ modules.re.sub('([\[\]*?{}\\\\])', '\\\\\\1', path | string) | replace('`', '``') }}
{%- endmacro %}
