{#-
    Seeds on Spark. dbt-spark's own loader infers the type of every column again for every row, sends numbers as floats
    and empty texts as 'None' over a session. Here the rows are literals: the first thousand make the table, in one
    statement, and each further thousand is one insert.
-#}
{% macro spark__create_csv_table(model, agate_table) %}
    {% set sql = 'create table ' ~ this.render() ~ ' as ' ~ seed_rows(model, agate_table, 0) %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {% for start in range(1000, agate_table.rows | length, 1000) %}
        {% do run_query('insert into ' ~ this.render() ~ ' ' ~ seed_rows(model, agate_table, start)) %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}

{% macro seed_rows(model, agate_table, start) %}
    {#- A select of a thousand rows of a seed from that one on, with the column types that the seed says. -#}
    {% set types = model.config.get('column_types', {}) %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}
        {% do columns.append(
            'cast(' ~ name ~ ' as ' ~ (types.get(name) or adapter.convert_type(agate_table, loop.index0)) ~ ') as ' ~ name
        ) %}
    {% endfor %}
    {% set rows = [] %}
    {% for row in (agate_table.rows | list)[start:start + 1000] %}
        {% set values = [] %}
        {% for value in row.values() %}
            {% do values.append(
                'null' if value is none
                else "'" ~ (value | string | replace('\\', '\\\\') | replace("'", "\\'")) ~ "'"
            ) %}
        {% endfor %}
        {% do rows.append('(' ~ values | join(', ') ~ ')') %}
    {% endfor %}
    {% set names = agate_table.column_names | join(', ') %}
    {% if rows %}
        {{ return('select ' ~ columns | join(', ') ~ ' from values ' ~ rows | join(', ') ~ ' as seed(' ~ names ~ ')') }}
    {% endif %}
    {% set nulls = (['null'] * (agate_table.column_names | length)) | join(', ') %}
    {{ return(
        'select ' ~ columns | join(', ') ~ ' from values (' ~ nulls ~ ') as seed(' ~ names ~ ') where false'
    ) }}
{% endmacro %}
