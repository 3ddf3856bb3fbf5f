{% macro chi_square_tail(value, degrees) -%}
    {#-
        The probability that chi-square with so many degrees of freedom is greater than the value: by its finite sum, exact, up
        to 12 degrees, and by Wilson and Hilferty (1931) above, right to 0.001. Null below one degree.
    -#}
    {%- set x = 'cast(' ~ value ~ ' as double)' -%}
    {%- set root = 'sqrt(' ~ x ~ ')' -%}
    {%- set hilferty -%}
        {{ divide(
            'power(' ~ divide(x, degrees) ~ ', ' ~ (1 / 3) ~ ') - 1 + ' ~ divide(2, '9 * cast(' ~ degrees ~ ' as double)'),
            'sqrt(' ~ divide(2, '9 * cast(' ~ degrees ~ ' as double)') ~ ')'
        ) }}
    {%- endset -%}
    case
        when {{ degrees }} < 1 then null
        when {{ degrees }} > 12 then {{ normal_tail(hilferty) }}
        else
            case when mod({{ degrees }}, 2) = 1 then 2 * ({{ normal_tail(root) }}) else 0 end
            + exp(-0.5 * {{ x }}) * case {{ degrees }}
                when 1 then 0
                {%- for number in range(2, 13) %}
                    when {{ number }} then {{ chi_square_sum(number, x, root) }}
                {%- endfor %}
            end
    end
{%- endmacro %}
