{% macro fold_name(text) -%}
    {#-
        A name for matching: lower case, no accents, without blanks and punctuation. Letters of any script stay; the Greek ς
        at the end of a word is σ, as it is in capitals.
    -#}
    nullif({{ regex_replace(
        'translate(' ~ strip_accents(lower_text(text)) ~ ", 'ς', 'σ')",
        '[[:space:][:punct:]·・•‧‐–—‘’‚“”„´«»‹›、。〈-】〜…]+'
    ) }}, '')
{%- endmacro %}
