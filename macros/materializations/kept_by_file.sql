{#-
    The base models: rows are typed and judged once in the life of their file.

    What judged_rows says of a row depends on its file, the rules and nothing else. So it is kept: as Parquet in
    `<warehouse>/kept/`, a batch of files each, named by table, rules and files. A build types the files that no batch
    holds, and drops the rows of files that are gone or have changed. Rules are the text of the query itself: seeds, settings
    and variables stand in it. The folder may be deleted at any time; then the next build types all files again.

    The model is a view of the kept rows (`<model>__judged`) and of the few rows that others set aside
    (`<model>__settled`), put together as its own query does it (typed_rows). On Spark it is a table of that query.
-#}
{% materialization kept_by_file, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set judged = this.incorporate(path={'identifier': this.identifier ~ '__judged'}) -%}
    {%- set settled = this.incorporate(path={'identifier': this.identifier ~ '__settled'}) -%}
    {%- set system, table_name = this.identifier.removeprefix('base_').split('__') -%}
    {%- set table = contract_table('raw_' ~ system, table_name) -%}
    {%- set document = table.meta.get('document') -%}
    {%- set documents = this.incorporate(path={'identifier': 'base_' ~ system ~ '__' ~ document}) if document else none -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- The first part of the model's own query says what is kept. -#}
    {% set landed = source('raw_' ~ system, table_name) %}
    {% set query = 'with ' ~ compiled_code.split('settled as (')[0].strip().removeprefix('with').strip().removesuffix(',')
        ~ ' select * from judged' %}
    {% set batches = keep_rows(table, landed, query) %}
    {% for relation in [this, judged, settled] %}
        {% set existing = load_cached_relation(relation) %}
        {% if existing is not none %}
            {% do run_query('drop ' ~ existing.type ~ ' if exists ' ~ existing ~ ' cascade') %}
        {% endif %}
    {% endfor %}
    {% if batches %}
        {% do run_query(
            'create or replace view ' ~ judged ~ ' as select * replace (' ~ delivery_of(table) ~ ' as _delivery) from '
            ~ batches_source(batches)
        ) %}
    {% else %}
        {% do run_query(
            'create or replace table ' ~ judged ~ ' as ' ~ query
        ) %}
    {% endif %}
    {% do run_query('create or replace table ' ~ settled ~ ' as ' ~ settled_rows(table, judged, documents)) %}
    {% call statement('main') -%}
        create or replace view {{ target_relation }} as {{ base_rows(table, judged, settled) }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization kept_by_file, adapter='spark' %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}
