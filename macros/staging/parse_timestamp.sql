{% macro parse_timestamp(text, zone, words=none) -%}
    {#-
        A timestamp in UTC from an ISO text. A text with an offset, or with a word for one (seed zone_words), says its own
        zone; a naive one is in the column's zone; a date alone is the start of that day in the business time zone, so
        that no zone shifts it. Ten digits are seconds since 1970 in UTC, 13 milliseconds, 16 microseconds; they begin with
        1, which is from 2001 to 2033. Hours go to 23, offsets to 14 hours, years from 1000 (engines differ beyond).
    -#}
    {%- set day = '^[1-9][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}' -%}
    {%- set time = '[ T]([01]?[0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set offset = ' ?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)' -%}
    {%- set word = 'upper(' ~ regex_replace(text, '^.*[0-9] ?') ~ ')' -%}
    {%- set without_word = regex_replace(text, ' ?[A-Za-z]+$') -%}
    {%- set found = words or read_seed('zone_words', ['zone_word', 'utc_offset']) -%}
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
        {%- if found %}
        when {{ regex_matches(text, day ~ time ~ ' ?[A-Za-z]{3,5}$') }}
            then {{ zoned_text_to_utc(
                regex_replace(without_word, '([ T][0-9]{1,2}:[0-9]{2})$', '{1}:00')
                ~ ' || case ' ~ word ~ zone_offsets(found) ~ ' end'
            ) }}
        {%- endif %}
        when {{ regex_matches(text, '^1([0-9]{9}|[0-9]{12}|[0-9]{15})$') }}
            then {{ epoch_text_to_utc('rpad(' ~ text ~ ", 16, '0')") }}
        when {{ regex_matches(text, '^1[0-9]{9}[.][0-9]+$') }}
            then {{ epoch_text_to_utc('rpad(substr(replace(' ~ text ~ ", '.', ''), 1, 16), 16, '0')") }}
    end
{%- endmacro %}

{% macro zone_offsets(words) %}
    {#- The branches of a case over the words for zones. -#}
    {% set branches = [] %}
    {% for word, offset in words %}
        {% do branches.append(" when '" ~ word ~ "' then '" ~ offset ~ "'") %}
    {% endfor %}
    {{ return(branches | join) }}
{% endmacro %}
