{% macro hour_slots() %}
    {#-
        The slots of the seed hour_slots, by the column that counts the events of the slot. A test holds that the seed
        has the same.
    -#}
    {{ return({
        'events_00_05_count': '00-05',
        'events_06_07_count': '06-07',
        'events_08_09_count': '08-09',
        'events_10_12_count': '10-12',
        'events_13_14_count': '13-14',
        'events_15_17_count': '15-17',
        'events_18_19_count': '18-19',
        'events_20_21_count': '20-21',
        'events_22_23_count': '22-23',
    }) }}
{% endmacro %}
