{% macro rfm_segment() -%}
    {#- The segment of `rfm_segment_joins`: that of the code, or the other name where its conditions do not hold. -#}
    coalesce(unmet_conditions.otherwise_segment, segment_codes.rfm_segment)
{%- endmacro %}
