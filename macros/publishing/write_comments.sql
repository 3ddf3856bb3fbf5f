{#
    dbt-duckdb writes a description with the line breaks of the YAML. These take the place of its macros, so that a
    comment is one line.
#}
{% macro duckdb__alter_relation_comment(relation, relation_comment) %}
    comment on {{ relation.type }} {{ relation }} is {{ comment_text(relation_comment) }}
{% endmacro %}

{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {% for name, column in column_dict.items() if column.description %}
        comment on column {{ relation }}.{{ adapter.quote(name) }} is {{ comment_text(column.description) }};
    {% endfor %}
{% endmacro %}
