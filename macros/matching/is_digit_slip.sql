{% macro is_digit_slip(digits, other_digits) -%}
    {#-
        Whether two texts of digits differ by one slip: a digit changed, left out or put in, or in another place, as two in
        each other's (two changes, and every digit as often as before).
    -#}
    case
        when abs(length({{ digits }}) - length({{ other_digits }})) > 1 then false
        {#- most pairs end here, before the distance is counted once more #}
        when {{ edit_distance(digits, other_digits) }} > 2 then false
        when {{ edit_distance(digits, other_digits) }} <= 1 then true
        else
            length({{ digits }}) = length({{ other_digits }})
            {% for digit in range(10) %}
                and length(replace({{ digits }}, '{{ digit }}', ''))
                = length(replace({{ other_digits }}, '{{ digit }}', ''))
            {% endfor %}
    end
{%- endmacro %}
