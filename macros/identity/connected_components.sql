{% materialization connected_components, default %}
    {#-
        A table with one row per node of a graph: node_key and component_key, the smallest key that it is joined to over
        any number of edges. The model selects the edges, from_key and to_key; an edge to itself names a node that may
        have no other. Needs nothing of an engine but `create table as`, `drop table` and a loop.
    -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% do publish_components(target_relation, label_components(target_relation, sql)) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro publish_components(relation, labels) %}
    {#- Makes the table of the model from the work table of its labels, which is then dropped. -#}
    {{ drop_relation_if_exists(load_cached_relation(relation)) }}
    {% call statement('main') -%}
        {{ create_table_as(False, relation, 'select node_key, component_key from ' ~ labels) }}
    {%- endcall %}
    {% do adapter.drop_relation(labels) %}
{% endmacro %}

{% macro label_components(relation, edges_sql) %}
    {#-
        Each round lets every node point to the smallest of its neighbours if that is smaller than itself, follows the
        pointers to their ends, and goes on with the graph of the ends, without what has become one node. A node with
        an edge left is an end only if all its neighbours are greater, so at least one of them falls to it: a round
        halves the nodes that have edges, and pointers of length n are followed in log n jumps.
    -#}
    {%- set work = namespace(edges=none, labels=none, left=0, rounds=0, jumps=0) -%}
    {%- set work.edges = component_step(relation, 'edges_0', 'select from_key, to_key from (' ~ edges_sql ~ ') as edges') -%}
    {%- set work.labels = component_step(relation, 'labels_0',
        'select distinct node_key, node_key as component_key from ('
        ~ 'select from_key as node_key from ' ~ work.edges
        ~ ' union all select to_key as node_key from ' ~ work.edges
        ~ ') as nodes where node_key is not null') -%}
    {%- set work.edges = component_step(relation, 'edges_1',
        'select distinct least(from_key, to_key) as low_key, greatest(from_key, to_key) as high_key from '
        ~ work.edges ~ ' where from_key <> to_key', work.edges) -%}
    {%- set work.left = component_count(work.edges) -%}
    {#- 64 rounds would do for 2^64 nodes. -#}
    {%- for round in range(1, 65) -%}{%- if work.left > 0 -%}
        {%- set work.rounds = round -%}
        {%- set pointers = follow_pointers(relation, work,
            'select high_key as node_key, min(low_key) as end_key from ' ~ work.edges ~ ' group by high_key') -%}
        {%- set work.labels = component_step(relation, 'labels_' ~ work.rounds,
            'select labels.node_key, coalesce(pointers.end_key, labels.component_key) as component_key from '
            ~ work.labels ~ ' as labels left join ' ~ pointers
            ~ ' as pointers on labels.component_key = pointers.node_key', work.labels) -%}
        {%- set work.edges = component_step(relation, 'edges_' ~ (work.rounds + 1),
            'select distinct least(low_key, high_key) as low_key, greatest(low_key, high_key) as high_key from ('
            ~ 'select coalesce(low.end_key, edges.low_key) as low_key, coalesce(high.end_key, edges.high_key) as high_key from '
            ~ work.edges ~ ' as edges left join ' ~ pointers ~ ' as low on edges.low_key = low.node_key left join '
            ~ pointers ~ ' as high on edges.high_key = high.node_key) as contracted where low_key <> high_key',
            work.edges) -%}
        {%- do adapter.drop_relation(pointers) -%}
        {%- set work.left = component_count(work.edges) -%}
    {%- endif -%}{%- endfor -%}
    {%- do adapter.drop_relation(work.edges) -%}
    {%- do log(relation.identifier ~ ': components after ' ~ work.rounds ~ ' rounds, ' ~ work.jumps ~ ' jumps', info=True) -%}
    {{ return(work.labels) }}
{% endmacro %}

{% macro follow_pointers(relation, work, pointers_sql) %}
    {#- A work table of nodes and the end of the way from pointer to pointer; the select gives node_key and end_key. -#}
    {%- set state = namespace(pointers=none, left=0) -%}
    {%- set state.pointers = component_step(relation, 'pointers_0', pointers_sql) -%}
    {%- set further = ' as pointers inner join {0} as next_pointers on pointers.end_key = next_pointers.node_key' -%}
    {%- set state.left = component_count(state.pointers ~ further.format(state.pointers)) -%}
    {%- for jump in range(1, 65) -%}{%- if state.left > 0 -%}
        {%- set work.jumps = work.jumps + 1 -%}
        {%- set state.pointers = component_step(relation, 'pointers_' ~ jump,
            'select pointers.node_key, coalesce(next_pointers.end_key, pointers.end_key) as end_key from '
            ~ state.pointers ~ ' as pointers left join ' ~ state.pointers
            ~ ' as next_pointers on pointers.end_key = next_pointers.node_key', state.pointers) -%}
        {%- set state.left = component_count(state.pointers ~ further.format(state.pointers)) -%}
    {%- endif -%}{%- endfor -%}
    {{ return(state.pointers) }}
{% endmacro %}

{% macro component_step(relation, step, select_sql, used_up=none) %}
    {#- Makes a work table beside `relation`, drops the one that it was made of, and returns the new one. -#}
    {%- set made = api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '__' ~ step, type='table'
    ) -%}
    {#- there is one only where a run was killed -#}
    {%- do drop_relation_if_exists(load_cached_relation(made)) -%}
    {%- call statement('component_step') -%}
        {{ create_table_as(False, made, select_sql) }}
    {%- endcall -%}
    {%- if used_up is not none -%}
        {%- do adapter.drop_relation(used_up) -%}
    {%- endif -%}
    {{ return(made) }}
{% endmacro %}

{% macro component_count(from_clause) %}
    {#- How many rows a from clause has. -#}
    {{ return(run_query('select count(*) from ' ~ from_clause).columns[0][0] | int) }}
{% endmacro %}
