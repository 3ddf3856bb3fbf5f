{% macro carried_type(column, type) %}
    {#-
        Whether a column of a Parquet file carries the contract's type already, as a word for it: date, timestamp, zoned,
        decimal or boolean. None where its values are texts for the contract, or would lose something: fractions of
        decimals beyond the contract's places, floats, nanoseconds.
    -#}
    {% set places = modules.re.match('DECIMAL[(][0-9]+,([0-9]+)[)]$', type) %}
    {% if type == 'DATE' and column.data_type in ('date', 'timestamp') %}
        {{ return('date') }}
    {% elif type in ('TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS') and column.data_type == 'timestamp' %}
        {{ return('timestamp') }}
    {% elif type == 'TIMESTAMP WITH TIME ZONE' and column.data_type == 'timestamp' %}
        {{ return('zoned') }}
    {% elif type in ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT') and column.data_type in ('decimal', 'rate') %}
        {{ return('decimal') }}
    {% elif places and column.data_type in ('decimal', 'rate') and (places.group(1) | int) <= (4 if column.data_type == 'decimal' else 8) %}
        {{ return('decimal') }}
    {% elif type == 'BOOLEAN' and column.data_type == 'boolean' %}
        {{ return('boolean') }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}

{% macro carried_value(column, carrier) %}
    {#-
        The value of a column that carries its type (carried_type), as parse_column reads it from the text of it: years
        from 1000 to 9999, decimals of 18 digits, times in UTC.
    -#}
    {% set name = column.name ~ '_carried' %}
    {% if carrier == 'boolean' %}
        {{ return(name) }}
    {% elif carrier == 'decimal' and column.data_type == 'rate' %}
        {{ return('try_cast(' ~ name ~ ' as decimal(18, 8))') }}
    {% elif carrier == 'decimal' %}
        {{ return('cast(try_cast(' ~ name ~ ' as decimal(18, 4)) as decimal(38, 4))') }}
    {% endif %}
    {% set is_possible = name ~ " between cast('1000-01-01' as timestamp) and cast('9999-12-31 23:59:59.999999' as timestamp)" %}
    {% if carrier == 'date' %}
        {% set is_possible = name ~ " between cast('1000-01-01' as date) and cast('9999-12-31' as date)" %}
    {% endif %}
    {% set value = 'cast(' ~ name ~ ' as timestamp)' %}
    {% if column.data_type == 'date' %}
        {% set value = name %}
    {% elif carrier == 'date' %}
        {% set value = local_to_utc(value, business_zone()) %}
    {% elif carrier == 'timestamp' %}
        {% set value = local_to_utc(value, business_zone(column.meta.get('timezone'))) %}
    {% endif %}
    {{ return('case when ' ~ is_possible ~ ' then ' ~ value ~ ' end') }}
{% endmacro %}

{% macro carried_day(column, carrier) %}
    {#- The business date of a carried time where no zone need be looked up for it; none where one must. -#}
    {% set is_local = business_zone(column.meta.get('timezone')) == business_zone() %}
    {% if carrier == 'date' or (carrier == 'timestamp' and is_local) %}
        {{ return('cast(' ~ column.name ~ '_carried as date)') }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}
