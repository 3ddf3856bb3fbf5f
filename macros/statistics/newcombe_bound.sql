{% macro newcombe_bound(successes, trials, other_successes, other_trials, side) -%}
    {#-
        A bound of the difference of two shares, the first less the second, by Newcombe (1998, method 10): `lower` or `upper`,
        from -1 to 1, made of the bounds of each share by Wilson. Two-sided at the level of the var lift_bound_z. Null without
        trials.
    -#}
    {%- set z = var('lift_bound_z') -%}
    {%- set other_side = {'lower': 'upper', 'upper': 'lower'}[side] -%}
    {%- set share = divide(successes, trials) -%}
    {%- set other_share = divide(other_successes, other_trials) -%}
    {%- set away = wilson_bound(successes, trials, side, z) -%}
    {%- set other_away = wilson_bound(other_successes, other_trials, other_side, z) -%}
    {{ share }} - {{ other_share }}
    {{ '-' if side == 'lower' else '+' }} sqrt(
        power({{ share }} - {{ away }}, 2) + power({{ other_share }} - {{ other_away }}, 2)
    )
{%- endmacro %}
