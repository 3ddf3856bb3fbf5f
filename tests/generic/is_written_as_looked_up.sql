{#
    Each word is written as the macro status_word makes it, or no model would ever find it.
#}
{% test is_written_as_looked_up(model, word_column) %}

select *
from {{ model }}
where coalesce({{ word_column }}, '') <> coalesce({{ status_word(word_column) }}, '')

{% endtest %}
