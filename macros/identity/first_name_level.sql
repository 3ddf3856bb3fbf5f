{% macro first_name_level(one, other) -%}
    {#-
        How the first names of two records compare, by their folded names: equal, swapped (first and last name in each
        other's place), partial (one begins with the other, as an initial does), other_script (Chinese characters on one
        side only), different, unknown (one is not known).
    -#}
    case
        when {{ one }}.folded_first_name = {{ other }}.folded_first_name then 'equal'
        when
            {{ one }}.folded_first_name = {{ other }}.folded_last_name
            and {{ one }}.folded_last_name = {{ other }}.folded_first_name
            then 'swapped'
        when {{ one }}.folded_first_name is null or {{ other }}.folded_first_name is null then 'unknown'
        when
            left({{ one }}.folded_first_name, length({{ other }}.folded_first_name)) = {{ other }}.folded_first_name
            or left({{ other }}.folded_first_name, length({{ one }}.folded_first_name)) = {{ one }}.folded_first_name
            then 'partial'
        when
            {{ regex_matches(one ~ '.folded_first_name', '[\u4e00-\u9fff]') }}
            <> {{ regex_matches(other ~ '.folded_first_name', '[\u4e00-\u9fff]') }}
            then 'other_script'
        else 'different'
    end
{%- endmacro %}
