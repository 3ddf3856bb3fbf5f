{% macro clean_text(text) -%}
    {#-
        A text in NFKC without blanks, control and zero-width characters at the ends; an empty text is null. Plain ASCII
        that begins and ends with a letter, digit or sign is what it is, and takes the short way.
    -#}
    {%- set delete = '\u007f' -%}
    {%- set blanks = '[[:space:][:cntrl:]\u200b-\u200f\u2028\u2029\u2060\ufeff]+' -%}
    case
        when
            {{ is_ascii(text) }}
            and {{ text }} between '!' and '~{{ delete }}'
            and right({{ text }}, 1) > ' '
            and {{ text }} not like '%{{ delete }}'
            then {{ text }}
        -- to look is much faster than to replace
        when not {{ regex_matches(text, '^' ~ blanks ~ '|' ~ blanks ~ '$') }} then nullif({{ text }}, '')
        else nullif({{ regex_replace(text, '^' ~ blanks ~ '|' ~ blanks ~ '$') }}, '')
    end
{%- endmacro %}

{% macro plain_text_pattern() %}
    {#- A text that clean_text leaves as it is: printable ASCII that neither begins nor ends with a blank. -#}
    {{ return('[!-~](?:[ -~]*[!-~])?') }}
{% endmacro %}
