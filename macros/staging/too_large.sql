{% macro too_large(product, factors) -%}
    {#- The reason `too_large_<product>` where the product of two columns is beyond decimal(18, 4), as an amount may not be. -#}
    case
        when
            {{ factors[0] }} is not null
            and {{ factors[1] }} is not null
            and try_cast(round({{ product_of_amounts(factors[0], factors[1]) }}, 4) as decimal(18, 4)) is null
            then 'too_large_{{ product }}'
    end
{%- endmacro %}
