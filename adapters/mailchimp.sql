/*
title: Mailchimp
exports:
  audience:
    title: Mailchimp's audience export
    source: mailchimp.com/help, "View or Export Contacts" (subscribed, unsubscribed, cleaned, nonsubscribed)
    keys: [Email Address]
    needed: [LEID, EUID]
    moments: [OPTIN_TIME, CONFIRM_TIME, LAST_CHANGED, UNSUB_TIME, CLEAN_TIME]
    columns: [First Name, Last Name, Name | Full Name, Phone Number | Phone, Address, Company, CC]
    unused: [Birthday, MEMBER_RATING, OPTIN_IP, CONFIRM_IP, LATITUDE, LONGITUDE, GMTOFF, DSTOFF, TIMEZONE, REGION, NOTES,
      TAGS, SOURCE, UNSUB_CAMPAIGN_TITLE, UNSUB_CAMPAIGN_ID, UNSUB_REASON, UNSUB_REASON_OTHER, CLEAN_CAMPAIGN_TITLE,
      CLEAN_CAMPAIGN_ID]
  activity:
    title: Mailchimp's granular activity
    source: mailchimp.com/help, "Export account data", folder granular_activity
    keys: [Email, Timestamp]
    moments: [Timestamp]
    unused: [IP, URL, Url, Type, Reason]
  campaigns:
    title: Mailchimp's list of campaigns
    source: Campaigns or Reports, "Export" (campaigns.csv)
    keys: [Unique Id]
    needed: [Title, Subject, Send Date, Total Recipients]
    columns: [List | Audience]
    unused: [Subject, Send Weekday, Total Recipients, Successful Deliveries, Soft Bounces, Hard Bounces, Total Bounces,
      Times Forwarded, Forwarded Opens, Unique Opens, Open Rate, Total Opens, Unique Clicks, Click Rate, Total Clicks,
      Unsubscribes, Abuse Complaints, Times Liked on Facebook, Folder Id, Total Orders, Total Gross Sales, Total Revenue,
      Analytics ROI, Campaign Cost, Revenue Created, Visits, New Visits, Pages/Visit, Bounce Rate, Time on Site,
      Goal Conversion Rate, Per Visit Goal Value, Transactions, Ecommerce Conversion Rate, Per Visit Value, Average Value]
*/

create schema crm;

-- The audience export is a file per status. Its columns tell unsubscribed and cleaned, its name
-- tells nonsubscribed. Times are UTC.
create temporary table members as
select
    *,
    lower("Email Address") as mail_key,
    case
        when "UNSUB_TIME" is not null or regexp_matches(lower(_file), '(^|[^a-z])unsubscribed')
            then 'unsubscribed'
        when "CLEAN_TIME" is not null or regexp_matches(lower(_file), '(^|[^a-z])cleaned')
            then 'cleaned'
        when contains(lower(_file), 'nonsubscribed') then 'nonsubscribed'
        else 'subscribed'
    end as status,
    coalesce("UNSUB_TIME", "CLEAN_TIME", "LAST_CHANGED") as changed_at
from exported.audience;

-- An address in several files or audiences: what changed last counts.
insert into left_out
select _from, 'the address is in a later row, too'
from members
qualify
    row_number() over (
        partition by mail_key order by changed_at desc nulls last, _number desc
    ) > 1;

create table crm.contacts as
select
    coalesce("EUID", mail_key) as contact_id,
    "First Name" as first_name,
    "Last Name" as last_name,
    "Name" as full_name,
    "Email Address" as email,
    "Phone Number" as phone,
    "CC" as country,
    "Address" as address,
    "Company" as organisation,
    if(status = 'subscribed', 'true', 'false') as has_email_consent,
    coalesce("OPTIN_TIME", "CONFIRM_TIME") || ' UTC' as created_at,
    changed_at || ' UTC' as updated_at,
    _from
from members
where _from not in (select _from from left_out)
order by _number;

insert into remarks
select 'addresses by status: ' || string_agg(status || ' ' || count, ', ' order by status)
from (
    select status, count(*) as count
    from members
    where _from not in (select _from from left_out)
    group by all
)
having count(*) > 0;

-- The activity is a file per campaign in a folder per kind: granular_activity/opens/12_spring.csv.
create temporary table activity as
select
    *,
    lower("Email") as mail_key,
    lower(split_part(_file, '/', -2)) as kind,
    regexp_replace(split_part(_file, '/', -1), '[.]csv([.]gz)?$', '') as campaign_id,
    "Timestamp" || ' UTC' as occurred_at
from exported.activity;

insert into left_out
select _from, 'its folder does not say sends, opens, clicks, bounces or unsubscribes'
from activity
where kind not in ('sends', 'opens', 'clicks', 'bounces', 'unsubscribes');

insert into used
select _from from activity where _from not in (select _from from left_out);

create temporary table people as
select
    campaign_id,
    mail_key,
    min("Email") as email,
    min(occurred_at) as first_seen_at,
    min(occurred_at) filter (kind = 'sends') as sent_at,
    min(occurred_at) filter (kind = 'opens') as opened_at,
    min(occurred_at) filter (kind = 'clicks') as clicked_at,
    min(occurred_at) filter (kind = 'bounces') as bounced_at,
    min(occurred_at) filter (kind = 'unsubscribes') as unsubscribed_at
from activity
where _from in (select _from from used)
group by all;

insert into crm.contacts by name
select mail_key as contact_id, min(email) as email
from people
where mail_key not in (select lower(email) from crm.contacts)
group by mail_key
order by mail_key;

-- The list of campaigns knows them by another number than the activity. What joins the two is the
-- title, from which the name of the activity's file is made: 101_march-news of March news.
insert into left_out
select _from, 'the campaign is in a later row, too'
from exported.campaigns
qualify row_number() over (partition by "Unique Id" order by _number desc) > 1;

create temporary table listed as
select
    *,
    trim(regexp_replace(lower("Title"), '[^a-z0-9]+', '-', 'g'), '-') as slug,
    coalesce(
        strftime(
            try_strptime("Send Date", ['%b %d, %Y %I:%M %p', '%Y-%m-%d %H:%M:%S']), '%Y-%m-%d'
        ), "Send Date"
    ) as start_date
from exported.campaigns
where _from not in (select _from from left_out);

create temporary table with_activity as
select
    campaign_id,
    regexp_replace(lower(campaign_id), '^[0-9]+_', '') as slug,
    substr(min(coalesce(sent_at, first_seen_at)), 1, 10) as start_date
from people
group by all;

create temporary table same_campaigns as
select with_activity.campaign_id, listed._from
from with_activity
inner join listed on with_activity.slug = listed.slug
where listed.slug <> ''
qualify
    count(*) over (partition by with_activity.campaign_id) = 1
    and count(*) over (partition by listed._from) = 1;

create table crm.campaigns as
select
    coalesce(with_activity.campaign_id, listed."Unique Id") as campaign_id,
    coalesce(listed."Title", with_activity.campaign_id) as campaign_name,
    'email' as channel,
    listed."List" as audience,
    coalesce(with_activity.start_date, listed.start_date) as start_date,
    listed._from
from with_activity
left join same_campaigns on with_activity.campaign_id = same_campaigns.campaign_id
full join listed on same_campaigns._from = listed._from
order by 1;

insert into remarks
select 'campaigns of the list without activity, so that nobody stands in them: ' || count(*)
from listed
where _from not in (select _from from same_campaigns)
having count(*) > 0;

-- Without the folder of sends it is known of those alone who did something.
create table crm.campaign_contacts as
select
    people.campaign_id || '/' || people.mail_key as campaign_contact_id,
    people.campaign_id,
    'crm' as system,
    written_out(contacts.contact_id) as native_id,
    coalesce(people.sent_at, people.first_seen_at) as assigned_at,
    people.sent_at,
    people.bounced_at,
    people.opened_at,
    people.clicked_at,
    people.unsubscribed_at
from people
inner join crm.contacts as contacts on people.mail_key = lower(contacts.email)
order by people.campaign_id, people.mail_key;

insert into remarks
select
    'people of a campaign without a time of sending, whose first action stands for it: ' || count(*)
from people
where sent_at is null
having count(*) > 0;
