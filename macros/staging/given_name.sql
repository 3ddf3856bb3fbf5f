{% macro given_name(text) -%}
    {#-
        The given name in a full name; null where it does not come apart. 张伟 gives 伟, 欧阳娜 gives 娜, 김민준 gives 민준,
        Smith, John and John Smith give John.
    -#}
    {%- set joined = "replace(" ~ text ~ ", ' ', '')" -%}
    case
        when {{ is_han_name(text) }}
            then nullif(substr({{ joined }}, {{ han_family_name_length(joined) }} + 1), '')
        when {{ is_hangul_name(text) }}
            then substr({{ joined }}, {{ hangul_family_name_length(joined) }} + 1)
        when {{ text }} like '%,%' then nullif(trim(split_part({{ text }}, ',', 2)), '')
        when {{ text }} like '% %' then split_part({{ text }}, ' ', 1)
    end
{%- endmacro %}
