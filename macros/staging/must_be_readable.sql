{% macro must_be_readable(table, column) %}
    {#-
        Whether a value that cannot be read rejects its row: where amounts, the key or the row's own moment depend on it.
        These are columns that are required or part of the key, numbers, currencies, the time of version of a table with
        numbers, and what the contract marks (`decides: true`). Any other value becomes null and is listed, and so does a
        number on which no amount depends, such as a mood (`decides: false`).
    -#}
    {% set numbers = table.columns.values() | selectattr('data_type', 'in', ['decimal', 'rate']) | list %}
    {{ return(
        column.meta.get('required', false)
        or column.meta.get('decides', false)
        or column.name in table.meta.key
        or (column.data_type in ('decimal', 'rate', 'currency') and column.meta.get('decides', true))
        or (column.name == table.meta.get('version_column') and numbers | length > 0)
    ) }}
{% endmacro %}
