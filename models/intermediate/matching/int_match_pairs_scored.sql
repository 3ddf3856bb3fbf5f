{% set comparisons = match_comparisons() %}
with

pairs as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

summed as (
    select
        pairs.*,
        {{ match_evidence('pairs', 'model') }} + priors.prior_weight as match_weight
    from pairs
    cross join model
    cross join priors
),

-- A double holds 2 to the power of 300; the probability is 0 or 1 long before that.
probable as (
    select
        summed.*,
        {{ divide('1', '1 + power(cast(2 as double), least(greatest(-match_weight, -300), 300))') }}
            as match_probability
    from summed
),

-- Most pairs end here; what each comparison weighs is spelled out of the others only.
likely as (
    select probable.*
    from probable
    cross join model
    where probable.match_probability >= model.review_probability
),

final as (
    select
        -- keys
        likely.record_key,
        likely.other_record_key,

        -- attributes
        likely.rule,
        model.model_version,

        -- measures
        {% for comparison in comparisons %}
            likely.{{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ match_weight('likely', 'model', comparison) }} as {{ comparison.name }}_weight,
        {% endfor %}
        {{ household_evidence('likely', 'model') }} + priors.household_prior_weight
            as household_weight,
        likely.match_weight,
        likely.match_probability
    from likely
    cross join model
    cross join priors
)

select * from final
