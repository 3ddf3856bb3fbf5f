{% macro is_ambiguous_number(text) -%}
    {#- Whether a text may be two numbers: 1,500 and 1.500 are 1.5 or 1500. Where the file decides, it was read. -#}
    {{ regex_matches(text, '^[^0-9]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9]*$') }}
{%- endmacro %}
