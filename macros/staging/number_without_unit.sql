{% macro number_without_unit(text, column, currency=none) -%}
    {#-
        The text of a number without the currency that stands before or behind it (seed currency_words, or a code of three
        letters), where this is the currency of the row: that of its column `currency`, or else the reporting currency. A
        share (`_pct`) may have a percent sign. Any other text stays, so that it is no number.
    -#}
    {%- set unit = 'trim(' ~ lower_text(regex_replace(text, '[-+0-9.,()−’&-(]')) ~ ')' -%}
    {%- set number = 'trim(' ~ regex_replace(text, '[^-+0-9.,()−’ &-(]') ~ ')' -%}
    {%- set own -%}
        coalesce(
            {%- if currency %}{{ parse_currency(currency) }}, {% endif -%}
            '{{ setting('currency') }}'
        )
    {%- endset -%}
    {%- set meant = [] -%}
    {%- for row in read_seed('currency_words', ['currency_word', 'currency']) -%}
        {%- do meant.append('|' ~ row[0] ~ '=' ~ row[1]) -%}
    {%- endfor -%}
    case
        when try_cast({{ text }} as double) is not null or not {{ regex_matches(text, '[^-+0-9.,]') }} then {{ text }}
        {%- if column.endswith('_pct') %}
        when {{ unit }} = '%' then {{ number }}
        {%- endif %}
        when {{ unit }} = lower({{ own }}) then {{ number }}
        {%- if meant %}
        when instr('{{ meant | join }}|', '|' || {{ unit }} || '=' || {{ own }} || '|') > 0 then {{ number }}
        {%- endif %}
        else {{ text }}
    end
{%- endmacro %}
