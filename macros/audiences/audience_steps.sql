{% macro audience_steps() %}
    {#-
        The steps of the query that finds who is in which audience, while the model that calls it is compiled: each with its
        name and its SQL. `portrait land` has made them of the files of the audiences and checked them
        (portrait/landing/audience_rules.py). Without any there is one step that finds nobody. A text of a file reaches SQL as a quoted literal only.
    -#}
    {% if not execute %}
        {% do ref('int_audience_steps_listed') %}
    {% endif %}
    {% set steps = [] %}
    {% if execute and flags.INTROSPECT %}
        {% set relation = adapter.get_relation(
            database=target.database, schema=layer_schema('intermediate'), identifier='int_audience_steps_listed'
        ) %}
        {% if relation is not none %}
            {% for name, parts in run_query(
                'select step_name, parts from ' ~ relation ~ ' order by step_number'
            ).rows %}
                {% do steps.append({'name': name, 'sql': audience_sql(fromjson(parts))}) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {% if not steps %}
        {% do steps.append({
            'name': 'matched', 'sql': 'select cast(null as string) as audience, customer_id from portraits where false'
        }) %}
    {% endif %}
    {{ return(steps) }}
{% endmacro %}

{% macro audience_sql(parts) %}
    {#- The pieces of a step as SQL. -#}
    {% set written = [] %}
    {% for part in parts %}
        {% if part is string %}
            {% do written.append(part) %}
        {% elif 'text' in part %}
            {% do written.append(quoted_text(part['text'])) %}
        {% elif 'window' in part %}
            {% do written.append(in_window(part['window'][0], part['window'][1], part['window'][2])) %}
        {% elif 'quotient' in part %}
            {% do written.append(divide(part['quotient'][0], part['quotient'][1])) %}
        {% else %}
            {{ exceptions.raise_compiler_error('A piece of an audience that nobody knows: ' ~ part) }}
        {% endif %}
    {% endfor %}
    {{ return(written | join('')) }}
{% endmacro %}
