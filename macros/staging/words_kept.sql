{% macro words_kept(column) %}
    {#- The words that are values in a column of this name, though they mean nothing elsewhere (seed null_words_kept). -#}
    {% set kept = [] %}
    {% for row in read_seed('null_words_kept', ['column_name', 'kept_words']) if row[0] == column %}
        {% do kept.extend((row[1] | string).split(' ')) %}
    {% endfor %}
    {{ return(kept) }}
{% endmacro %}
