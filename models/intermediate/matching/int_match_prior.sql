{% set comparisons = match_comparisons() %}
{% set rounds = range(1, 7) %}
with

pairs as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

weighed as (
    select
        {{ match_evidence('pairs', 'model') }} as match_evidence,
        {{ household_evidence('pairs', 'model') }} as household_evidence
    from pairs
    cross join model
),

-- In whole bits, so that the rounds below read few rows.
counted as (
    select
        cast(floor(match_evidence) as integer) as match_bits,
        cast(floor(household_evidence) as integer) as household_bits,
        count(*) as pairs_count
    from weighed
    where match_evidence > 0
    group by cast(floor(match_evidence) as integer), cast(floor(household_evidence) as integer)
),

round_0 as (
    select prior_weight
    from model
),

-- Expectation maximisation for the prior alone: the pairs that are one person by a prior give the
-- next one.
{% for number in rounds %}
    expected_{{ number }} as (
        select
            sum(
                counted.pairs_count * cast({{ divide(
                    '1',
                    '1 + power(cast(2 as double), -counted.match_bits - before.prior_weight)'
                    ~ ' + power(cast(2 as double), -counted.household_bits)'
                ) }} as decimal(20, 12))
            ) as matches_count
        from counted
        cross join round_{{ number - 1 }} as before
    ),

    round_{{ number }} as (
        select log2(probable.prior_probability) - log2(1 - probable.prior_probability) as prior_weight
        from (
            select
                least(
                    {{ divide(
                        '2 * (coalesce(expected_' ~ number ~ '.matches_count, 0)'
                        ~ ' + model.prior_records * model.pairs_per_record)',
                        '(model.records_count + model.prior_records) * greatest(model.records_count - 1, 1)'
                    ) }},
                    0.5
                ) as prior_probability
            from expected_{{ number }}
            cross join model
        ) as probable
    ),
{% endfor %}

final as (
    select prior_weight
    from round_{{ rounds | last }}
)

select * from final
