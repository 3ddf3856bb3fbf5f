{% macro normal_tail(value) -%}
    {#-
        The probability that a standard normal variable is greater than the value, by Hart (1968) as West (2005) gives it: the
        absolute error is below 1e-15. The value is written out more than once: give the name of a column.
    -#}
    {%- set x = 'abs(' ~ value ~ ')' -%}
    {%- set above = [
        0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
        221.213596169931, 220.206867912376
    ] -%}
    {%- set below = [
        0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
        637.333633378831, 793.826512519948, 440.413735824752
    ] -%}
    {%- set density = 'exp(-0.5 * ' ~ x ~ ' * ' ~ x ~ ')' -%}
    {#- x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65)))) as one fraction. -#}
    {%- set far_above = [1, 0.65, 10, 3.9, 15, 1.95] -%}
    {%- set far_below = [1, 0.65, 9, 3.25, 8] -%}
    {%- set near -%}
        {{ density }} * {{ divide(polynomial(above, x), polynomial(below, x)) }}
    {%- endset -%}
    {%- set far -%}
        {{ density }} * {{ divide(polynomial(far_below, x), '2.506628274631 * ' ~ polynomial(far_above, x)) }}
    {%- endset -%}
    case
        when {{ x }} > 37 and {{ value }} > 0 then cast(0 as double)
        when {{ x }} > 37 then cast(1 as double)
        when {{ x }} < 7.07106781186547 and {{ value }} >= 0 then {{ near }}
        when {{ x }} < 7.07106781186547 then 1 - {{ near }}
        when {{ value }} > 0 then {{ far }}
        when {{ value }} <= 0 then 1 - {{ far }}
    end
{%- endmacro %}
