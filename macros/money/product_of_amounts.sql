{% macro product_of_amounts(one, other) -%}
    {#-
        The exact product of two numbers of the contract (a quantity and a price), each within decimal(18, 4): a
        decimal of eight places. 19 and 18 digits are the most whose product keeps all places on Spark, and DuckDB would
        keep the product of 18 and 18 digits within 18.
    -#}
    (cast({{ one }} as decimal(19, 4)) * cast({{ other }} as decimal(18, 4)))
{%- endmacro %}
