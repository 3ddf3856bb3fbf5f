with

pairs as (select * from {{ ref('int_identity_pairs_judged') }}),

joining as (
    select *
    from pairs
    where verdict = 'joins'
),

neighbours as (
    select
        record_key,
        other_record_key
    from joining

    union all

    select
        other_record_key as record_key,
        record_key as other_record_key
    from joining
),

degrees as (
    select
        record_key,
        count(*) as neighbour_count
    from neighbours
    group by record_key
),

-- Only pairs that could be the single link between two groups are checked for common neighbours.
candidates as (
    select joining.*
    from joining
    inner join degrees
        on joining.record_key = degrees.record_key
    inner join degrees as other_degrees
        on joining.other_record_key = other_degrees.record_key
    where
        joining.strength in ('medium', 'scored')
        and degrees.neighbour_count > 1
        and other_degrees.neighbour_count > 1
),

common_neighbours as (
    select
        candidates.record_key,
        candidates.other_record_key
    from candidates
    inner join neighbours
        on candidates.record_key = neighbours.record_key
    inner join neighbours as other_neighbours
        on
            candidates.other_record_key = other_neighbours.record_key
            and neighbours.other_record_key = other_neighbours.other_record_key
    group by candidates.record_key, candidates.other_record_key
),

final as (
    select
        candidates.record_key,
        candidates.other_record_key
    from candidates
    left join common_neighbours
        on
            candidates.record_key = common_neighbours.record_key
            and candidates.other_record_key = common_neighbours.other_record_key
    where common_neighbours.record_key is null
)

select * from final
