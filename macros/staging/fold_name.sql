{% macro fold_name(text) -%}
    {#- A name for matching: lower case, no accents, without blanks and punctuation. Letters of any script stay. -#}
    nullif({{ regex_replace(
        strip_accents(lower_text(text)), '[[:space:][:punct:]·・•‧‐–—‘’‚“”„´«»‹›、。〈-】〜…]+'
    ) }}, '')
{%- endmacro %}
