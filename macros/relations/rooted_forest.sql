{% materialization rooted_forest, default %}
    {#-
        A table with one row per node of trees: node_key, parent_key (null at a root), root_key, depth, descendants_count,
        descendants_amount and is_cycle_cut. The model selects the nodes: node_key, parent_key (one of the nodes, or null),
        cut_order and node_amount. Of a ring of parents the edge of the node with the greatest cut_order is cut.
    -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set nodes = without_rings(target_relation, sql) -%}
    {%- set trees = grown_trees(target_relation, nodes) -%}
    {{ drop_relation_if_exists(load_cached_relation(target_relation)) }}
    {% call statement('main') -%}
        {{ create_table_as(False, target_relation,
            'select nodes.node_key, nodes.parent_key, trees.root_key, trees.depth, trees.nodes_count - 1 as descendants_count, '
            ~ 'cast(trees.amount - nodes.node_amount as decimal(38, 4)) as descendants_amount, nodes.is_cycle_cut from '
            ~ nodes ~ ' as nodes inner join ' ~ trees ~ ' as trees on nodes.node_key = trees.node_key') }}
    {%- endcall %}
    {% do adapter.drop_relation(nodes) %}
    {% do adapter.drop_relation(trees) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro without_rings(relation, nodes_sql) %}
    {#-
        A work table of the nodes, each ring cut at one edge. Ways of twice as many steps in each round end beyond the roots,
        so that what is left after more steps than there are edges has come round: its ends are the nodes of rings.
    -#}
    {%- set work = namespace(nodes=none, ways=none, left=0) -%}
    {%- set work.nodes = component_step(relation, 'nodes_0',
        'select node_key, parent_key, cut_order, cast(coalesce(node_amount, 0) as decimal(38, 4)) as node_amount from ('
        ~ nodes_sql ~ ') as nodes') -%}
    {%- set work.ways = component_step(relation, 'ways_0', first_steps(work.nodes)) -%}
    {%- set work.left = component_count(work.ways) -%}
    {%- set edges = work.left -%}
    {%- for round in range(1, 65) -%}{%- if work.left > 0 and 2 ** (round - 1) <= edges -%}
        {%- set work.ways = component_step(relation, 'ways_' ~ round, doubled_steps(work.ways), work.ways) -%}
        {%- set work.left = component_count(work.ways) -%}
    {%- endif -%}{%- endfor -%}
    {%- if work.left > 0 -%}
        {%- set rings = label_components(relation,
            'select nodes.node_key as from_key, nodes.parent_key as to_key from ' ~ work.nodes
            ~ ' as nodes inner join (select distinct end_key from ' ~ work.ways
            ~ ') as ends on nodes.node_key = ends.end_key') -%}
        {%- set work.nodes = component_step(relation, 'nodes_1',
            'select nodes.node_key, case when cuts.node_key is null then nodes.parent_key end as parent_key, '
            ~ 'nodes.node_amount, cuts.node_key is not null as is_cycle_cut from ' ~ work.nodes
            ~ ' as nodes left join (select node_key from (select rings.node_key, row_number() over ('
            ~ 'partition by rings.component_key order by nodes.cut_order desc nulls last, rings.node_key desc nulls last'
            ~ ') as cut_rank from ' ~ rings ~ ' as rings inner join ' ~ work.nodes
            ~ ' as nodes on rings.node_key = nodes.node_key) as ranked where cut_rank = 1) as cuts '
            ~ 'on nodes.node_key = cuts.node_key', work.nodes) -%}
        {%- do adapter.drop_relation(rings) -%}
    {%- else -%}
        {%- set work.nodes = component_step(relation, 'nodes_1',
            'select node_key, parent_key, node_amount, false as is_cycle_cut from ' ~ work.nodes, work.nodes) -%}
    {%- endif -%}
    {%- do adapter.drop_relation(work.ways) -%}
    {{ return(work.nodes) }}
{% endmacro %}

{% macro grown_trees(relation, nodes) %}
    {#-
        A work table with root, depth, and the number and amount of each node and all below it. After n rounds a node knows
        what lies less than 2^n steps away, in both directions.
    -#}
    {%- set work = namespace(ways=none, trees=none, left=0) -%}
    {%- set work.trees = component_step(relation, 'trees_0',
        'select node_key, coalesce(parent_key, node_key) as root_key, '
        ~ 'case when parent_key is null then 0 else 1 end as depth, cast(1 as bigint) as nodes_count, '
        ~ 'node_amount as amount from ' ~ nodes) -%}
    {%- set work.ways = component_step(relation, 'ways_0', first_steps(nodes)) -%}
    {%- set work.left = component_count(work.ways) -%}
    {%- for round in range(1, 65) -%}{%- if work.left > 0 -%}
        {%- set work.trees = component_step(relation, 'trees_' ~ round,
            'select trees.node_key, above.root_key, trees.depth + above.depth as depth, '
            ~ 'cast(below.nodes_count as bigint) as nodes_count, cast(below.amount as decimal(38, 4)) as amount from '
            ~ work.trees ~ ' as trees inner join ' ~ work.trees
            ~ ' as above on trees.root_key = above.node_key inner join ('
            ~ 'select node_key, sum(nodes_count) as nodes_count, sum(amount) as amount from ('
            ~ 'select node_key, nodes_count, amount from ' ~ work.trees
            ~ ' union all select ways.end_key as node_key, trees.nodes_count, trees.amount from ' ~ work.trees
            ~ ' as trees inner join ' ~ work.ways ~ ' as ways on trees.node_key = ways.node_key'
            ~ ') as parts group by node_key) as below on trees.node_key = below.node_key', work.trees) -%}
        {%- set work.ways = component_step(relation, 'ways_' ~ round, doubled_steps(work.ways), work.ways) -%}
        {%- set work.left = component_count(work.ways) -%}
    {%- endif -%}{%- endfor -%}
    {%- do adapter.drop_relation(work.ways) -%}
    {{ return(work.trees) }}
{% endmacro %}

{% macro first_steps(nodes) %}
    {#- The select of the ways of one step, from each node to its parent. -#}
    {{ return('select node_key, parent_key as end_key from ' ~ nodes ~ ' where parent_key is not null') }}
{% endmacro %}

{% macro doubled_steps(ways) %}
    {#- The select of the ways of twice as many steps; one that would lead beyond a root is gone. -#}
    {{ return('select ways.node_key, next_ways.end_key from ' ~ ways ~ ' as ways inner join ' ~ ways
        ~ ' as next_ways on ways.end_key = next_ways.node_key') }}
{% endmacro %}
