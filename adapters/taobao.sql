/*
title: Taobao and Tmall
exports:
  orders:
    title: Taobao's ExportOrderList
    source: public programs that read the export of 已卖出的宝贝, 订单报表
    keys: [订单编号]
    needed: [买家会员名, 总金额, 订单状态, 订单创建时间]
    amounts: [买家应付货款, 买家应付邮费, 总金额, 退款金额]
    moments: [订单创建时间, 订单付款时间, 确认收货时间]
    columns: [买家支付宝账号, 收货人姓名 | 收货人, "收货地址 | 收货地址 ", 联系电话 | "联系电话 ", 联系手机, 店铺名称]
    unused: [支付单号, 支付详情, 买家支付积分, 返点积分, 买家实际支付金额 | 支付金额, 买家实际支付积分, 买家留言, 运送方式,
      宝贝标题, 宝贝种类, 物流单号, 物流公司, 订单备注, 宝贝总数量, 店铺Id, 订单关闭原因, 卖家服务费, 买家服务费, 发票抬头,
      是否手机订单, 分阶段订单信息, 特权订金订单id, 定金排名, 修改后的sku, 修改后的收货地址, 异常信息, 天猫卡券抵扣 | 卡券抵扣,
      集分宝抵扣 | 积分抵扣, 是否是O2O交易, 分销商Id, 分销商店铺名称, 打款商家金额]
    money: {amount: 总金额, is: CNY}
  details:
    title: Taobao's ExportOrderDetailList
    source: public programs that read the export of 已卖出的宝贝, 宝贝报表
    keys: [主订单编号 | 订单编号]
    needed: [标题, 价格, 购买数量]
    amounts: [价格, 购买数量, 买家应付货款]
    columns: [子订单编号, 外部系统编号, 商家编码]
    unused: [商品属性 | 规格名称, 套餐信息, 备注, 订单状态, 支付单号, 买家实际支付金额, 退款状态, 退款金额, 订单创建时间,
      订单付款时间]
*/

create schema marketplace;

insert into left_out
select _from, 'the order is in a later row, too'
from exported.orders
qualify row_number() over (partition by "订单编号" order by _number desc) > 1;

insert into left_out
select _from, 'the lines of the order are in a later file, too'
from exported.details
qualify _file <> max_by(_file, _number) over (partition by "主订单编号");

insert into left_out
select _from, 'the line is in a later row, too'
from exported.details
where "子订单编号" is not null and _from not in (select _from from left_out)
qualify
    row_number() over (partition by "主订单编号", "子订单编号" order by _number desc) > 1;

-- An address is 省 市 区 street(postcode), divided by blanks. A time is that of Beijing.
create temporary table orders as
select
    *,
    trim(regexp_replace("收货地址", '[(（][0-9]{6}[)）]$', '')) as address,
    nullif(regexp_extract("收货地址", '[(（]([0-9]{6})[)）]$', 1), '') as postcode,
    string_split(trim("收货地址"), ' ') as places,
    coalesce("联系手机", "联系电话") as phone,
    if(contains("买家支付宝账号", '@'), "买家支付宝账号", null) as email
from exported.orders
where _from not in (select _from from left_out);

create temporary table placed as
select
    *,
    len(places) >= 3
    and (
        regexp_matches(places[1], '(省|自治区)$')
        or rtrim(places[1], '市') in ('北京', '上海', '天津', '重庆')
    ) as is_in_china
from orders;

-- A masked member name is that of many members: without a phone beside it, it is nobody's.
create temporary table addressed as
select
    *,
    if(is_in_china, 'CN', null) as country,
    if(is_in_china, places[1], null) as region,
    if(is_in_china, places[2], null) as city,
    case
        when not contains("买家会员名", '*') then "买家会员名"
        when not contains(phone, '*') then "买家会员名" || '/' || phone
    end as buyer_id
from placed;

insert into remarks
select 'orders of a masked 买家会员名 without a phone, which become orders of guests: ' || count(*)
from addressed
where buyer_id is null and "买家会员名" is not null
having count(*) > 0;

create temporary table parts as
select
    "订单编号" as order_id,
    try_cast("总金额" as decimal(18, 4)) as total,
    coalesce(try_cast("买家应付货款" as decimal(18, 4)), 0)
    + coalesce(try_cast("买家应付邮费" as decimal(18, 4)), 0) as told
from orders;

insert into money_out
select 'orders', 'CNY', told, total - told from parts where total is not null;

insert into remarks
select
    'orders whose 总金额 is not 买家应付货款 and 买家应付邮费: ' || count(*)
    || ', first ' || min(order_id)
from parts
where total <> told
having count(*) > 0;

create table marketplace.buyers as
select
    buyer_id,
    "买家会员名" as nickname,
    "收货人姓名" as full_name,
    email,
    phone,
    country,
    region,
    city,
    address,
    postcode
from addressed
where buyer_id is not null
qualify row_number() over (partition by buyer_id order by _number desc) = 1
order by _number;

create table marketplace.orders as
select
    "订单编号" as order_id,
    buyer_id,
    -- 买家已付款，等待卖家发货: what happened, then what is next. The first says the state.
    regexp_replace("订单状态", '[,，].*$', '') as status,
    if(regexp_matches("订单创建时间", '[0-9]$'), "订单创建时间" || ' +08:00', "订单创建时间")
        as ordered_at,
    'CNY' as currency,
    "买家应付货款" as net_amount,
    "买家应付邮费" as shipping_amount,
    "店铺名称" as seller_id,
    country as delivery_country,
    region as delivery_region,
    city as delivery_city,
    address as delivery_address,
    postcode as delivery_postcode,
    if(regexp_matches("订单付款时间", '[0-9]$'), "订单付款时间" || ' +08:00', "订单付款时间")
        as approved_at,
    if(regexp_matches("确认收货时间", '[0-9]$'), "确认收货时间" || ' +08:00', "确认收货时间")
        as delivered_at,
    "退款金额" as refund_amount,
    _from
from addressed
order by _number;

-- The price is that of one unit; what the buyer pays for the line may be less.
create table marketplace.order_items as
select
    "主订单编号" as order_id,
    coalesce(
        "子订单编号", cast(row_number() over (partition by "主订单编号" order by _number) as varchar)
    ) as line_number,
    if(coalesce("商家编码", "外部系统编号") is null, "标题", null) as product_id,
    coalesce("商家编码", "外部系统编号") as seller_product_id,
    "标题" as description,
    "购买数量" as quantity,
    "价格" as unit_price,
    cast(
        cast(
            greatest(
                try_cast("价格" as decimal(18, 4)) * try_cast("购买数量" as decimal(18, 4))
                - try_cast("买家应付货款" as decimal(18, 4)), 0
            ) as decimal(18, 4)
        ) as varchar
    ) as discount_amount,
    _from
from exported.details
where _from not in (select _from from left_out)
order by _number;
