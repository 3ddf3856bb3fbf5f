with

rfm as (select * from {{ ref('customer_rfm') }}),

buyer_scores as (
    {% for measure in ['recency', 'frequency', 'monetary'] %}
        select
            as_of_date,
            '{{ measure }}' as measure,
            {{ measure }}_score as score,
            fixed_{{ measure }}_score as fixed_score
        from rfm
        where fixed_{{ measure }}_score is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

counted as (
    select
        as_of_date,
        measure,
        score,
        fixed_score,
        count(*) as customers_count
    from buyer_scores
    group by as_of_date, measure, score, fixed_score
),

totals as (
    select
        as_of_date,
        measure,
        sum(customers_count) as buyers_count,
        sum(case when score = fixed_score then customers_count else 0 end) as same_count,
        sum(case when abs(score - fixed_score) <= 1 then customers_count else 0 end)
            as near_count,
        sum(customers_count * score) as scores_sum,
        sum(customers_count * fixed_score) as fixed_scores_sum,
        sum(customers_count * (score * score + fixed_score * fixed_score)) as squares_sum,
        sum(customers_count * (score - fixed_score) * (score - fixed_score))
            as squared_differences_sum
    from counted
    group by as_of_date, measure
),

final as (
    select
        -- keys
        counted.as_of_date,
        counted.measure,
        counted.score,
        counted.fixed_score,

        -- measures
        counted.customers_count,
        {{ divide('100 * counted.customers_count', 'totals.buyers_count') }} as buyers_share_pct,
        {{ divide('100 * totals.same_count', 'totals.buyers_count') }} as same_score_pct,
        {{ divide('100 * totals.near_count', 'totals.buyers_count') }} as within_one_score_pct,
        -- Cohen's kappa with squared weights, multiplied out so that one division remains
        1 - {{ divide(
            'totals.buyers_count * totals.squared_differences_sum',
            'totals.buyers_count * totals.squares_sum'
            ~ ' - 2 * totals.scores_sum * totals.fixed_scores_sum'
        ) }} as weighted_kappa,

        -- flags
        counted.score = counted.fixed_score as is_same_score
    from counted
    inner join totals
        on
            counted.as_of_date = totals.as_of_date
            and counted.measure = totals.measure
)

select * from final
