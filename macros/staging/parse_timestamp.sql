{% macro parse_timestamp(text, zone) -%}
    {#-
        A timestamp in UTC from an ISO text. A text with an offset says its own zone; a naive one is in the column's
        zone; a date alone is the start of that day in the business time zone, so that no zone shifts it. Hours go to
        23, offsets to 14 hours, years from 1000 (engines differ beyond).
    -#}
    {%- set day = '^[1-9][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}' -%}
    {%- set time = '[ T]([01]?[0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set offset = ' ?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)' -%}
    case
        when {{ regex_matches(text, day ~ '$') }}
            then {{ local_to_utc('try_cast(' ~ text ~ ' as timestamp)', business_zone()) }}
        when {{ regex_matches(text, day ~ time ~ '$') }}
            then {{ local_to_utc('try_cast(' ~ text ~ ' as timestamp)', zone) }}
        when {{ regex_matches(text, day ~ time ~ offset ~ '$') }}
            then {{ zoned_text_to_utc(
                regex_replace(
                    regex_replace(text, '([ T][0-9]{1,2}:[0-9]{2}) ?(Z|[+-])', '{1}:00{2}'), '([0-9]) (Z|[+-])', '{1}{2}'
                )
            ) }}
    end
{%- endmacro %}
