{#
    Each value lies between `min` and `max`, both included; either may be left out. Null passes: not_null
    checks whether a value may be absent. Without a limit the test would always pass, so that is an error.
#}
{% test accepted_range(model, column_name, min=none, max=none) %}

{% if min is none and max is none %}
    {{ exceptions.raise_compiler_error('accepted_range on ' ~ column_name ~ ' needs a min or a max') }}
{% endif %}

select {{ column_name }}
from {{ model }}
where
    false
    {% if min is not none %}
        or {{ column_name }} < {{ min }}
    {% endif %}
    {% if max is not none %}
        or {{ column_name }} > {{ max }}
    {% endif %}

{% endtest %}
