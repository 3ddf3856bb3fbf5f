{% set comparisons = match_comparisons() %}
with

pairs as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

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
            {{ match_weight('pairs', 'model', comparison) }} as {{ comparison.name }}_weight,
        {% endfor %}
        {{ household_evidence('pairs', 'model') }} + priors.household_prior_weight
            as household_weight,
        priors.prior_weight
    from pairs
    cross join model
    cross join priors
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
        household_weight,
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
        household_weight,
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
        household_weight,
        match_weight,
        match_probability
    from probable
    where match_probability >= review_probability
)

select * from final
