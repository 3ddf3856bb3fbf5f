{% macro contract_table(source_name, table_name) %}
    {#- The source's node in the graph: its columns and meta are the contract (docs/source_contract.md). -#}
    {% for node in graph.sources.values() if node.source_name == source_name and node.name == table_name %}
        {{ return(node) }}
    {% endfor %}
    {{ exceptions.raise_compiler_error('No source ' ~ source_name ~ '.' ~ table_name) }}
{% endmacro %}
