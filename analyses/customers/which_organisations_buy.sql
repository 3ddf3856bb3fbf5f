-- Which organisations does the service line serve, and what do the people who speak for them bring?
select
    organisations.organisation_name,
    organisations.industry,
    organisations.size_band,
    parents.organisation_name as parent_name,
    organisations.contacts_count,
    organisations.customers_count,
    organisations.orders_count,
    organisations.realised_amount
from marts.dim_organisations as organisations
left join marts.dim_organisations as parents
    on organisations.parent_organisation_id = parents.organisation_id
order by organisations.realised_amount desc, organisations.organisation_id asc
