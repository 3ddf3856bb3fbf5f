{% materialization view, adapter='duckdb' %}
    {#- A view in one transaction, as a table (table.sql). -#}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        {% if existing_relation is not none %}
            drop {{ existing_relation.type }} if exists {{ existing_relation }} cascade;
        {% endif %}
        {{- get_create_view_as_sql(target_relation, compiled_code) }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
