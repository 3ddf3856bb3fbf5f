{% macro parse_currency(text, words=none) -%}
    {#-
        The ISO 4217 code of a currency from its code, sign or word (seed currency_words). A sign of several currencies, as
        $ or ¥, is the reporting currency if it is one of them, and null if not.
    -#}
    {%- set found = {} -%}
    {%- for row in words or read_seed('currency_words', ['currency_word', 'currency']) -%}
        {%- do found.update({row[0]: found.get(row[0], []) + [row[1]]}) -%}
    {%- endfor -%}
    {%- set read = [] -%}
    {%- set short = [] -%}
    {%- for word, currencies in found.items() -%}
        {%- if currencies | length == 1 or setting('currency') in currencies -%}
            {%- do read.append((word, currencies[0] if currencies | length == 1 else setting('currency'))) -%}
            {%- if word | length == 3 -%}{%- do short.append(word) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    case
        {%- if read %}
        when not {{ regex_matches(text, '^[A-Za-z]{3}$') }}
            {{- ' or lower(' ~ text ~ ") in ('" ~ short | join("', '") ~ "')" if short }}
            then
                case {{ lower_text(text) }}
                    {%- for word, currency in read %}
                    when '{{ word }}' then '{{ currency }}'
                    {%- endfor %}
                end
        {%- endif %}
        when {{ regex_matches(text, '^[A-Za-z]{3}$') }} then upper({{ text }})
    end
{%- endmacro %}
