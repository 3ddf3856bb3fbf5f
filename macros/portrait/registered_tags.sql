{% macro registered_tags() %}
    {#-
        The tags of the seed tag_registry, in the order of their codes, as the model that calls it is compiled. A tag is
        personal where its condition or value reads a column of customer_portrait that is personal data.
    -#}
    {% set columns = [
        'tag_code', 'exclusive_group', 'condition', 'value_column', 'confidence_column', 'evidence_date_column',
        'expires_after_days', 'owner_model'
    ] %}
    {% set personal = [] %}
    {% for node in (graph.nodes.values() if execute else []) if node.name == 'customer_portrait' and node.resource_type == 'model' %}
        {% for column in node.columns.values() if column.config.meta.personal %}
            {% do personal.append(column.name) %}
        {% endfor %}
    {% endfor %}
    {% set tags = [] %}
    {% for row in read_seed('tag_registry', columns) %}
        {% set tag = dict(zip(columns, row)) %}
        {% set read = modules.re.findall('[a-z_][a-z0-9_]*', modules.re.sub("'[^']*'", '', tag['condition'])) %}
        {% do read.append(tag['value_column']) %}
        {% do tag.update({'is_personal': read | select('in', personal) | list | length > 0}) %}
        {% do tags.append(tag) %}
    {% endfor %}
    {{ return(tags) }}
{% endmacro %}
