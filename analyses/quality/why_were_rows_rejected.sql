-- Which rows of the raw files are not used, why, and where are they?
select
    system,
    table_name,
    reason,
    count(*) as rows_count,
    min(file) as first_file,
    min(position_number) as first_position_number
from quality.rejected_rows
group by system, table_name, reason
order by rows_count desc, system asc, table_name asc, reason asc
