{#
    No row lacks a value in any of `columns`. One scan for all of them: a test per column costs dbt a tenth of a second
    each, a third of the time of a build.
#}
{% test not_null_columns(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    {% for column in columns %}
        {{ column }} is null{% if not loop.last %} or{% endif %}
    {% endfor %}

{% endtest %}
