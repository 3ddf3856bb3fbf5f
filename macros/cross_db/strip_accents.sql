{% macro strip_accents(text) %}
    {#-
        Letters without their diacritics: é becomes e. Only in the scripts up to Arabic, where the bare letter is the
        usual other spelling; the marks of Japanese and Indian scripts make other letters and stay.
    -#}
    {{ return(adapter.dispatch('strip_accents')(text)) }}
{% endmacro %}

{% macro default__strip_accents(text) -%}
    case
        when regexp_matches({{ text }}, '[\x{80}-\x{8FF}\x{1E00}-\x{1FFF}]')
            then array_to_string(list_transform(
                string_split({{ text }}, ''), lambda letter: case
                    when regexp_matches(letter, '[\x{80}-\x{8FF}\x{1E00}-\x{1FFF}]') then strip_accents(letter)
                    else letter
                end
            ), '')
        else {{ text }}
    end
{%- endmacro %}

{% macro spark__strip_accents(text) -%}
    {%- set letters = accented_letters() -%}
    case
        when {{ text }} rlike '[\\x{80}-\\x{8FF}\\x{1E00}-\\x{1FFF}]'
            then translate({{ text }}, '{{ letters.accented }}', '{{ letters.bare }}')
        else {{ text }}
    end
{%- endmacro %}
