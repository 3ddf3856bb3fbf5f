{% macro decimal_points(relation, columns) %}
{#-
    CTEs that end with `decimal_points`: one row per file that holds a comma or two points in a number, with what
    each column of it shows of its decimal sign, as `<column>_point` (number_text says what it means).
    All other files write numbers as SQL does.

    A comma is the decimal sign of a column where one of its values in this file says so: 12,5, 0,500, 1234,500 or
    1.234,56. A point is where one says 12.5, 0.500 or 1,234.56.
-#}
files_to_judge as (
    select distinct _file
    from {{ relation }}
    where
        {% for column in columns %}
        {{ column }} like '%,%' or {{ column }} like '%.%.%' or {{ column }} like '%，%' or {{ column }} like '%．%．%'
        {{- ' or' if not loop.last }}
        {% endfor %}
),

numbers_to_judge as (
    select
        written._file,
        {% for column in columns %}
        {{ regex_replace("translate(written." ~ column ~ ", '０１２３４５６７８９．，', '0123456789.,')", '[^0-9.,]') }}
            as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }} as written
    inner join files_to_judge
        on written._file = files_to_judge._file
),

signs_shown as (
    select
        _file as file,
        {% for column in columns %}
        {% set commas = [
            regex_matches(column, '^([0-9]{4,}|0[0-9]*)?,[0-9]+$'),
            regex_matches(column, '^[0-9]+,([0-9]{1,2}|[0-9]{4,})$'),
            regex_matches(column, '^[0-9]{1,3}([.][0-9]{3})+,[0-9]+$'),
            regex_matches(column, '^[1-9][0-9]{0,2}([.][0-9]{3}){2,}$'),
        ] %}
        {% set points = [
            regex_matches(column, '^([0-9]{4,}|0[0-9]*)?[.][0-9]+$'),
            regex_matches(column, '^[0-9]+[.]([0-9]{1,2}|[0-9]{4,})$'),
            regex_matches(column, '^[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}[.][0-9]+$'),
            regex_matches(column, '^[1-9][0-9]{0,2}(,[0-9]{2,3})+,[0-9]{3}$'),
        ] %}
        coalesce(bool_or({{ commas | join(' or ') }}), false) as {{ column }}_has_commas,
        coalesce(bool_or({{ points | join(' or ') }}), false) as {{ column }}_has_points{{ ',' if not loop.last }}
        {% endfor %}
    from numbers_to_judge
    group by _file
),

decimal_points as (
    select
        file,
        {% for column in columns %}
        {% set others = columns | reject('equalto', column) | list %}
        case
            when {{ column }}_has_commas and {{ column }}_has_points then '?'
            when {{ column }}_has_commas then ','
            when {{ column }}_has_points then '.'
            {% if others %}
            when {{ others | join('_has_commas or ') }}_has_commas
                then case when {{ others | join('_has_points or ') }}_has_points then ',.?' else ',?' end
            {% endif %}
            else '.?'
        end as {{ column }}_point{{ ',' if not loop.last }}
        {% endfor %}
    from signs_shown
),
{% endmacro %}
