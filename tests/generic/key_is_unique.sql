{#
    The key that the model names in `config.meta.key` identifies its rows: no two rows have the same key, and no part of
    it is null. The key is written only there. A model without a key is an error, since the test would prove nothing.
#}
{% test key_is_unique(model) %}

{% set key = namespace(columns=[]) %}
{% if execute %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.alias == model.identifier %}
        {% set key.columns = node.config.meta.get('key') or [] %}
    {% endfor %}
{% endif %}
{% if execute and not key.columns %}
    {{ exceptions.raise_compiler_error('key_is_unique on ' ~ model ~ ' finds no key in its config.meta.key') }}
{% endif %}

select
    {{ key.columns | join(', ') }},
    count(*) as rows_count
from {{ model }}
group by {{ key.columns | join(', ') }}
having
    count(*) > 1
    {% for column in key.columns %}
        or {{ column }} is null
    {% endfor %}

{% endtest %}
