{#-
    The base models: rows are typed and judged once in the life of their file.

    What judged_rows says of a row depends on its file, the rules and nothing else. So it is kept: as Parquet in
    `<warehouse>/kept/`, a batch of files each, named by table, rules and files. A build types the files that no batch
    holds, and drops the rows of files that are gone or have changed. Rules are the text of the query itself: seeds, settings
    and variables stand in it. The folder may be deleted at any time; then the next build types all files again.

    The model is a view of the kept rows (`<model>__judged`) and of the few rows that others set aside
    (`<model>__settled`), put together as its own query does it (typed_rows). On Spark all three are tables: Spark would work
    out a CTE anew for each that reads it, and what is judged of a row is the longest expression of all.
-#}
{% materialization kept_by_file, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set judged = this.incorporate(path={'identifier': this.identifier ~ '__judged'}) -%}
    {%- set settled = this.incorporate(path={'identifier': this.identifier ~ '__settled'}) -%}
    {%- set table = contract_table_of_base(this) -%}
    {%- set documents = documents_of_base(this, table) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- The first part of the model's own query says what is kept. -#}
    {% set landed = source(table.source_name, table.name) %}
    {% set query = judged_query(compiled_code) %}
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
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set judged = this.incorporate(path={'identifier': this.identifier ~ '__judged'}, type='table') -%}
    {%- set settled = this.incorporate(path={'identifier': this.identifier ~ '__settled'}, type='table') -%}
    {%- set table = contract_table_of_base(this) -%}
    {%- set documents = documents_of_base(this, table) -%}

    {{ run_hooks(pre_hooks) }}

    {% for relation, query in [
        (judged, judged_query(compiled_code)),
        (settled, settled_rows(table, judged, documents)),
    ] %}
        {% do adapter.drop_relation(relation) %}
        {% call statement(relation.identifier) -%}
            {{ create_table_as(False, relation, query) }}
        {%- endcall %}
    {% endfor %}
    {% do adapter.drop_relation(target_relation) %}
    {% call statement('main') -%}
        {{ create_table_as(False, target_relation, base_rows(table, judged, settled)) }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro contract_table_of_base(base) -%}
    {#- The source table that a base model types. -#}
    {%- set system, table_name = base.identifier.removeprefix('base_').split('__') -%}
    {{ return(contract_table('raw_' ~ system, table_name)) }}
{%- endmacro %}

{% macro documents_of_base(base, table) -%}
    {#- The base model of the orders that own the rows of a table of lines; none of other tables. -#}
    {%- set document = table.meta.get('document') -%}
    {%- set system = table.source_name.removeprefix('raw_') -%}
    {{ return(base.incorporate(path={'identifier': 'base_' ~ system ~ '__' ~ document}) if document else none) }}
{%- endmacro %}

{% macro judged_query(code) -%}
    {#- The first part of a base model's query: what is said of each row by itself. -#}
    {{ return(
        'with ' ~ code.split('settled as (')[0].strip().removeprefix('with').strip().removesuffix(',')
        ~ ' select * from judged'
    ) }}
{%- endmacro %}
