with

category_days as (select * from {{ ref('int_customer_category_days') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

as_of as (select * from {{ ref('int_as_of') }}),

spent as (
    select
        category_days.customer_id,
        category_days.category,
        sum(
            case
                when {{ in_window('category_days.ordered_date', 'as_of.as_of_date', 'prior_90d') }}
                    then category_days.realised_amount
                else 0
            end
        ) as before_amount,
        sum(
            case
                when {{ in_window('category_days.ordered_date', 'as_of.as_of_date', '90d') }}
                    then category_days.realised_amount
                else 0
            end
        ) as after_amount,
        sum(
            case
                when {{ in_window('category_days.ordered_date', 'as_of.as_of_date', 'prior_90d') }}
                    then category_days.orders_count
                else 0
            end
        ) as before_orders_count,
        sum(
            case
                when {{ in_window('category_days.ordered_date', 'as_of.as_of_date', '90d') }}
                    then category_days.orders_count
                else 0
            end
        ) as after_orders_count
    from category_days
    cross join as_of
    group by category_days.customer_id, category_days.category
),

changes as (
    select
        customer_id,
        category,
        least(before_amount, after_amount) as kept_amount,
        greatest(after_amount - before_amount, 0) as gain_amount,
        greatest(before_amount - after_amount, 0) as loss_amount,
        before_orders_count,
        after_orders_count
    from spent
    where
        before_amount <> 0
        or after_amount <> 0
),

customer_changes as (
    select
        changes.customer_id,
        sum(changes.gain_amount) as gain_amount,
        sum(changes.loss_amount) as loss_amount,
        least(sum(changes.gain_amount), sum(changes.loss_amount)) as switched_amount,
        case
            when sum(changes.before_orders_count) > 0 then 'more'
            when min({{ days_between('purchases.first_paid_order_date', 'purchases.as_of_date') }})
                >= {{ window_days('90d') }}
                then 'returning'
            else 'new'
        end as gain_kind,
        case when sum(changes.after_orders_count) > 0 then 'less' else 'lapsed' end as loss_kind
    from changes
    inner join purchases
        on changes.customer_id = purchases.customer_id
    group by changes.customer_id
),

-- What a customer gave up in some categories and spent in others went from the first to the second,
-- each in its share. The rest of the gains or of the losses is more or less money than before.
gains as (
    select
        changes.customer_id,
        changes.category,
        customer_changes.loss_amount as customer_loss_amount,
        {{ divide(
            'cast(customer_changes.switched_amount as double) * cast(changes.gain_amount as double)',
            'customer_changes.gain_amount', 'decimal(38, 8)'
        ) }} as switched_amount,
        {{ divide(
            'cast(customer_changes.gain_amount - customer_changes.switched_amount as double)'
            ~ ' * cast(changes.gain_amount as double)',
            'customer_changes.gain_amount', 'decimal(38, 8)'
        ) }} as other_amount,
        customer_changes.gain_kind
    from changes
    inner join customer_changes
        on changes.customer_id = customer_changes.customer_id
    where changes.gain_amount > 0
),

losses as (
    select
        changes.customer_id,
        changes.category,
        changes.loss_amount,
        {{ divide(
            'cast(customer_changes.loss_amount - customer_changes.switched_amount as double)'
            ~ ' * cast(changes.loss_amount as double)',
            'customer_changes.loss_amount', 'decimal(38, 8)'
        ) }} as other_amount,
        customer_changes.loss_kind
    from changes
    inner join customer_changes
        on changes.customer_id = customer_changes.customer_id
    where changes.loss_amount > 0
),

-- A customer has at most categories_named_count categories and one more on either side.
flows as (
    select
        'switched' as flow_kind,
        losses.category as from_category,
        gains.category as to_category,
        gains.customer_id,
        {{ divide(
            'cast(gains.switched_amount as double) * cast(losses.loss_amount as double)',
            'gains.customer_loss_amount', 'decimal(38, 8)'
        ) }} as amount
    from gains
    inner join losses
        on gains.customer_id = losses.customer_id

    union all

    select
        gain_kind as flow_kind,
        'none' as from_category,
        category as to_category,
        customer_id,
        other_amount as amount
    from gains

    union all

    select
        loss_kind as flow_kind,
        category as from_category,
        'none' as to_category,
        customer_id,
        other_amount as amount
    from losses

    union all

    select
        'kept' as flow_kind,
        category as from_category,
        category as to_category,
        customer_id,
        cast(kept_amount as decimal(38, 8)) as amount
    from changes
    where kept_amount <> 0
),

totals as (
    select
        flow_kind,
        from_category,
        to_category,
        count(*) as customers_count,
        sum(amount) as amount
    from flows
    where abs(amount) >= 0.00005
    group by flow_kind, from_category, to_category
),

final as (
    select
        -- keys
        totals.flow_kind,
        totals.from_category,
        totals.to_category,
        as_of.as_of_date,

        -- measures
        cast(totals.customers_count as bigint) as customers_count,
        cast(totals.amount as decimal(38, 4)) as realised_amount
    from totals
    cross join as_of
)

select * from final
