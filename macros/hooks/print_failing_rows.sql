{% macro print_failing_rows(results) %}
    {#-
        Prints the first rows of each failed test with `print_rows: true` in its meta, so that a test of a map shows the
        codes that are wrong. Only tests on reference data have it: rows of customers stay out of the log.
    -#}
    {% if execute %}
        {% for result in results if result.status | string == 'fail' and result.node.config.meta.get('print_rows') %}
            {% set rows = run_query('select * from (' ~ result.node.compiled_code ~ ') as failing limit 20') %}
            {% for row in rows %}
                {% do log('failing row: ' ~ result.node.name ~ ': ' ~ row.values() | join(', '), info=true) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}
