{% macro spelling(name) -%}
    {#-
        A folded name without what people spell in several ways: double letters, y for i, k for c, ph for f. Mathew and
        Matthew, Cinthia and Cynthia are one name in two spellings.
    -#}
    {%- set letters = namespace(sql="replace(translate(" ~ name ~ ", 'yk', 'ic'), 'ph', 'f')") -%}
    {%- for letter in 'bcdfglmnprstz' -%}
        {%- set letters.sql = "replace(" ~ letters.sql ~ ", '" ~ letter ~ letter ~ "', '" ~ letter ~ "')" -%}
    {%- endfor -%}
    {{ letters.sql }}
{%- endmacro %}
