{% macro parse_column(column, text, point="'.?'", signed=none) %}
    {#-
        The value of a contract column from its cleaned text (a date or time: iso_datetime_text of it); null where the text
        is no such value. `point` and `signed` are those of number_text.
    -#}
    {% set type = column.data_type %}
    {% if type == 'text' %}
        {{ return(text) }}
    {% elif type == 'currency' %}
        {{ return(parse_currency(text)) }}
    {% elif type == 'decimal' %}
        {{ return('cast(' ~ parse_decimal(text, point=point, signed=signed) ~ ' as decimal(38, 4))') }}
    {% elif type == 'rate' %}
        {{ return(parse_decimal(text, 'decimal(18, 8)', point, signed)) }}
    {% elif type == 'count' %}
        {{ return(whole_number(text)) }}
    {% elif type == 'boolean' %}
        {{ return(parse_boolean(text)) }}
    {% elif type == 'date' %}
        {{ return(parse_date(text)) }}
    {% elif type == 'timestamp' %}
        {{ return(parse_timestamp(text, business_zone(column.meta.get('timezone')))) }}
    {% endif %}
    {{ exceptions.raise_compiler_error('Column ' ~ column.name ~ ': no such type in the contract: ' ~ type) }}
{% endmacro %}
