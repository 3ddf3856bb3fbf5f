{% materialization components_kept_apart, default %}
    {#-
        As connected_components, but some pairs of nodes are never in one component. The model selects from_key, to_key,
        edge_weight and is_kept_apart, which is true for the pairs that no chain of edges may join. Where one would, edges
        are added one after the other, the one with the greatest weight first (without a weight before all others; ties
        by the smaller key, then the greater), and what would join a pair is left out. So an edge whose nodes are in
        two components is one that was refused.
    -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set links = component_step(target_relation, 'input',
        'select from_key, to_key, edge_weight, is_kept_apart from (' ~ sql ~ ') as links') -%}
    {%- set labels = label_components(target_relation,
        'select from_key, to_key from ' ~ links ~ ' where not is_kept_apart') -%}
    {% do publish_components(target_relation, keep_apart(target_relation, links, labels)) %}
    {% do adapter.drop_relation(links) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro keep_apart(relation, links, labels) %}
    {#-
        Only components that hold a pair to be kept apart are looked at again, from single nodes on. In a round
        - an edge between two clusters that hold a pair is refused: both only grow;
        - a cluster without any node of a pair joins along its best edge, which nothing can refuse, as it brings nothing
          that could be kept apart;
        - of two clusters whose best edge is the same one, one joins the other: no better edge can change them before.
        Each of these has the same result as adding edges one after the other. A round halves the clusters without a
        node of a pair and settles at least the best edge that is left, so there are at most log2 of the nodes, plus the
        nodes of pairs.
    -#}
    {%- set work = namespace(links=none, clusters=none, left=0, rounds=0, jumps=0) -%}
    {%- set apart = component_step(relation, 'apart',
        'select distinct links.from_key, links.to_key, labels.component_key from ' ~ links ~ ' as links inner join '
        ~ labels ~ ' as labels on links.from_key = labels.node_key inner join ' ~ labels
        ~ ' as other_labels on links.to_key = other_labels.node_key and labels.component_key = other_labels.component_key'
        ~ ' where links.is_kept_apart and links.from_key <> links.to_key') -%}
    {%- set work.left = component_count(apart) -%}
    {%- if work.left == 0 -%}
        {%- do adapter.drop_relation(apart) -%}
        {{ return(labels) }}
    {%- endif -%}
    {%- set ranked = component_step(relation, 'ranked',
        'select low_key, high_key, row_number() over (order by edge_weight desc nulls first, low_key asc nulls last, '
        ~ 'high_key asc nulls last) as edge_rank from (select least(links.from_key, links.to_key) as low_key, '
        ~ 'greatest(links.from_key, links.to_key) as high_key, links.edge_weight from ' ~ links ~ ' as links inner join '
        ~ labels ~ ' as labels on links.from_key = labels.node_key where not links.is_kept_apart and '
        ~ 'links.from_key <> links.to_key and labels.component_key in (select component_key from ' ~ apart
        ~ ')) as touched') -%}
    {%- set work.clusters = component_step(relation, 'clusters_0',
        'select node_key, node_key as cluster_key from ' ~ labels ~ ' where component_key in (select component_key from '
        ~ apart ~ ')') -%}
    {%- for round in range(1, 10001) -%}{%- if work.left > 0 -%}
        {%- set work.links = component_step(relation, 'links_' ~ round,
            links_between_clusters(ranked, work.clusters, apart), work.links) -%}
        {%- set work.left = component_count(work.links) -%}
        {%- if work.left > 0 -%}
            {%- set work.rounds = round -%}
            {%- set pointers = follow_pointers(relation, work,
                undisputed_joins(work.links, work.clusters, apart)) -%}
            {%- set work.clusters = component_step(relation, 'clusters_' ~ round,
                'select clusters.node_key, coalesce(pointers.end_key, clusters.cluster_key) as cluster_key from '
                ~ work.clusters ~ ' as clusters left join ' ~ pointers
                ~ ' as pointers on clusters.cluster_key = pointers.node_key', work.clusters) -%}
            {%- do adapter.drop_relation(pointers) -%}
        {%- endif -%}
    {%- endif -%}{%- endfor -%}
    {%- if work.left > 0 -%}
        {{ exceptions.raise_compiler_error(relation.identifier ~ ': still edges to be decided on after 10000 rounds') }}
    {%- endif -%}
    {%- set labels = component_step(relation, 'labels_apart',
        'select labels.node_key, coalesce(clusters.component_key, labels.component_key) as component_key from '
        ~ labels ~ ' as labels left join (select node_key, min(node_key) over (partition by cluster_key) as component_key from '
        ~ work.clusters ~ ') as clusters on labels.node_key = clusters.node_key', labels) -%}
    {%- for used_up in [apart, ranked, work.links, work.clusters] -%}
        {%- do adapter.drop_relation(used_up) -%}
    {%- endfor -%}
    {%- do log(relation.identifier ~ ': kept apart after ' ~ work.rounds ~ ' rounds', info=True) -%}
    {{ return(labels) }}
{% endmacro %}

{% macro links_between_clusters(ranked, clusters, apart) -%}
    {#- The select of the edges that are not decided on: clusters, and the best rank of an edge between them. -#}
    select links.low_key, links.high_key, min(links.edge_rank) as edge_rank
    from (
        select
            least(low.cluster_key, high.cluster_key) as low_key,
            greatest(low.cluster_key, high.cluster_key) as high_key,
            ranked.edge_rank
        from {{ ranked }} as ranked
        inner join {{ clusters }} as low on ranked.low_key = low.node_key
        inner join {{ clusters }} as high on ranked.high_key = high.node_key
    ) as links
    left join (
        select distinct
            least(low.cluster_key, high.cluster_key) as low_key,
            greatest(low.cluster_key, high.cluster_key) as high_key
        from {{ apart }} as apart
        inner join {{ clusters }} as low on apart.from_key = low.node_key
        inner join {{ clusters }} as high on apart.to_key = high.node_key
    ) as kept_apart
        on links.low_key = kept_apart.low_key and links.high_key = kept_apart.high_key
    where kept_apart.low_key is null and links.low_key < links.high_key
    group by links.low_key, links.high_key
{%- endmacro %}

{% macro undisputed_joins(links, clusters, apart) -%}
    {#- The select of the joins of a round as pointers from cluster to cluster, which never lead in a ring. -#}
    select ends.node_key, ends.end_key
    from (
        select low_key as node_key, high_key as end_key, edge_rank from {{ links }}
        union all
        select high_key as node_key, low_key as end_key, edge_rank from {{ links }}
    ) as ends
    inner join (
        select node_key, min(edge_rank) as edge_rank
        from (
            select low_key as node_key, edge_rank from {{ links }}
            union all
            select high_key as node_key, edge_rank from {{ links }}
        ) as own_ends
        group by node_key
    ) as best on ends.node_key = best.node_key and ends.edge_rank = best.edge_rank
    left join (
        select node_key, min(edge_rank) as edge_rank
        from (
            select low_key as node_key, edge_rank from {{ links }}
            union all
            select high_key as node_key, edge_rank from {{ links }}
        ) as other_ends
        group by node_key
    ) as best_of_end on ends.end_key = best_of_end.node_key and ends.edge_rank = best_of_end.edge_rank
    left join (
        select clusters.cluster_key
        from (
            select from_key as node_key from {{ apart }}
            union
            select to_key as node_key from {{ apart }}
        ) as apart_nodes
        inner join {{ clusters }} as clusters on apart_nodes.node_key = clusters.node_key
        group by clusters.cluster_key
    ) as bound on ends.node_key = bound.cluster_key
    where
        case
            when best_of_end.node_key is null then bound.cluster_key is null
            else ends.node_key > ends.end_key
        end
{%- endmacro %}
