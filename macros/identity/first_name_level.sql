{% macro first_name_level(full_name, first_name, last_name, other_full_name, other_first_name, other_last_name) -%}
    {#-
        How the first names of two records compare, by their folded names: equal, swapped (first and last name in each
        other's place, also where one side has them in one piece), partial (one begins with the other, as an initial
        does), other_script (Chinese characters on one side only), different, unknown (one is not known).
    -#}
    case
        when {{ first_name }} = {{ other_first_name }} then 'equal'
        when
            {{ full_name }} = {{ other_full_name }}
            and {{ first_name }} is not null
            and {{ other_first_name }} is not null
            then 'equal'
        when
            {{ first_name }} = {{ other_last_name }}
            and {{ last_name }} = {{ other_first_name }}
            then 'swapped'
        when
            {{ full_name }} = {{ other_first_name }} || {{ other_last_name }}
            or {{ other_full_name }} = {{ first_name }} || {{ last_name }}
            then 'swapped'
        when {{ first_name }} is null or {{ other_first_name }} is null then 'unknown'
        when
            left({{ first_name }}, length({{ other_first_name }})) = {{ other_first_name }}
            or left({{ other_first_name }}, length({{ first_name }})) = {{ first_name }}
            then 'partial'
        when
            {{ regex_matches(first_name, '[\u4e00-\u9fff]') }}
            <> {{ regex_matches(other_first_name, '[\u4e00-\u9fff]') }}
            then 'other_script'
        else 'different'
    end
{%- endmacro %}
