{% macro clean_text(text) -%}
    {#- NFKC, without blanks, control and zero-width characters at the ends; an empty text is null. -#}
    {%- set blanks = '[[:space:][:cntrl:]\u200b-\u200f\u2028\u2029\u2060\ufeff]+' -%}
    nullif({{ regex_replace(nfkc(text), '^' ~ blanks ~ '|' ~ blanks ~ '$') }}, '')
{%- endmacro %}
