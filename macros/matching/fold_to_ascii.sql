{% macro fold_to_ascii(text) -%}
    {#- A folded name (fold_name) with the Latin letters that carry no accent and are still not ASCII: ß, æ, ø, ł, … -#}
    case
        when {{ is_ascii(text) }} then {{ text }}
        else
            replace(replace(replace(replace(
                translate({{ text }}, 'øłđðħı', 'olddhi'), 'ß', 'ss'
            ), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
    end
{%- endmacro %}
