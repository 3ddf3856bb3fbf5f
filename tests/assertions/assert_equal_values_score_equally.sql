{% set measures = {
    'recency': '-recency_days',
    'frequency': 'frequency',
    'monetary': 'monetary_amount',
} %}
with

rfm as (select * from {{ ref('customer_rfm') }}),

-- Each measure, with its sign chosen so that more is better.
measured as (
    {% for measure, value in measures.items() %}
        select
            '{{ measure }}' as measure,
            cast({{ value }} as decimal(38, 4)) as measured_value,
            {{ measure }}_score as score
        from rfm
        where frequency > 0
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

by_value as (
    select
        measure,
        measured_value,
        min(score) as lowest_score,
        max(score) as highest_score
    from measured
    group by measure, measured_value
),

compared as (
    select
        measure,
        measured_value,
        lowest_score,
        highest_score,
        lag(highest_score) over (
            partition by measure
            order by measured_value asc nulls first
        ) as score_of_the_worse,
        max(measured_value) over (partition by measure) as best_value,
        count(*) over (partition by measure) as values_count
    from by_value
),

-- The worst value scores 1, a better value never less than a worse one, and the best recency 5. A
-- value that all have is scored by its threshold.
final as (
    select *
    from compared
    where
        lowest_score <> highest_score
        or lowest_score < score_of_the_worse
        or (
            values_count > 1
            and (
                (score_of_the_worse is null and lowest_score <> 1)
                or (measure = 'recency' and measured_value = best_value and lowest_score <> 5)
            )
        )
)

select * from final
