{% macro read_seed(name, columns) %}
    {#-
        The rows of a seed while a model is compiled, as lists of texts. Words of a seed that stand in the SQL of a model
        cost nothing per row; a join for each column would. While dbt parses, the seed becomes one of those that the model
        waits for. Where it was never loaded (only the SQL is asked for), there are no rows.
    -#}
    {% if not execute %}
        {% do ref(name) %}
    {% endif %}
    {% if not execute or not flags.INTROSPECT %}
        {{ return([]) }}
    {% endif %}
    {% set relation = adapter.get_relation(
        database=target.database, schema=layer_schema('reference'), identifier=name
    ) %}
    {% if relation is none %}
        {{ return([]) }}
    {% endif %}
    {% set rows = [] %}
    {% for row in run_query(
        'select ' ~ columns | join(', ') ~ ' from ' ~ relation ~ ' order by ' ~ columns | join(', ')
    ).rows %}
        {% do rows.append(row.values() | list) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}
