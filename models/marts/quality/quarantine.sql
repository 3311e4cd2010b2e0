-- Everything that was landed and does not count, with the rule that rejected it: whole records,
-- single fields of records that state facts, scores, and the scores behind cells that contradict
-- the rest of their model; beside these, whole listings and files that failed to land, are held
-- back or missing. Nothing is dropped in silence: the value, its record and its load stay here.
-- What was observed after the day that the build speaks of had not been landed on it: scores of
-- earlier days may count in hindsight, but those that do not count are nothing of that day.
-- What each rule proves is the seed validation_rules.
-- Grain: one row per (source_id, entity, record_key, subject, field).

with scores as (
    select * from {{ ref('int_scores_validated') }}
    where rejected_by is not null and is_current
),

fields as (
    select * from {{ ref('int_field_checks') }}
    -- What a record says now; what it said before is no state of the source any more.
    where rejected_by is not null and is_newest
),

listings as (
    select * from {{ ref('int_listing_faults') }}
),

doubted as (
    select * from {{ ref('observations') }}
    where excluded_for in ('source_below_threshold', 'anomalous_cell')
),

anomalies as (
    select * from {{ ref('anomalies') }}
),

rules as (
    select * from {{ ref('validation_rules') }}
),

rejected_fields as (
    select
        fields.*,
        rules.subject,
        case when fields.rejected_by != 'unreadable_record' then fields.field end
            as rejected_field,
    from fields
    inner join rules
        on rules.subject in ('record', 'field')
        and rules.rule_id = fields.rejected_by
    -- A record that could not be read as a whole stands in one row, not in one for each field.
    qualify row_number() over (
        partition by fields.source_id, fields.entity, fields.record_key, rejected_field
        order by fields.field
    ) = 1
),

rejected as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        'score' as subject,
        source_benchmark_name as field,
        source_model_name,
        benchmark_id,
        value_text,
        rejected_by,
        case rejected_by
            when 'unreadable_record' then landing_error
            when 'no_model_name' then 'the record names no model'
            when 'rejected_record' then 'its record was rejected as a whole'
            when 'unknown_benchmark'
                then 'no row of the seed benchmark_names maps this name to a benchmark'
            when 'benchmark_not_used' then unused_reason
            when 'missing_column'
                then
                    'the record has nothing under ' || source_benchmark_name
                    || ' or another name of it'
            when 'no_release'
                then 'the benchmark has releases, and the record does not say which'
            when 'not_a_number' then 'the value is no finite number'
            when 'zero_means_missing' then 'an exact 0 in this shape means "not measured"'
            when 'out_of_range'
                then 'outside the declared scale ' || scale_min || ' to ' || scale_max
            when 'off_scale'
                then
                    'on another scale than the declared ' || scale_min || ' to ' || scale_max
                    || ': ' || case off_scale_for
                        when 'repeated'
                            then 'the source has the same score of the model a hundredfold'
                        when 'record_low'
                            then
                                'all ' || off_scale_count || ' scores of the record lie in the '
                                || 'lowest part of their scales, where hardly any others do'
                        when 'record_above'
                            then
                                'most of the ' || off_scale_count || ' scores of the record lie '
                                || 'above their scales'
                        when 'board_low'
                            then
                                'all ' || off_scale_count || ' scores of the source on the '
                                || 'benchmark lie in the lowest part of it, where hardly any '
                                || 'others do'
                        when 'board_above'
                            then
                                'most of the ' || off_scale_count || ' scores of the source on '
                                || 'the benchmark lie above it'
                        when 'listing_low'
                            then
                                'all ' || off_scale_count || ' scores of the source lie in the '
                                || 'lowest part of their scales'
                        when 'alone'
                            then 'far below guessing, or below all others on the benchmark'
                    end
            when 'not_a_day' then 'dated "' || dated_text || '", which is no day'
            when 'evaluated_after_observed' then 'dated ' || dated_on || ', after it was observed'
            when 'evaluated_before_release'
                then
                    'dated ' || dated_on || ', but the model came out on ' || model_released_on
                    || ', the record says'
        end as explanation,
        cast(observed_at as date) as observed_on,
    from scores

    union all by name

    select
        doubted.source_id,
        doubted.entity,
        doubted.record_key,
        doubted.load_id,
        case doubted.excluded_for when 'anomalous_cell' then 'cell' else 'score' end as subject,
        doubted.source_benchmark_name as field,
        doubted.source_model_name,
        doubted.benchmark_id,
        cast(doubted.value as varchar) as value_text,
        doubted.excluded_for as rejected_by,
        case doubted.excluded_for
            when 'source_below_threshold'
                then 'the data quality of the source is below its threshold (source_health)'
            else
                'its cell is ' || round(anomalies.measured_0_1, 3) || ' where the other cells of '
                || doubted.model_id || ' say ' || round(anomalies.expected_0_1, 3)
                || ' (modified z ' || round(anomalies.modified_z, 1) || ')'
        end as explanation,
        doubted.observed_on,
    from doubted
    left join anomalies
        on anomalies.model_id = doubted.model_id
        and anomalies.benchmark_id = doubted.benchmark_id

    union all by name

    select
        source_id,
        entity,
        record_key,
        load_id,
        subject,
        rejected_field as field,
        value_text,
        rejected_by,
        case rejected_by
            when 'unreadable_record' then landing_error
            when 'missing_field' then 'the record says nothing where it must'
            when 'not_a_text' then 'the value is no text'
            when 'duplicate_record' then 'another record has the same id and came first'
            when 'not_a_number' then 'the value is no finite number'
            when 'not_a_day' then 'the value is no day'
            when 'in_the_future' then 'the day lies after the one on which it was observed'
            when 'unreadable_fact' then 'the value is none that the field can have'
            when 'negative' then 'the value is below 0'
            when 'not_positive' then 'the value is not above 0'
            when 'above_ceiling' then round(value, 6) || ' is above the ceiling of ' || ceiling
            when 'beside_above_ceiling' then 'another price of the record is above its ceiling'
            when 'unknown_price' then 'no row of the seed price_fields says what it is a price of'
            when 'below_floor'
                then round(value, 9) || ' is not free and below the floor of ' || floor
        end as explanation,
        cast(observed_at as date) as observed_on,
    from rejected_fields

    union all by name

    select
        source_id,
        entity,
        listing as record_key,
        load_id,
        'file' as subject,
        rule_id as rejected_by,
        reason as explanation,
        observed_on,
    from listings
),

final as (
    select
        rejected.source_id,
        rejected.entity,
        rejected.record_key,
        rejected.load_id,
        rejected.subject,
        rejected.field,
        rejected.source_model_name,
        rejected.benchmark_id,
        rejected.value_text,
        rejected.rejected_by,
        rejected.explanation,
        rules.severity,
        rules.counts_against_source,
        rejected.observed_on,
    from rejected
    inner join rules
        on rules.subject = rejected.subject
        and rules.rule_id = rejected.rejected_by
    where rejected.observed_on <= {{ as_of_on() }}
)

select * from final
order by source_id, entity, record_key, subject, field
