{% macro keep_rows(table, landed, query) %}
    {#-
        Bring the kept rows of a table up to date (kept_by_file); return its batches as file paths, none without any file.
        What is new becomes one batch. A batch that lost a file is written again without it; of more than a dozen batches
        all but the largest become one. `query` is judged_rows of the relation `landed`, as it was compiled.
    -#}
    {% set most_batches = 12 %}
    {% set landing = setting('warehouse') ~ '/landing' %}
    {% set name = setting('warehouse') ~ '/kept/' ~ table.schema ~ '.' ~ table.name ~ '.' ~ rules_of(table, query) ~ '.' %}
    {% set files = {} %}
    {% for row in run_query(
        'select schema_name, table_name, landed_path, file, load_date, is_in_place, instance, delivery, sha256 '
        ~ "from landing.files where schema_name = '" ~ table.schema ~ "' and table_name = '" ~ table.name ~ "' order by file"
    ).rows %}
        {% do files.update({file_key(row): row}) %}
    {% endfor %}

    {% set kept, again, covered = [], [], [] %}
    {% for batch in kept_batches(name) %}
        {% set current = batch.files.keys() | select('in', files) | reject('in', covered) | list %}
        {% do covered.extend(current) %}
        {% if current | length == batch.files | length %}
            {% do kept.append(batch) %}
        {% elif current %}
            {% do again.append({'path': batch.path, 'keys': current}) %}
        {% endif %}
    {% endfor %}
    {% set new = files.keys() | reject('in', covered) | list %}
    {% if kept | length >= most_batches %}
        {% for batch in kept[1:] %}
            {% do again.append({'path': batch.path, 'keys': batch.files.keys() | list}) %}
        {% endfor %}
        {% set kept = kept[:1] %}
    {% endif %}

    {% set paths = kept | map(attribute='path') | list %}
    {% if again or new %}
        {% set keys = new | list %}
        {% set parts = [] %}
        {% for batch in again %}
            {% do keys.extend(batch['keys']) %}
            {% set names = [] %}
            {% for key in batch['keys'] %}{% do names.append(text_literal(files[key][3] | replace("'", "''"), 'varchar')) %}{% endfor %}
            {% do parts.append(
                'select * from ' ~ batches_source([batch.path]) ~ ' where _file in (' ~ names | join(', ') ~ ')'
            ) %}
        {% endfor %}
        {% for group in files_by_type(table, new, files) %}
            {% set view = table.schema ~ '.' ~ table.name ~ '__' ~ loop.index %}
            {% do run_query('create or replace view ' ~ view ~ ' as ' ~ landed_rows(table, landing, group.files, group.carried)) %}
            {% set of_group = judged_rows(table, view, group.carried) if group.carried else query | replace(landed | string, view) %}
            {% do parts.append('select * from (' ~ of_group ~ ')') %}
        {% endfor %}
        {% set path = name ~ local_md5(keys | sort | join(' ')) ~ '.parquet' %}
        {% set held = {} %}
        {% for key in keys %}{% do held.update({key: files[key][3]}) %}{% endfor %}
        {% do run_query(
            'copy (' ~ parts | join(' union all by name ') ~ ') to ' ~ text_of(path) ~ ' (format parquet, kv_metadata {files: '
            ~ text_of(tojson(held)) ~ '})'
        ) %}
        {% do paths.append(path) %}
    {% endif %}
    {{ return(paths) }}
{% endmacro %}

{% macro kept_batches(name) %}
    {#- The batches of a table under the rules in force, the largest first: the path of each, and its files by key. -#}
    {% set batches = [] %}
    {% set pattern = text_of(name ~ '*.parquet') %}
    {% if run_query('select count(*) from glob(' ~ pattern ~ ')').columns[0][0] %}
        {% for row in run_query(
            'select kv.file_name, decode(kv.value), footer.num_rows from parquet_kv_metadata(' ~ pattern ~ ') as kv '
            ~ 'inner join parquet_file_metadata(' ~ pattern ~ ') as footer on kv.file_name = footer.file_name '
            ~ "where decode(kv.key) = 'files' order by footer.num_rows desc, kv.file_name"
        ).rows %}
            {% do batches.append({'path': row[0], 'files': fromjson(row[1])}) %}
        {% endfor %}
    {% endif %}
    {{ return(batches) }}
{% endmacro %}

{% macro rules_of(table, query) %}
    {#- A name for all that decides what judged_rows says of a row, but for its file and the day of the run. -#}
    {% set texts = run_query(
        "select macro_definition from duckdb_functions() where function_name like 'portrait_%' order by function_name"
    ).columns[0].values() | list %}
    {% do texts.append(query) %}
    {% for column in table.columns.values() %}
        {% for carrier in ['date', 'timestamp', 'zoned', 'decimal', 'boolean'] %}
            {% do texts.extend([carried_value(column, carrier), carried_day(column, carrier) or '']) %}
        {% endfor %}
    {% endfor %}
    {{ return(local_md5(texts | join(' ') | replace(run_date(), ''))[:16]) }}
{% endmacro %}

{% macro file_key(file) %}
    {#- A name for a landed file: its path, content, load date and instance. Without a load date the day of the run decides. -#}
    {{ return(local_md5([file[3], file[8], file[4] or run_date(), file[6]] | join(' '))) }}
{% endmacro %}

{% macro files_by_type(table, keys, files) %}
    {#- Files in groups of one kind: those of texts, and those in place that carry the same columns with their types. -#}
    {% set groups = {} %}
    {% for key in keys %}
        {% set file = files[key] %}
        {% set carried, types = {}, {} %}
        {% if file[5] %}
            {% for row in run_query('describe select * from read_parquet(' ~ file_literal(file[2]) ~ ')').rows %}
                {% set column = table.columns.get(row[0]) %}
                {% set carrier = carried_type(column, row[1]) if column else none %}
                {% if carrier %}
                    {% do carried.update({row[0]: carrier}) %}
                    {% do types.update({row[0]: row[1]}) %}
                {% endif %}
            {% endfor %}
        {% endif %}
        {#- Files of one carrier but different types would get a common type, and their rejected rows other texts. -#}
        {% set kind = tojson(types, sort_keys=true) %}
        {% do groups.setdefault(kind, {'carried': carried, 'files': []}).files.append(file) %}
    {% endfor %}
    {{ return(groups.values() | list) }}
{% endmacro %}

{% macro batches_source(paths) -%}
    {%- set literals = [] -%}
    {%- for path in paths %}{% do literals.append(file_literal(path)) %}{% endfor -%}
    read_parquet([{{ literals | join(', ') }}])
{%- endmacro %}

{% macro delivery_of(table) -%}
    {#- How the table is delivered now, as a literal: a company may declare it while its files stay. -#}
    (select max(delivery) from landing.files where schema_name = '{{ table.schema }}' and table_name = '{{ table.name }}')
{%- endmacro %}

{% macro text_of(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
