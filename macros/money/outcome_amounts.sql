{% macro outcome_amounts() %}
{#-
    The select items that say what became of an order's net amount: cancelled, open and realised, in the order's
    currency (docs/money.md). The one place of the rule: int_orders_valued reads it for the as-of date, and
    int_order_states for each day. What was refunded is not cancelled again, nor open.
-#}
{%- set cancelled -%}
    case
        when not is_cancelled then 0
        when net_amount_local < 0 then net_amount_local
        else greatest(net_amount_local - refunded_amount_local, 0)
    end
{%- endset -%}
{%- set open -%}
    case
        when is_cancelled or is_paid or order_type = 'return' then 0
        else
            greatest(
                net_amount_local
                + applied_return_amount_local
                - refunded_amount_local,
                0
            )
    end
{%- endset -%}
cast({{ cancelled }} as decimal(38, 4)) as cancelled_amount_local,
cast({{ open }} as decimal(38, 4)) as open_amount_local,
cast(
    net_amount_local
    - {{ cancelled }}
    - refunded_amount_local
    - {{ open }}
    + applied_return_amount_local as decimal(38, 4)
) as realised_amount_local
{%- endmacro %}
