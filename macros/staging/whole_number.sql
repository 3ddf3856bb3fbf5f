{% macro whole_number(text) -%}
    {#-
        A count from a cleaned text: 3, 3.0, 1,204, 3 of 3+ (three or more), and 1.2E7, as Spark writes large floats. Null for
        a fraction, a number below zero, and any other text.
    -#}
    {%- set number = 'try_cast(' ~ text ~ ' as decimal(18, 4))' -%}
    case
        when {{ regex_matches(text, '^([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})([.]0*)?[+]?$') }}
            then cast(floor(cast(
                split_part(replace(replace({{ text }}, ',', ''), '+', ''), '.', 1) as decimal(18, 0)
            )) as bigint)
        when
            {{ regex_matches(text, '^[0-9]([.][0-9]+)?[eE][+]?[0-9]{1,2}$') }}
            and {{ number }} = floor({{ number }})
            then cast(floor({{ number }}) as bigint)
    end
{%- endmacro %}
