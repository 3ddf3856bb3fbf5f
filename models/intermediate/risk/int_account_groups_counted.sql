with

accounts as (select * from {{ ref('int_accounts_described') }}),

record_values as (select * from {{ ref('int_record_values_gathered') }}),

members as (select * from {{ ref('int_household_members_listed') }}),

terms as (select * from {{ ref('int_relation_terms_gathered') }}),

employers as (
    select
        customer_id,
        min(term_value) as employer
    from terms
    where term = 'organisation'
    group by customer_id
),

-- The staff of an organisation are one circle, whatever their households; and so is a household,
-- whatever the employers of its members.
circled as (
    select
        accounts.*,
        coalesce(members.household_id, accounts.customer_id) as household_id,
        coalesce(employers.employer, members.household_id, accounts.customer_id)
            as employer_or_household_id,
        {{ days_between("cast('1970-01-01' as date)", 'accounts.opened_date') }} as opened_day
    from accounts
    left join employers
        on accounts.customer_id = employers.customer_id
    left join members
        on accounts.customer_id = members.customer_id
),

held as (
    select
        'customer' as relation_key,
        customer_id as key_value,
        record_key
    from circled

    union all

    select
        relation_key,
        key_value,
        record_key
    from record_values
    where relation_key in ('phone', 'device', 'address')
),

described as (
    select
        circled.*,
        held.relation_key,
        held.key_value
    from held
    inner join circled
        on held.record_key = circled.record_key
),

counted as (
    select
        relation_key,
        key_value,
        system,
        customer_id,
        household_id,
        employer_or_household_id,
        is_coupon_account,
        opened_date,
        count(opened_day) over within_14_days as near_accounts_count,
        sum(case when is_coupon_account and opened_day is not null then 1 else 0 end)
            over within_14_days as near_coupon_accounts_count
    from described
    window within_14_days as (
        partition by relation_key, key_value, system
        order by opened_day asc nulls last
        range between current row and 13 following
    )
),

final as (
    select
        -- keys
        relation_key,
        key_value,
        system,

        -- measures
        count(*) as accounts_count,
        count(distinct customer_id) as customers_count,
        least(
            count(distinct household_id), count(distinct employer_or_household_id)
        ) as circles_count,
        max(near_accounts_count) as near_accounts_count,
        max(near_coupon_accounts_count) as near_coupon_accounts_count,

        -- dates and timestamps
        max(opened_date) as last_opened_date
    from counted
    group by relation_key, key_value, system
    having count(*) > 1
)

select * from final
