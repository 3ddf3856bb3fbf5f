{% macro wilson_bound(successes, trials, side, z=none) -%}
    {#-
        A bound of the share of successes, from 0 to 1, by Wilson (1927): `lower` or `upper`. It is sure to the level of
        `z`, a quantile of the normal distribution (default: the var `share_bound_z`). Null without trials.
    -#}
    {%- if side not in ('lower', 'upper') -%}
        {{ exceptions.raise_compiler_error("'" ~ side ~ "' is no bound: write lower or upper") }}
    {%- endif -%}
    {%- set z = (var('share_bound_z') if z is none else z) | float -%}
    {%- set signed_z = -z if side == 'lower' else z -%}
    {%- set failures -%}
        cast({{ trials }} as double) - cast({{ successes }} as double)
    {%- endset -%}
    {%- set variance = divide('cast(' ~ successes ~ ' as double) * (' ~ failures ~ ')', trials) -%}
    {{ divide(
        'cast(' ~ successes ~ ' as double) + ' ~ (z * z / 2) ~ ' + ' ~ signed_z
        ~ ' * sqrt(' ~ variance ~ ' + ' ~ (z * z / 4) ~ ')',
        'nullif(cast(' ~ trials ~ ' as double), 0) + ' ~ (z * z)
    ) }}
{%- endmacro %}
