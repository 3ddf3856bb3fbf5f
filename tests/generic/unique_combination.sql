{#
    No two rows have the same values in `columns`, which together are the key of the table. Null counts as a value
    here: two rows that lack the same part of a key are duplicates as well.
#}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as rows_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
