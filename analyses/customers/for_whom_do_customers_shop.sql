-- Do customers shop for the gender that they told?
select
    coalesce(natural_gender, 'not told') as natural_gender,
    coalesce(shopping_gender, 'not known') as shopping_gender,
    count(*) as customers_count
from marts.customer_portrait
group by natural_gender, shopping_gender
order by natural_gender, shopping_gender
