with

portraits as (select * from {{ ref('customer_portrait') }}),

options as (select * from {{ ref('customer_strategy_options') }}),

strategies as (select * from {{ ref('strategies') }}),

best_options as (
    select *
    from options
    where option_rank = 1
),

option_totals as (
    select
        customer_id,
        count(*) as options_count
    from options
    group by customer_id
),

final as (
    select
        -- keys
        portraits.customer_id,
        case
            when best_options.strategy_code is null or best_options.blocked_reason is not null
                then 'leave_alone'
            else best_options.strategy_code
        end as strategy_code,

        -- attributes
        case
            when best_options.strategy_code is null or best_options.blocked_reason is not null
                then 'Leave alone'
            else strategies.name_en
        end as strategy_name,
        case when best_options.blocked_reason is null then best_options.campaign_kind end
            as campaign_kind,
        case
            when best_options.blocked_reason is null
                then coalesce(best_options.channel, 'none')
            else 'none'
        end as channel,
        case
            when best_options.strategy_code is null then 'No strategy is for this customer.'
            when best_options.blocked_reason = 'erased'
                then 'Asked to be forgotten.'
            when best_options.blocked_reason = 'held_out'
                then 'Is held out, so that the others can be compared with somebody.'
            when best_options.blocked_reason = 'no_channel'
                then 'Has no address that may be written to.'
            when best_options.blocked_reason = 'contact_cap'
                then 'Was written to often enough of late.'
            when best_options.blocked_reason = 'does_not_pay'
                then 'By what was measured, no contact is worth its cost.'
            else strategies.reason_en
        end as reason_text,
        case
            when best_options.strategy_code is null then '没有适合该客户的策略'
            when best_options.blocked_reason = 'erased' then '客户要求删除资料'
            when best_options.blocked_reason = 'held_out' then '属于对照组，暂不联系'
            when best_options.blocked_reason = 'no_channel' then '没有可以联系的地址'
            when best_options.blocked_reason = 'contact_cap' then '近期联系次数已达上限'
            when best_options.blocked_reason = 'does_not_pay' then '按测得的效果，联系不划算'
            else strategies.reason_zh
        end as reason_text_zh,
        case when best_options.blocked_reason is null then best_options.value_basis end
            as value_basis,
        best_options.blocked_reason,

        -- measures
        coalesce(option_totals.options_count, 0) as options_count,
        {% for measure in [
            'expected_extra_orders_per_100_count', 'order_value_amount', 'contact_cost_amount',
            'expected_value_amount', 'lower_expected_value_amount', 'upper_expected_value_amount',
            'channel_answer_pct'
        ] %}
            case when best_options.blocked_reason is null then best_options.{{ measure }} end
                as {{ measure }},
        {% endfor %}
        coalesce(best_options.contacts_recent_count, 0) as contacts_recent_count,

        -- dates and timestamps
        portraits.as_of_date
    from portraits
    left join best_options
        on portraits.customer_id = best_options.customer_id
    left join strategies
        on best_options.strategy_code = strategies.strategy_code
    left join option_totals
        on portraits.customer_id = option_totals.customer_id
)

select * from final
