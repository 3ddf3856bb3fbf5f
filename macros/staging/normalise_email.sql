{% macro normalise_email(text) -%}
    {#- A mail address in lower case without mailto: and blanks; null where the text is no mail address. -#}
    {%- set address = regex_replace(lower_text(text), '^mailto:|[[:space:]]') -%}
    {%- set domain = '([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?[.])+([a-z]{2,}|xn--[a-z0-9-]+)' -%}
    case when {{ regex_matches(address, '^[^@,;:<>()]+@' ~ domain ~ '$') }} then {{ address }} end
{%- endmacro %}
