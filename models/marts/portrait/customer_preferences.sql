{% set prior = var('interest_prior_weight') %}
with

interests as (select * from {{ ref('int_customer_interests') }}),

as_of as (select * from {{ ref('int_as_of') }}),

customer_totals as (
    select
        customer_id,
        dimension,
        sum(faded_weight) as customer_weight
    from interests
    group by customer_id, dimension
),

value_totals as (
    select
        dimension,
        preference_value,
        count(*) as customers_count,
        sum(faded_weight) as value_weight
    from interests
    group by dimension, preference_value
),

dimension_totals as (
    select
        dimension,
        count(*) as customers_count,
        sum(customer_weight) as dimension_weight
    from customer_totals
    group by dimension
),

-- How rare a value is, as scikit-learn smooths it (TfidfTransformer).
value_shares as (
    select
        value_totals.dimension,
        value_totals.preference_value,
        {{ divide('value_totals.value_weight', 'dimension_totals.dimension_weight') }}
            as everybody_share,
        ln({{ divide(
            '1 + dimension_totals.customers_count', '1 + value_totals.customers_count'
        ) }}) + 1 as rarity
    from value_totals
    inner join dimension_totals
        on value_totals.dimension = dimension_totals.dimension
),

-- A customer of few signals is expected to do as everybody does: the shares of everybody count like
-- a few signals of the customer.
weighed as (
    select
        interests.customer_id,
        interests.dimension,
        interests.preference_value,
        interests.signals_count,
        interests.faded_weight,
        customer_totals.customer_weight,
        value_shares.everybody_share,
        -- as a decimal, so that the order of the rows does not matter
        cast(cast(interests.faded_weight as double) * value_shares.rarity as decimal(28, 10))
            as rare_weight,
        {{ divide(
            'cast(interests.faded_weight as double) + ' ~ prior
            ~ ' * coalesce(value_shares.everybody_share, 0)',
            'customer_totals.customer_weight + ' ~ prior, 'decimal(18, 10)'
        ) }} as expected_share,
        interests.last_signal_date
    from interests
    inner join customer_totals
        on
            interests.customer_id = customer_totals.customer_id
            and interests.dimension = customer_totals.dimension
    inner join value_shares
        on
            interests.dimension = value_shares.dimension
            and interests.preference_value = value_shares.preference_value
),

rare_totals as (
    select
        customer_id,
        dimension,
        sum(rare_weight) as customer_rare_weight
    from weighed
    group by customer_id, dimension
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, dimension
            order by
                expected_share desc nulls last,
                last_signal_date desc nulls last,
                preference_value asc nulls last
        ) as preference_rank
    from weighed
),

final as (
    select
        -- keys
        ranked.customer_id,
        ranked.dimension,
        ranked.preference_value,
        as_of.as_of_date,

        -- measures
        cast(ranked.preference_rank as bigint) as preference_rank,
        ranked.signals_count,
        ranked.faded_weight,
        {{ divide('100 * ranked.faded_weight', 'ranked.customer_weight') }} as share_pct,
        cast(100 * ranked.expected_share as double) as expected_share_pct,
        100 * ranked.everybody_share as everybody_share_pct,
        {{ divide('ranked.expected_share', 'ranked.everybody_share') }} as share_against_everybody,
        {{ divide('100 * ranked.rare_weight', 'rare_totals.customer_rare_weight') }}
            as distinctive_share_pct,
        {{ divide('100 * ranked.customer_weight', 'ranked.customer_weight + ' ~ prior) }}
            as confidence_pct,

        -- dates and timestamps
        ranked.last_signal_date
    from ranked
    inner join rare_totals
        on
            ranked.customer_id = rare_totals.customer_id
            and ranked.dimension = rare_totals.dimension
    cross join as_of
    where ranked.preference_rank <= {{ var('preferences_kept_count') }}
)

select * from final
