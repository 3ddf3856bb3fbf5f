{% materialization table, adapter='duckdb' %}
    {#-
        A table in one transaction. dbt's own materialization makes it under another name, renames it, and drops the old
        one, for databases that cannot replace a table within a transaction. DuckDB can: where a model fails, the old
        table stays. It saves each model some macros and statements, which were a fifth of dbt's time.
    -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        {% if existing_relation is not none %}
            drop {{ existing_relation.type }} if exists {{ existing_relation }} cascade;
        {% endif %}
        {{- create_table_as(False, target_relation, compiled_code) }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
