{% macro regex_pattern(pattern) %}
    {#- The literal of a pattern, which is written as DuckDB takes it. -#}
    {{ return(adapter.dispatch('regex_pattern')(pattern)) }}
{% endmacro %}

{% macro default__regex_pattern(pattern) %}
    {{ return("'" ~ pattern ~ "'") }}
{% endmacro %}

{% macro spark__regex_pattern(pattern) %}
    {#-
        In Java, silently, the class [[:space:]] holds the letters s, p, a, c and e, `$` also stands before a last line
        end, and `.` stops at more line ends than one. A backslash stands in a class only, as [\\.].
    -#}
    {% set classes = {
        '[:space:]': '\\\\s',
        '[:cntrl:]': '\\\\p{Cntrl}',
        '[:punct:]': '\\\\p{Punct}',
        '[:alpha:]': '\\\\p{Alpha}',
        '[:digit:]': '0-9',
        '[:alnum:]': '\\\\p{Alnum}',
    } %}
    {% set written = [] %}
    {% for part in modules.re.findall('\[\^?\]?(?:\[:[a-z]+:\]|[^\]])*\]|.', pattern, modules.re.DOTALL) %}
        {% if part == '$' %}
            {% do written.append('\\\\z') %}
        {% elif part == '.' %}
            {% do written.append('[^\\n]') %}
        {% elif part | length > 1 %}
            {% set inside = namespace(text=part | replace('\\', '\\\\')) %}
            {% for name, java in classes.items() %}
                {% set inside.text = inside.text | replace(name, java) %}
            {% endfor %}
            {% do written.append(inside.text) %}
        {% else %}
            {% do written.append(part) %}
        {% endif %}
    {% endfor %}
    {{ return("'" ~ written | join ~ "'") }}
{% endmacro %}
