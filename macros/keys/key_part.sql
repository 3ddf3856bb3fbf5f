{% macro key_part(text) -%}
    {#-
        A text as a part of a composite key: `%` and the separators are written as %25, %3A and %3D, so that two
        different pairs never give one key. A text without them, as nearly all, stays as it is.
    -#}
    replace(replace(replace({{ text }}, '%', '%25'), ':', '%3A'), '=', '%3D')
{%- endmacro %}
