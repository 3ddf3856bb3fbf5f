{% macro name_particles() -%}
    {#- The regular expression of the small words that belong to the family name behind them, in lower case. -#}
    {%- set words = [
        'al', 'da', 'das', 'de', 'del', 'della', 'den', 'der', 'di', 'do', 'dos', 'du', 'el', 'la', 'las', 'le', 'los', 'ten',
        'ter', 'van', 'von', 'zu'
    ] -%}
    {{ return('(?:' ~ words | join('|') ~ ')') }}
{%- endmacro %}
