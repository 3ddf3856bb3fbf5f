{% set comparisons = match_comparisons() %}
with

pairs as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

weighed as (
    select
        pairs.record_key,
        pairs.other_record_key,
        pairs.rule,
        model.model_version,
        model.review_probability,
        {% for comparison in comparisons %}
            pairs.{{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            case pairs.{{ comparison.name }}_level
                {% for level in comparison.levels %}
                    when {{ level.number }}
                        then
                            model.{{ match_weight_column(comparison, level) }}
                            {% if level.term %}
                                -- the value's own frequency replaces u
                                - log2(pairs.{{ level.term }}_share)
                            {% endif %}
                {% endfor %}
                else 0
            end as {{ comparison.name }}_weight,
        {% endfor %}
        model.prior_weight
    from pairs
    cross join model
),

summed as (
    select
        record_key,
        other_record_key,
        rule,
        model_version,
        review_probability,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        prior_weight
        {% for comparison in comparisons %}
            + {{ comparison.name }}_weight
        {% endfor %}
            as match_weight
    from weighed
),

-- A double holds 2 to the power of 300; the probability is 0 or 1 long before that.
probable as (
    select
        record_key,
        other_record_key,
        rule,
        model_version,
        review_probability,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        match_weight,
        {{ divide('1', '1 + power(cast(2 as double), least(greatest(-match_weight, -300), 300))') }}
            as match_probability
    from summed
),

final as (
    select
        -- keys
        record_key,
        other_record_key,

        -- attributes
        rule,
        model_version,

        -- measures
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        match_weight,
        match_probability
    from probable
    where match_probability >= review_probability
)

select * from final
