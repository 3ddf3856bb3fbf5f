{% macro share_of_amount(amount, part, whole) -%}
    {#-
        amount × part ÷ whole, rounded to four places; null where the whole is zero. A quotient is a double on every
        engine: it becomes a decimal of eight places before it is rounded, so that a half is a half on each of them.
    -#}
    round({{ divide('cast(' ~ amount ~ ' as double) * ' ~ part, whole, 'decimal(28, 8)') }}, 4)
{%- endmacro %}
