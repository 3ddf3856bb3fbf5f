{% macro is_han_name(text) -%}
    {#- Whether a name is written in two to four Chinese characters, with or without blanks. -#}
    {{ regex_matches(text, '^[\u4e00-\u9fff]( *[\u4e00-\u9fff]){1,3}$') }}
{%- endmacro %}
