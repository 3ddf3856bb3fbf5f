{% macro rfm_segment_joins(code, since_first_days, orders) %}
{#-
    The joins that find the segment of an RFM code: its row of the map (segment_codes), and the row of the conditions
    which the customer does not meet (unmet_conditions). A code and a condition stand once each, which tests of the
    seeds prove, so the rows stay as they are. `rfm_segment()` says which of the two names holds.
-#}
left join rfm_segment_map as segment_codes
    on {{ code }} = segment_codes.rfm_code
left join rfm_segment_conditions as unmet_conditions
    on
        segment_codes.rfm_segment = unmet_conditions.rfm_segment
        and (
            {{ since_first_days }} > unmet_conditions.maximum_days_since_first_order
            or {{ orders }} < unmet_conditions.minimum_orders
        )
{%- endmacro %}
