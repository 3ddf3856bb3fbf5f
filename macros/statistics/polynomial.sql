{% macro polynomial(coefficients, variable) -%}
    {#-
        The value of a polynomial in doubles, as a sum of powers; the coefficient of the highest power comes first. Horner's
        rule would nest deeper than tools parse.
    -#}
    {%- set terms = [] -%}
    {%- for coefficient in coefficients -%}
        {%- set power = coefficients | length - loop.index -%}
        {%- set factor = 'cast(' ~ coefficient ~ ' as double)' -%}
        {%- if power == 0 -%}
            {%- do terms.append(factor) -%}
        {%- elif power == 1 -%}
            {%- do terms.append(factor ~ ' * ' ~ variable) -%}
        {%- else -%}
            {%- do terms.append(factor ~ ' * power(' ~ variable ~ ', ' ~ power ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    ({{ terms | join(' + ') }})
{%- endmacro %}
