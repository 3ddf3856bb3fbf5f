{% macro record_separator() %}
    {#- What stands between the values that a row lists in one text (U+001E); no file holds it. -#}
    {{ return('\u001e') }}
{% endmacro %}
