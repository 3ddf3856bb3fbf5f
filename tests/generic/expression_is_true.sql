{#
    `expression` holds in every row. An expression that is null fails: "unknown" is not "true", and an accounting
    identity with an empty part proves nothing. Leave rows out with the test's own `where`.
#}
{% test expression_is_true(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
