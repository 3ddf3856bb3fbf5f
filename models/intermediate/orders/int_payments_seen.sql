with

as_of as (select * from {{ ref('int_as_of') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

final as (
    select payments.*
    from payments
    inner join as_of
        on payments.paid_date <= as_of.as_of_date
)

select * from final
