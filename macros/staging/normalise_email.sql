{% macro normalise_email(text) -%}
    {#-
        A mail address in lower case without a name before it (Ada <ada@x.cn>), mailto:, blanks and the apostrophe of a
        spreadsheet; null where the text is no mail address, or a masked one. A domain may be written in the letters of its language or as DNS has it (xn--…);
        these stay two addresses, since neither engine can turn one into the other.
    -#}
    {#- The letters beyond ASCII, without the signs and blanks between them. -#}
    {%- set letters = '\u00c0-\u1fff\u3040-\ud7a3\uf900-\ufaff' -%}
    {%- set shown = regex_replace(lower_text(text), '^[^<>]*<([^<>]+)>[[:space:]]*$', '{1}') -%}
    {%- set address = regex_replace(regex_replace(shown, '[[:space:]]'), '^[!-(]*(mailto:)?') -%}
    {%- set domain =
        '([a-z0-9_' ~ letters ~ ']([a-z0-9_' ~ letters ~ '-]*[a-z0-9_' ~ letters ~ '])?[.])+'
        ~ '([a-z' ~ letters ~ ']{2,}|xn--[a-z0-9-]+)'
    -%}
    case when {{ regex_matches(address, '^[^@,;:<>()*]+@' ~ domain ~ '$') }} then {{ address }} end
{%- endmacro %}
