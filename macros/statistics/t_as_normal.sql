{% macro t_as_normal(value, degrees) -%}
    {#-
        The standard normal value, zero or above, that is as rare as this value of Student's t with so many degrees of freedom
        (Hill 1970, algorithm 395 of the ACM). 2 * normal_tail of it is the two-sided probability: down to 1e-6, right to 0.4 %
        of itself from 5 degrees on and to 1e-5 from 10 on. Null below one degree.
    -#}
    {%- set a = '(cast(' ~ degrees ~ ' as double) - 0.5)' -%}
    {%- set b = '(48 * ' ~ a ~ ' * ' ~ a ~ ')' -%}
    {%- set squared = divide('cast(' ~ value ~ ' as double) * ' ~ value, degrees) -%}
    {#- ln(1 + x) where x is small: its own series, since 1 + x would lose the digits. -#}
    {%- set y -%}
        ({{ a }} * case
            when {{ squared }} < 0.00001
                then
                    {{ squared }} * (1 - {{ squared }} * 0.5)
            else ln(1 + {{ squared }})
        end)
    {%- endset -%}
    case
        when {{ degrees }} >= 1
            then
                (
                    {{ divide(
                        '(' ~ divide(
                            polynomial([-0.4, -3.3, -24.0, -85.5], y),
                            '0.8 * ' ~ y ~ ' * ' ~ y ~ ' + 100 + ' ~ b
                        ) ~ ' + ' ~ y ~ ' + 3)', b
                    ) }} + 1
                ) * sqrt({{ y }})
    end
{%- endmacro %}
