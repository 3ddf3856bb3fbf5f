{% macro fixed_score_joins(recency, frequency, monetary) %}
{#-
    The joins that find the fixed score of each measure in the seed rfm_fixed_thresholds: the column `score` of
    recency_thresholds, frequency_thresholds and monetary_thresholds. Amounts are compared with the thresholds of the
    reporting currency only; without any the score is null. The ranges of a measure do not overlap, which a test of the
    seed proves, so the rows stay as they are.
-#}
{%- set values = {'recency': recency, 'frequency': frequency, 'monetary': monetary} -%}
{%- set columns = {'recency': 'recency_days', 'frequency': 'frequency', 'monetary': 'monetary_amount'} -%}
{%- for name, value in values.items() %}
left join rfm_fixed_thresholds as {{ name }}_thresholds
    on
        {{ name }}_thresholds.measure = '{{ columns[name] }}'
        {%- if name == 'monetary' %}
        and {{ name }}_thresholds.currency = '{{ setting("currency") }}'
        {%- endif %}
        and ({{ name }}_thresholds.at_least is null or {{ value }} >= {{ name }}_thresholds.at_least)
        and ({{ name }}_thresholds.below is null or {{ value }} < {{ name }}_thresholds.below)
{%- endfor %}
{%- endmacro %}
