{% macro masked_phone(text) -%}
    {#-
        What a masked phone number shows, as its first three digits and its last four: 138*1234 of 138****1234 and of
        +86 138-****-1234. Null where it is not masked, or shows less.
    -#}
    {%- set shown = regex_replace(text, '[^0-9*]') -%}
    case
        when {{ regex_matches(shown, '[0-9]{3}[*]+[0-9]{4}$') }}
            then
                right(split_part({{ shown }}, '*', 1), 3) || '*' || right({{ shown }}, 4)
    end
{%- endmacro %}
