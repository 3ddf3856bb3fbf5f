{% macro placeholder_pattern() %}
    {#-
        A regular expression for what systems write instead of the number of a customer: the words of the seed
        placeholder_numbers, and zeros alone, however many, with dashes or braces as in an empty UUID.
    -#}
    {{ return(
        word_pattern(read_seed('placeholder_numbers', ['placeholder']) | map(attribute=0) | list + ['0'])
        ~ '|[{]?[0-]*0[0-]*[}]?'
    ) }}
{% endmacro %}
