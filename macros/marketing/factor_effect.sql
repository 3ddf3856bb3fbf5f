{% macro factor_effect(factor, others) -%}
    {#-
        What the change of one of four factors did to their product (Shapley's value): its change times the mean of what
        the other three multiply to, over the orders in which the four can change one after the other. Of these, a
        quarter changes the factor first and a quarter last; the six mixtures between share the rest. The effects of the
        four factors add up to the change of the product. Each factor is a column, and `prior_` and its name another.
    -#}
    {%- set mixtures = [] -%}
    {%- for first in ['', 'prior_'] -%}
        {%- for second in ['', 'prior_'] -%}
            {%- for third in ['', 'prior_'] -%}
                {%- set product = [first ~ others[0], second ~ others[1], third ~ others[2]] | join(' * ') -%}
                {%- set divisor = 4 if first == second == third else 12 -%}
                {%- do mixtures.append('cast(' ~ product ~ ' as double) * ' ~ (12 // divisor)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ divide('(' ~ factor ~ ' - prior_' ~ factor ~ ') * (' ~ mixtures | join(' + ') ~ ')', '12') }}
{%- endmacro %}
