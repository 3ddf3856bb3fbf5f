{% macro parse_date(text) -%}
    {#-
        A date from an ISO text; midnight may stand behind it, any other time of day makes it no date: null. So does a
        year before 1000, which is a slip (engines count it as one before Christ, or as a real one).
    -#}
    try_cast(
        case
            when {{ regex_matches(text, '^[1-9][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}([ T]0?0:00(:00([.]0+)?)?)?$') }}
                then {{ regex_replace(text, '[ T].*$') }}
        end as date
    )
{%- endmacro %}
