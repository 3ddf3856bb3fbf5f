{% macro share_of_amount(amount, part, whole, places=4) -%}
    {#-
        amount × part ÷ whole, rounded to four places, half away from zero; null where the whole is zero. The parts of an
        amount that are differences of running shares add up to it, because the share of the whole is the amount itself.

        A quotient is a double on every engine, which holds 15 digits. So the whole units come from the double, one less
        than it says, and the rest from the exact remainder: small enough for a double. It becomes a decimal of eight
        places before it is rounded, so that a half is a half on each engine. Where the numbers have more digits than an
        exact product holds (an amount of 10^15, a part or whole of 10^14 with four places), the double has to do.
    -#}
    {%- set product = 'decimal(37, 12)' if places == 8 else 'decimal(37, 8)' -%}
    {%- set number = 'decimal(18, 8)' if places == 8 else 'decimal(18, 4)' -%}
    {%- set quotient = divide('cast(' ~ amount ~ ' as double) * ' ~ part, whole) -%}
    {%- set units -%}
        try_cast(sign({{ quotient }}) * greatest(floor(abs({{ quotient }})) - 1, 0) as decimal(19, 4))
    {%- endset -%}
    {%- set remainder -%}
        cast(try_cast({{ amount }} as decimal(19, 4)) * try_cast({{ part }} as {{ number }}) as {{ product }})
        - cast({{ units }} * try_cast({{ whole }} as {{ number }}) as {{ product }})
    {%- endset -%}
    case
        when {{ part }} = {{ whole }} and {{ whole }} <> 0 then cast({{ amount }} as decimal(38, 4))
        else
            coalesce(
                {{ units }} + round({{ divide(remainder, whole, 'decimal(28, 8)') }}, 4),
                {{ divide('cast(' ~ amount ~ ' as double) * ' ~ part, whole, 'decimal(38, 4)') }}
            )
    end
{%- endmacro %}
