{% macro folded_address(address, city) -%}
    {#-
        An address for comparison: its letters and digits as one word, its numbers one by one, so that 1-1102 is not 11-102, and
        its city. Null without an address; a missing city is an empty one.
    -#}
    {{ fold_to_ascii(fold_name(address)) }}
    || '|' || trim({{ regex_replace(address, '[^0-9]+', ' ') }})
    || '|' || coalesce({{ folded_city(city) }}, '')
{%- endmacro %}
