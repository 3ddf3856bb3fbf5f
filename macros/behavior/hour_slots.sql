{% macro hour_slots() %}
    {#-
        The slots of the seed hour_slots, in their order, each with the text that names it in columns. A test compares
        the slots with those of the seed.
    -#}
    {{ return({
        '00_05': '00-05',
        '06_07': '06-07',
        '08_09': '08-09',
        '10_12': '10-12',
        '13_14': '13-14',
        '15_17': '15-17',
        '18_19': '18-19',
        '20_21': '20-21',
        '22_23': '22-23',
    }) }}
{% endmacro %}
