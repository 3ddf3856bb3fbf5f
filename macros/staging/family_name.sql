{% macro family_name(text) -%}
    {#-
        The family name in a full name; null where it does not come apart. 张伟 gives 张, 欧阳娜 gives 欧阳, Smith, John and
        John Smith give Smith.
    -#}
    {%- set joined = "replace(" ~ text ~ ", ' ', '')" -%}
    case
        when {{ is_han_name(text) }} then substr({{ joined }}, 1, {{ han_family_name_length(joined) }})
        when {{ text }} like '%,%' then nullif(trim(split_part({{ text }}, ',', 1)), '')
        when {{ text }} like '% %' then {{ regex_replace(text, '^.* ') }}
    end
{%- endmacro %}
