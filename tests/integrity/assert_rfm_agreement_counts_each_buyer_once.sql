with

agreement as (select * from {{ ref('rpt_rfm_agreement') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

-- The report's counts less those of the marts.
counts as (
    select
        measure,
        customers_count as buyers_difference,
        case when is_same_score then customers_count else 0 end as same_score_difference
    from agreement

    {% for measure in ['recency', 'frequency', 'monetary'] %}
        union all

        select
            '{{ measure }}' as measure,
            -1 as buyers_difference,
            case when {{ measure }}_score = fixed_{{ measure }}_score then -1 else 0 end
                as same_score_difference
        from rfm
        where
            frequency > 0
            {% if measure == 'monetary' %}
                -- a reporting currency without thresholds has no fixed score
                and fixed_monetary_score is not null
            {% endif %}

    {% endfor %}
),

final as (
    select
        measure,
        sum(buyers_difference) as buyers_difference,
        sum(same_score_difference) as same_score_difference
    from counts
    group by measure
    having
        sum(buyers_difference) <> 0
        or sum(same_score_difference) <> 0
)

select * from final
