with

activities as (select * from {{ ref('int_record_activity_daily') }}),

records as (select * from {{ ref('int_records_clustered') }}),

customer_days as (
    select
        records.customer_id,
        activities.activity_date,
        sum(activities.orders_count) as orders_count,
        sum(activities.paid_orders_count) as paid_orders_count,
        sum(activities.valued_paid_orders_count) as valued_paid_orders_count,
        sum(activities.returned_orders_count) as returned_orders_count,
        coalesce(sum(activities.items_count), 0) as items_count,
        {% for amount in ['gross', 'net', 'paid_net', 'cancelled', 'open', 'refunded'] %}
            -- nothing on a day of visits alone, and unknown where no order of the day has a rate
            case
                when bool_and(activities.is_visit_only) then 0
                else sum(activities.{{ amount }}_amount)
            end as {{ amount }}_amount,
        {% endfor %}
        sum(activities.realised_amount) as realised_amount,
        {% for measure in visit_measures() %}
            sum(activities.{{ measure }}) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from activities
    inner join records
        on activities.record_key = records.record_key
    group by records.customer_id, activities.activity_date
),

final as (
    select
        -- keys
        customer_id,
        activity_date,

        -- measures
        cast(orders_count as bigint) as orders_count,
        cast(paid_orders_count as bigint) as paid_orders_count,
        cast(valued_paid_orders_count as bigint) as valued_paid_orders_count,
        cast(returned_orders_count as bigint) as returned_orders_count,
        cast(items_count as decimal(38, 4)) as items_count,
        cast(gross_amount as decimal(38, 4)) as gross_amount,
        cast(gross_amount - net_amount as decimal(38, 4)) as discount_amount,
        cast(net_amount as decimal(38, 4)) as net_amount,
        cast(paid_net_amount as decimal(38, 4)) as paid_net_amount,
        cast(cancelled_amount as decimal(38, 4)) as cancelled_amount,
        cast(open_amount as decimal(38, 4)) as open_amount,
        cast(refunded_amount as decimal(38, 4)) as refunded_amount,
        cast(realised_amount as decimal(38, 4)) as realised_amount,
        {% for measure in visit_measures() %}
            cast({{ measure }} as bigint) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from customer_days
)

select * from final
