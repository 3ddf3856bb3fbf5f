{% macro is_hangul_name(text) -%}
    {#-
        Whether a name is written in Korean letters with the family name first: 김민준, 김 민준 or 남궁 민수. 민준 김 is not,
        it comes apart at the blank.
    -#}
    {{ regex_matches(
        text, '^(?:' ~ hangul_family_names() | join('|') ~ '|[\uac00-\ud7a3]) *[\uac00-\ud7a3]{1,3}$'
    ) }}
{%- endmacro %}

{% macro hangul_family_name_length(text) -%}
    {#- 2 where a Korean name begins with a compound family name and has a given name, else 1; the text has no blanks. -#}
    case
        when
            length({{ text }}) > 3
            and substr({{ text }}, 1, 2) in ('{{ hangul_family_names() | join("', '") }}')
            then 2
        -- of three syllables, those that are no family name and the beginning of a given name
        when length({{ text }}) = 3 and substr({{ text }}, 1, 2) in ('남궁', '황보', '제갈', '독고') then 2
        else 1
    end
{%- endmacro %}

{% macro hangul_family_names() -%}
    {#- The Korean family names of two syllables. -#}
    {{ return(['남궁', '황보', '제갈', '사공', '선우', '서문', '독고', '동방']) }}
{%- endmacro %}
