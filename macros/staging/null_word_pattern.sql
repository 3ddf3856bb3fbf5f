{% macro null_word_pattern() %}
    {#- A regular expression for the words that mean nothing: those of the seed null_words, and null itself, which dbt reads in no seed. -#}
    {{ return(word_pattern(['null'] + read_seed('null_words', ['null_word']) | map(attribute=0) | list)) }}
{% endmacro %}
