-- What cannot be true as it stands: values, prices, makers and tiers that break a rule of the seed
-- consistency_rules. Each error or warning is a mistake of a source, or of who is taken for whom;
-- information is nobody's. None changes a score.
-- Grain: one row per (rule_id, model_id, checked_item).

with checks as (
    select * from {{ ref('int_rule_checks') }}
    where is_violated
),

final as (
    select
        rule_id,
        model_id,
        subject as checked_item,
        kind as rule_kind,
        severity,
        left_operand,
        right_operand,
        coalesce(checks.left_text, format('{:.6g}', checks.left_value)) as left_value,
        coalesce(checks.right_text, format('{:.6g}', checks.right_value)) as right_value,
        unit,
        case
            when kind = 'releases'
                then format(
                    '{} is said to be released on {}, but the date in its id is {}. {}.',
                    subject, checks.left_text, checks.right_text, description
                )
            when checks.left_text is not null
                then format(
                    'The {} is {}, but {} ({}) says {}. {}.',
                    left_operand, checks.left_text, right_operand, subject,
                    checks.right_text, description
                )
            else format(
                '{} is {:.6g}, above {} {:.6g}{} ({}; {}). {}.',
                left_operand, checks.left_value,
                case
                    when try_cast(right_operand as double) is null
                        then right_operand
                    else 'the limit'
                end,
                checks.right_value,
                case when checks.tolerance > 0 then format(' + {:g}', checks.tolerance) else '' end,
                unit, subject, description
            )
        end as explanation,
        round(checks.left_value - checks.right_value, 6) as excess,
        checks.tolerance,
    from checks
)

select * from final
order by
    case severity when 'error' then 1 when 'warning' then 2 else 3 end,
    rule_id,
    excess desc nulls last,
    model_id,
    checked_item
