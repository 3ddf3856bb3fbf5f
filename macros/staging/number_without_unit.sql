{% macro number_unit(text) -%}
    {#- What stands before or behind a number, in lower case: `€` of `€ 12.50`; empty where nothing does. -#}
    trim({{ lower_text(regex_replace(text, '[-+0-9.,()−’&-(]')) }})
{%- endmacro %}

{% macro number_digits(text) -%}
    {#- A text without what stands before or behind its number: `12.50` of `€ 12.50`. -#}
    trim({{ regex_replace(text, '[^-+0-9.,()−’ &-(]') }})
{%- endmacro %}

{% macro number_without_unit(text, unit, digits, own_currency, column) -%}
    {#-
        The text of a number without the currency that stands before or behind it (seed currency_words, or a code of three
        letters), where this is the currency of the row: that of its column `currency`, or else the reporting currency. A
        share (`_pct`) may have a percent sign. Any other text stays, so that it is no number. `unit` and `digits` are
        those of number_unit and number_digits: columns, so that no expression stands there twice.
    -#}
    {%- set meant = [] -%}
    {%- for row in read_seed('currency_words', ['currency_word', 'currency']) -%}
        {%- do meant.append('|' ~ row[0] ~ '=' ~ row[1]) -%}
    {%- endfor -%}
    case
        when {{ unit }} = '' or try_cast({{ text }} as double) is not null then {{ text }}
        {%- if column.endswith('_pct') %}
        when {{ unit }} = '%' then {{ digits }}
        {%- endif %}
        when {{ unit }} = lower({{ own_currency }}) then {{ digits }}
        {%- if meant %}
        when instr('{{ meant | join }}|', '|' || {{ unit }} || '=' || {{ own_currency }} || '|') > 0 then {{ digits }}
        {%- endif %}
        else {{ text }}
    end
{%- endmacro %}
