{% macro parse_boolean(text, words=none) -%}
    {#- True or false from a word of the seed boolean_words, in capitals or not; null for any other text. -#}
    {%- set meant = {'true': ['true'], 'false': ['false']} -%}
    {%- for word, is_true in words or read_seed('boolean_words', ['boolean_word', 'is_true']) -%}
        {%- do meant['true' if is_true else 'false'].append(word) -%}
    {%- endfor -%}
    case
        {%- for value, words_of_it in meant.items() %}
        when {{ lower_text(text) }} in ('{{ words_of_it | join("', '") }}') then {{ value }}
        {%- endfor %}
    end
{%- endmacro %}
