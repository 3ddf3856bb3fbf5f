with

segment_map as (select * from {{ ref('rfm_segment_map') }}),

scores as (
    {% for score in range(1, 6) %}
        select cast({{ score }} as string) as score
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

codes as (
    select recency.score || frequency.score || monetary.score as rfm_code
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary
),

segment_counts as (
    select
        rfm_code,
        count(rfm_segment) as segment_count
    from segment_map
    group by rfm_code
),

final as (
    select
        case
            when codes.rfm_code is null
                then 'code ' || coalesce(segment_counts.rfm_code, '(empty)') || ' is no code'
            when coalesce(segment_counts.segment_count, 0) = 0
                then 'code ' || codes.rfm_code || ' has no segment'
            else
                'code ' || codes.rfm_code || ' has '
                || cast(segment_counts.segment_count as string) || ' segments'
        end as finding
    from codes
    full outer join segment_counts
        on codes.rfm_code = segment_counts.rfm_code
    where
        codes.rfm_code is null
        or coalesce(segment_counts.segment_count, 0) <> 1
)

select * from final
