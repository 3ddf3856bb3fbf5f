{% macro word_pattern(words) %}
    {#-
        A regular expression for a text that is one of the words, in capitals or not, or that holds one between two
        other patterns: (?i:one|two). What is no letter, digit or blank stands in a class of its own.
    -#}
    {% set written = [] %}
    {% for word in words %}
        {% do written.append(
            modules.re.sub('[!-/:-@^`{|}~\\\\\\[]', '[\\\\\\g<0>]', word) | replace("'", '.')
        ) %}
    {% endfor %}
    {{ return('(?i:' ~ written | join('|') ~ ')') }}
{% endmacro %}
