{% set rounds = range(1, 9) %}
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

-- In whole bits, so that the rounds below read few rows: one person against two strangers, and
-- against two of one household.
counted as (
    select
        cast(floor(match_evidence) as integer) as match_bits,
        cast(floor(household_evidence) as integer) as household_bits,
        -- those of strangers are no pairs; a filter would weigh each pair once more
        sum(
            case when match_evidence > 0 or match_evidence > household_evidence then 1 else 0 end
        ) as pairs_count
    from weighed
    group by cast(floor(match_evidence) as integer), cast(floor(household_evidence) as integer)
),

started as (
    select
        pairs_per_record,
        household_pairs_per_pair * pairs_per_record as household_pairs_per_record,
        prior_records,
        records_count,
        {{ divide('greatest(records_count - 1, 1)', '2') }} as all_pairs_per_record
    from model
),

round_0 as (
    select
        pairs_per_record,
        household_pairs_per_record
    from started
),

-- Expectation maximisation for the priors alone (Dempster, Laird and Rubin 1977): how many pairs
-- are one person, or two of one household, by the priors gives the next ones.
{% for number in rounds %}
    odds_{{ number }} as (
        select
            log2(before.pairs_per_record) - log2(started.all_pairs_per_record) as match_prior,
            log2(before.household_pairs_per_record) - log2(started.all_pairs_per_record)
                as household_prior
        from round_{{ number - 1 }} as before
        cross join started
    ),

    expected_{{ number }} as (
        select
            coalesce(sum(cast(counted.pairs_count as decimal(12, 0)) * cast({{ divide(
                '1',
                '1 + power(cast(2 as double), -counted.match_bits - odds.match_prior)'
                ~ ' + power(cast(2 as double),'
                ~ ' odds.household_prior - odds.match_prior - counted.household_bits)'
            ) }} as decimal(20, 12))), 0) as matches_count,
            coalesce(sum(cast(counted.pairs_count as decimal(12, 0)) * cast({{ divide(
                '1',
                '1 + power(cast(2 as double),'
                ~ ' counted.household_bits - counted.match_bits - odds.household_prior)'
                ~ ' + power(cast(2 as double),'
                ~ ' odds.match_prior - odds.household_prior + counted.household_bits)'
            ) }} as decimal(20, 12))), 0) as household_pairs_count
        from counted
        cross join odds_{{ number }} as odds
    ),

    round_{{ number }} as (
        select
            {{ divide(
                'expected.matches_count + started.prior_records * started.pairs_per_record',
                'started.records_count + started.prior_records'
            ) }} as pairs_per_record,
            {{ divide(
                'expected.household_pairs_count'
                ~ ' + started.prior_records * started.household_pairs_per_record',
                'started.records_count + started.prior_records'
            ) }} as household_pairs_per_record
        from expected_{{ number }} as expected
        cross join started
    ),
{% endfor %}

estimated as (
    select
        last_round.pairs_per_record,
        last_round.household_pairs_per_record,
        least({{ divide('last_round.pairs_per_record', 'started.all_pairs_per_record') }}, 0.5)
            as prior_probability,
        log2(last_round.pairs_per_record) - log2(last_round.household_pairs_per_record)
            as household_prior_weight
    from round_{{ rounds | last }} as last_round
    cross join started
),

final as (
    select
        -- measures
        pairs_per_record,
        household_pairs_per_record,
        prior_probability,
        log2(prior_probability) - log2(1 - prior_probability) as prior_weight,
        household_prior_weight
    from estimated
)

select * from final
