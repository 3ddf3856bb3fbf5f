{% macro comment_text(description) %}
    {#- The description as a comment on a table or column: one line, whatever the width of the YAML, as a literal. -#}
    {{ return("'" ~ description.split() | join(' ') | replace("'", "''") ~ "'") }}
{% endmacro %}
