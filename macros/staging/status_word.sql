{% macro status_word(text) -%}
    {#- A status as the seeds write it: lower case, one blank for underscores, dashes and blanks. -#}
    {{ lower_text(regex_replace(text, '[ _-]+', ' ')) }}
{%- endmacro %}
