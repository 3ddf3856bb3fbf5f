{% macro family_name(text) -%}
    {#-
        The family name in a full name; null where it does not come apart. 张伟 gives 张, 欧阳娜 gives 欧阳, 김민준 gives 김,
        Smith, John and John Smith give Smith, and Omar Al Rawi gives Al Rawi.
    -#}
    {%- set joined = "replace(" ~ text ~ ", ' ', '')" -%}
    case
        when {{ is_han_name(text) }} then substr({{ joined }}, 1, {{ han_family_name_length(joined) }})
        when {{ is_hangul_name(text) }} then substr({{ joined }}, 1, {{ hangul_family_name_length(joined) }})
        when {{ text }} like '%,%' then nullif(trim(split_part({{ text }}, ',', 1)), '')
        when {{ text }} like '% %'
            then {{ regex_replace(text, '^.*? ((?:' ~ family_name_article() ~ ' )?[^ ]+)$', '{1}') }}
    end
{%- endmacro %}

{% macro fold_family_name(text) -%}
    {#- A family name for matching: folded (fold_name), its Arabic article as al, in one word: Al Rawi, El-Rawi, Alrawi. -#}
    {{ fold_name(regex_replace(text, '^' ~ family_name_article() ~ '[- ]+', 'al')) }}
{%- endmacro %}

{% macro family_name_article() -%}
    {#- The regular expression of the Arabic article, as it is written before a family name. -#}
    {{ return('(?:[Aa][Ll]|[Ee][Ll])') }}
{%- endmacro %}
