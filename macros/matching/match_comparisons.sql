{% macro match_comparisons() %}
    {#-
        What is compared of a pair of records, `one` and `other` of int_match_records: for each comparison its name, when it
        says nothing (`unknown`), and its levels, the closest first. A level has a name, a condition, and the column whose
        own frequency stands for u (`term`), if any; the last level, different, takes every other pair. Its number follows
        from its place, the last one's is 0; models address it by its name (match_level). How much each level weighs is data:
        the seed match_levels. What only some pairs show is a comparison of its own, so that its weights are those of these
        pairs.
    -#}
    {#- Most pairs of two names end at the first similarity. -#}
    {%- set is_swapped -%}
        coalesce(
            case
                when one.first_name = other.last_name and one.last_name = other.first_name then true
                when one.last_name is null and one.first_name = other.last_name then true
                when other.last_name is null and other.first_name = one.last_name then true
                when one.first_name = other.first_name then false
                when {{ text_similarity('one.first_name', 'other.last_name') }} < 0.88 then false
                else
                    {{ text_similarity('one.last_name', 'other.first_name') }} >= 0.88
                    and {{ text_similarity('one.first_name', 'other.first_name') }} < 0.8
                    and {{ text_similarity('one.last_name', 'other.last_name') }} < 0.8
            end,
            false
        )
    {%- endset -%}
    {#- Of two people with one name the addresses are alike too, and of their numbers everybody has another. -#}
    {%- set is_email_of_both_names -%}
        (
            one.email <> other.email
            and one.is_email_of_name
            and other.is_email_of_name
            and one.email_letters = other.email_letters
            and (one.email_digits <> other.email_digits or one.email_digits = '')
        )
    {%- endset -%}
    {#- Two numbers of a row that was given out together differ in the last digit. -#}
    {%- set are_neighbours -%}
        (
            length(one.phone) = length(other.phone)
            and left(one.phone, length(one.phone) - 1) = left(other.phone, length(other.phone) - 1)
        )
    {%- endset -%}
    {#- Two first names that both exist: Mary is no slip of Mark. -#}
    {%- set are_two_names -%}
        (
            one.is_given_name
            and other.is_given_name
            and one.first_name_spelling <> other.first_name_spelling
        )
    {%- endset -%}
    {%- set local_part, other_local_part = "split_part(one.email, '@', 1)", "split_part(other.email, '@', 1)" -%}
    {%- set similarity_of_local_parts = text_similarity(local_part, other_local_part) -%}
    {#-
        To count slips takes longest of all: of addresses that are nothing alike none are counted, and of two of one domain
        only those before it.
    -#}
    {%- set are_near_emails -%}
        case
            when {{ similarity_of_local_parts }} = 0 then false
            when split_part(one.email, '@', 2) = split_part(other.email, '@', 2)
                then {{ is_within_edits(local_part, other_local_part, 2) }}
            else {{ is_within_edits('one.email', 'other.email', 2) }}
        end
    {%- endset -%}
    {#- Of two addresses the street tells; that the rest differs as well is no news. -#}
    {%- set has_moved -%}
        coalesce(one.street <> other.street and one.house_number <> other.house_number, false)
    {%- endset -%}
    {%- set are_of_one_city -%}
        (one.city = other.city or {{ text_similarity('one.city', 'other.city') }} >= 0.88)
    {%- endset -%}
    {#- Of two people who live where they were born, the town says so already. -#}
    {%- set live_at_birth_place -%}
        coalesce(one.birth_place = one.city and other.birth_place = other.city, false)
    {%- endset -%}
    {%- set has_no_number -%}
        coalesce(one.single_number_1, one.single_number_2, one.single_number_3) is null
        or coalesce(other.single_number_1, other.single_number_2, other.single_number_3) is null
    {%- endset -%}
    {#- Numbers of one type and one issuer, which are written in front of them (issuer:number). -#}
    {%- set comparable_numbers, equal_numbers, slipped_numbers = [], [], [] -%}
    {%- for place in range(1, 4) -%}
        {%- set one, other = 'one.single_number_' ~ place, 'other.single_number_' ~ place -%}
        {%- set is_comparable -%}
            coalesce(split_part({{ one }}, ':', 1) = split_part({{ other }}, ':', 1), false)
        {%- endset -%}
        {#- One number of the two may come without its issuer. -#}
        {%- set is_equal -%}
            coalesce(
                {{ one }} = {{ other }}
                or (
                    split_part({{ one }}, ':', 2) = split_part({{ other }}, ':', 2)
                    and (left({{ one }}, 1) = ':' or left({{ other }}, 1) = ':')
                ),
                false
            )
        {%- endset -%}
        {%- do comparable_numbers.append('(' ~ is_comparable ~ ' or ' ~ is_equal ~ ')') -%}
        {%- do equal_numbers.append(is_equal) -%}
        {%- do slipped_numbers.append(
            '(' ~ is_comparable ~ ' and ' ~ is_digit_slip(one, other) ~ ')'
        ) -%}
    {%- endfor -%}
    {#- Dates take long to read, so only those of one decade are, or of a year with 9 and one with 0 at the end. -#}
    {%- set may_be_near_years -%}
        left(one.birth_date, 3) = left(other.birth_date, 3)
        or (substr(one.birth_date, 4, 1) || substr(other.birth_date, 4, 1)) in ('09', '90')
    {%- endset -%}
    {%- set birth_days_apart -%}
        case
            when {{ may_be_near_years }}
                then abs({{ days_between(
                    date_of_digits('one.birth_date'), date_of_digits('other.birth_date')
                ) }})
        end
    {%- endset -%}
    {%- set comparisons = [
        {
            'name': 'first_name',
            'unknown': 'one.first_name is null or other.first_name is null'
                ~ ' or (one.first_name = other.first_name and length(one.first_name) = 1)',
            'levels': [
                {'name': 'equal', 'condition': 'one.first_name = other.first_name', 'term': 'first_name'},
                {'name': 'swapped', 'condition': is_swapped},
                {
                    'name': 'near',
                    'condition': 'not ' ~ are_two_names ~ ' and (('
                        ~ 'least(length(one.first_name), length(other.first_name)) >= 2 and '
                        ~ text_similarity('one.first_name', 'other.first_name') ~ ' >= 0.92)'
                        ~ ' or (least(length(one.first_name), length(other.first_name)) >= 4 and '
                        ~ is_within_edits('one.first_name', 'other.first_name', 1) ~ '))',
                },
                {
                    'name': 'short_form',
                    'condition': 'least(length(one.first_name), length(other.first_name)) >= 2 and ('
                        ~ 'one.first_name_spelling = other.first_name_spelling'
                        ~ ' or one.first_name = other.middle_name or one.middle_name = other.first_name'
                        ~ ' or one.first_name || one.middle_name = other.first_name'
                        ~ ' or other.first_name || other.middle_name = one.first_name'
                        ~ ' or one.first_name_root in (other.first_name_root, other.first_name_other_root)'
                        ~ ' or one.first_name_other_root'
                        ~ ' in (other.first_name_root, other.first_name_other_root)'
                        ~ ' or (least(length(one.first_name), length(other.first_name)) >= 3 and '
                        ~ begins_with('one.first_name', 'other.first_name')
                        ~ ' and not ' ~ are_two_names ~ '))',
                },
                {
                    'name': 'initial',
                    'condition': '(least(length(one.first_name), length(other.first_name)) < 3 and '
                        ~ begins_with('one.first_name', 'other.first_name') ~ ')'
                        ~ ' or (length(one.first_name) = 1 and one.first_name = left(other.last_name, 1))'
                        ~ ' or (length(other.first_name) = 1 and other.first_name = left(one.last_name, 1))',
                },
                {
                    'name': 'two_names',
                    'condition': are_two_names ~ ' and '
                        ~ text_similarity('one.first_name', 'other.first_name') ~ ' >= 0.8',
                },
                {
                    'name': 'similar',
                    'condition': text_similarity('one.first_name', 'other.first_name') ~ ' >= 0.8',
                },
                {
                    'name': 'distant',
                    'condition': 'not ' ~ are_two_names ~ ' and '
                        ~ text_similarity('one.first_name', 'other.first_name') ~ ' >= 0.7',
                },
                {'name': 'other_name', 'condition': are_two_names},
                {'name': 'different'},
            ],
        },
        {
            'name': 'last_name',
            'unknown': 'one.last_name is null or other.last_name is null or ' ~ is_swapped,
            'levels': [
                {'name': 'equal', 'condition': 'one.last_name = other.last_name', 'term': 'last_name'},
                {
                    'name': 'near',
                    'condition': text_similarity('one.last_name', 'other.last_name') ~ ' >= 0.92'
                        ~ ' or (least(length(one.last_name), length(other.last_name)) >= 4 and '
                        ~ is_within_edits('one.last_name', 'other.last_name', 1) ~ ')'
                        ~ " or one.last_name = 'al' || other.last_name"
                        ~ " or other.last_name = 'al' || one.last_name",
                },
                {
                    'name': 'similar',
                    'condition': text_similarity('one.last_name', 'other.last_name') ~ ' >= 0.8'
                        ~ ' or ' ~ begins_with('one.last_name', 'other.last_name'),
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'middle_name',
            'unknown': 'one.middle_name is null or other.middle_name is null',
            'levels': [
                {
                    'name': 'equal',
                    'condition': 'one.middle_name = other.middle_name and length(one.middle_name) > 1',
                },
                {'name': 'initial', 'condition': begins_with('one.middle_name', 'other.middle_name')},
                {
                    'name': 'near',
                    'condition': text_similarity('one.middle_name', 'other.middle_name') ~ ' >= 0.88',
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'name_suffix',
            'unknown': 'one.name_suffix is null or other.name_suffix is null',
            'levels': [
                {'name': 'equal', 'condition': 'one.name_suffix = other.name_suffix'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'han_name',
            'unknown': 'one.han_name is null or other.han_name is null',
            'levels': [
                {'name': 'equal', 'condition': 'one.han_name = other.han_name', 'term': 'han_name'},
                {
                    'name': 'swapped',
                    'condition': 'one.han_given_name || one.han_family_name = other.han_name'
                        ~ ' or other.han_given_name || other.han_family_name = one.han_name',
                },
                {
                    'name': 'one_character',
                    'condition': is_character_slip('one.han_name', 'other.han_name'),
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'han_family_name',
            'unknown': 'one.han_family_name is null or other.han_family_name is null'
                ~ ' or (one.han_name is not null and other.han_name is not null)',
            'levels': [
                {
                    'name': 'equal', 'condition': 'one.han_family_name = other.han_family_name',
                    'term': 'han_family_name',
                },
                {
                    'name': 'in_given_name',
                    'condition': 'one.han_family_name = left(other.han_given_name, 1)'
                        ~ ' or other.han_family_name = left(one.han_given_name, 1)',
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'name_script',
            'unknown': 'coalesce(one.han_name, one.first_name) is null'
                ~ ' or coalesce(other.han_name, other.first_name) is null',
            'levels': [
                {'name': 'equal', 'condition': '(one.han_name is null) = (other.han_name is null)'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'birth_date',
            'unknown': 'one.birth_date is null or other.birth_date is null',
            'levels': [
                {'name': 'equal', 'condition': 'one.birth_date = other.birth_date'},
                {
                    'name': 'slip',
                    'condition': is_digit_slip('one.birth_date', 'other.birth_date')
                        ~ ' or (left(one.birth_date, 4) = left(other.birth_date, 4)'
                        ~ ' and substr(one.birth_date, 5, 2) = substr(other.birth_date, 7, 2)'
                        ~ ' and substr(one.birth_date, 7, 2) = substr(other.birth_date, 5, 2))',
                },
                {
                    'name': 'two_parts',
                    'condition': 'left(one.birth_date, 6) = left(other.birth_date, 6)'
                        ~ ' or right(one.birth_date, 4) = right(other.birth_date, 4)'
                        ~ ' or (left(one.birth_date, 4) = left(other.birth_date, 4)'
                        ~ ' and right(one.birth_date, 2) = right(other.birth_date, 2))',
                },
                {'name': 'month_apart', 'condition': birth_days_apart ~ ' <= 31'},
                {'name': 'year_apart', 'condition': birth_days_apart ~ ' <= 366'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'birth_place',
            'unknown': 'one.birth_place is null or other.birth_place is null'
                ~ ' or ' ~ live_at_birth_place,
            'levels': [
                {
                    'name': 'equal', 'condition': 'one.birth_place = other.birth_place',
                    'term': 'birth_place',
                },
                {
                    'name': 'near',
                    'condition': text_similarity('one.birth_place', 'other.birth_place') ~ ' >= 0.88',
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'gender',
            'unknown': 'one.gender is null or other.gender is null'
                ~ ' or coalesce(one.first_name = other.first_name, one.han_name = other.han_name, false)',
            'levels': [
                {'name': 'equal', 'condition': 'one.gender = other.gender'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'email',
            'unknown': 'one.email is null or other.email is null or ' ~ is_email_of_both_names,
            'levels': [
                {'name': 'equal', 'condition': 'one.email = other.email'},
                {
                    'name': 'local_part',
                    'condition': local_part ~ ' = ' ~ other_local_part,
                },
                {'name': 'near', 'condition': are_near_emails},
                {'name': 'similar', 'condition': similarity_of_local_parts ~ ' >= 0.9'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'phone',
            'unknown': 'one.phone is null or other.phone is null',
            'levels': [
                {'name': 'equal', 'condition': 'one.phone = other.phone'},
                {
                    'name': 'slip',
                    'condition': is_digit_slip('one.phone', 'other.phone') ~ ' and not ' ~ are_neighbours,
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'masked_phone',
            'unknown': 'one.masked_phone is null or other.masked_phone is null'
                ~ ' or (one.phone is not null and other.phone is not null)',
            'levels': [
                {'name': 'equal', 'condition': 'one.masked_phone = other.masked_phone'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'street',
            'unknown': 'one.street is null or other.street is null',
            'levels': [
                {
                    'name': 'equal_with_number',
                    'condition': 'one.address = other.address',
                    'term': 'address',
                },
                {
                    'name': 'near_with_number',
                    'condition': 'one.house_number = other.house_number and '
                        ~ text_similarity('one.street', 'other.street') ~ ' >= 0.88',
                },
                {'name': 'equal', 'condition': 'one.street = other.street', 'term': 'street'},
                {
                    'name': 'near',
                    'condition': text_similarity('one.street', 'other.street') ~ ' >= 0.92',
                },
                {'name': 'number', 'condition': 'one.house_number = other.house_number'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'address_rest',
            'unknown': 'one.address_rest is null or other.address_rest is null'
                ~ ' or (one.address_rest <> other.address_rest and ' ~ has_moved ~ ')',
            'levels': [
                {
                    'name': 'equal', 'condition': 'one.address_rest = other.address_rest',
                    'term': 'address_rest',
                },
                {
                    'name': 'near',
                    'condition': text_similarity('one.address_rest', 'other.address_rest') ~ ' >= 0.88',
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'postcode',
            'unknown': 'one.postcode is null or other.postcode is null'
                ~ ' or (one.postcode <> other.postcode and ' ~ has_moved ~ ')',
            'levels': [
                {'name': 'equal', 'condition': 'one.postcode = other.postcode', 'term': 'postcode'},
                {
                    'name': 'near_in_city',
                    'condition': 'case when ' ~ are_of_one_city ~ ' then '
                        ~ is_digit_slip('one.postcode', 'other.postcode') ~ ' else false end',
                },
                {'name': 'city', 'condition': are_of_one_city},
                {'name': 'near', 'condition': is_digit_slip('one.postcode', 'other.postcode')},
                {'name': 'area', 'condition': 'one.postcode_area = other.postcode_area'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'city',
            'unknown': 'one.city is null or other.city is null'
                ~ ' or (one.postcode is not null and other.postcode is not null)'
                ~ ' or (one.city <> other.city and ' ~ has_moved ~ ')',
            'levels': [
                {'name': 'equal', 'condition': 'one.city = other.city', 'term': 'city'},
                {'name': 'near', 'condition': text_similarity('one.city', 'other.city') ~ ' >= 0.88'},
                {'name': 'region', 'condition': 'one.region = other.region'},
                {'name': 'different'},
            ],
        },
        {
            'name': 'occupation',
            'unknown': 'one.occupation is null or other.occupation is null',
            'levels': [
                {'name': 'equal', 'condition': 'one.occupation = other.occupation', 'term': 'occupation'},
                {
                    'name': 'near',
                    'condition': text_similarity('one.occupation', 'other.occupation') ~ ' >= 0.88',
                },
                {'name': 'different'},
            ],
        },
        {
            'name': 'personal_number',
            'unknown': 'case when ' ~ has_no_number ~ ' then true else not ('
                ~ (comparable_numbers | join(' or ')) ~ ') end',
            'levels': [
                {'name': 'equal', 'condition': equal_numbers | join(' or ')},
                {'name': 'slip', 'condition': slipped_numbers | join(' or ')},
                {'name': 'different'},
            ],
        },
        {
            'name': 'other_number',
            'unknown': 'one.other_number is null or other.other_number is null'
                ~ " or split_part(one.other_number, ':', 1) <> split_part(other.other_number, ':', 1)",
            'levels': [
                {'name': 'equal', 'condition': 'one.other_number = other.other_number'},
                {'name': 'slip', 'condition': is_digit_slip('one.other_number', 'other.other_number')},
                {'name': 'different'},
            ],
        },
    ] -%}
    {%- for comparison in comparisons -%}
        {%- for level in comparison.levels -%}
            {%- do level.update({'number': loop.revindex0}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(comparisons) }}
{% endmacro %}
