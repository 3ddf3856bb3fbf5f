{% macro status_word(text) -%}
    {#-
        A word as the seeds of words write it: lower case without accents, one blank for blanks and signs, `PartlyPaid`
        in two words, and without the prefix `wc-` that WooCommerce gives its own.
    -#}
    trim({{ strip_accents(lower_text(regex_replace(
        regex_replace(regex_replace(text, '^[wW][cC]-'), '([a-z])([A-Z])', '{1} {2}'),
        '[ _–—/.:,()-]+', ' '
    ))) }})
{%- endmacro %}
