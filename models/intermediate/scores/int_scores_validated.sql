-- Every score on the scale 0-1 with its benchmark and the quality of its evidence, or with the rule
-- that rejected it: its own fault (int_scores_judged), a day long before its model came out, or
-- that it is written on another scale than declared. No value tells its scale; what others on the
-- benchmark and in the record say does. A score is low where it lies in the lowest hundredth of its
-- scale, which is where a fraction written for a percentage ends up; a 0 is the same on every
-- scale. It is off its scale where
--   repeated      the same model's score of that source is a hundred times as much
--   record_low    all scores of its record are low, and hardly any others on the benchmarks are
--   record_above  most scores of its record lie above their scales
--   board_low     all that its source has on the benchmark is low, and hardly any others are
--   board_above   most of what its source has on the benchmark lies above the scale
--   listing_low   all that its source has is low, on several benchmarks
--   alone         it lies far below guessing, or far below the lowest of the others
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name, state_from_on).

with judged as (
    select * from {{ ref('int_scores_judged') }}
),

benchmarks as (
    select * from {{ ref('benchmark_definitions') }}
),

parameters as (
    select
        cast({{ parameter('validation', 'release_tolerance_days') }} as integer)
            as release_tolerance_days,
        {{ parameter('validation', 'off_scale_ratio') }} as ratio,
        {{ parameter('validation', 'off_scale_rounding') }} as rounding,
        {{ parameter('validation', 'off_scale_min_scores') }} as min_scores,
        {{ parameter('validation', 'off_scale_min_rows') }} as min_rows,
        {{ parameter('validation', 'off_scale_max_low_share') }} as max_low_share,
        {{ parameter('validation', 'off_scale_gap') }} as gap,
),

scores as (
    select
        judged.* replace (
            case
                when
                    judged.rejected_by is null
                    and judged.dated_on
                    < judged.model_released_on - parameters.release_tolerance_days
                    then 'evaluated_before_release'
                else judged.rejected_by
            end as rejected_by
        ),
        struct_pack(
            source_id := judged.source_id,
            entity := judged.entity,
            record_key := judged.record_key,
            source_benchmark_name := judged.source_benchmark_name,
            state_from_on := judged.state_from_on
        ) as score_key,
    from judged
    cross join parameters
),

placed as (
    select
        scores.score_key,
        scores.source_id,
        scores.entity,
        scores.record_key,
        scores.state_from_on,
        scores.source_benchmark_name,
        scores.source_model_name,
        scores.is_current,
        scores.benchmark_release,
        scores.benchmark_id,
        scores.base_benchmark_id,
        benchmarks.chance_0_1,
        scores.value / scores.scale_max as share,
        -- A fraction of a scale that ends at 20 lies in its lowest twentieth.
        case
            when scores.scale_max > 1 then greatest(1 / scores.scale_max, 1 / parameters.ratio)
            else 1 / parameters.ratio
        end as low_end,
        share > 1 as is_above,
        share <= low_end as is_low,
        is_low and share > 0 as is_low_not_0,
    from scores
    left join benchmarks on benchmarks.benchmark_id = scores.base_benchmark_id
    cross join parameters
    where
        scores.scale_min = 0
        and (
            scores.rejected_by is null
            or (scores.rejected_by = 'out_of_range' and scores.value > scores.scale_max)
        )
),

-- A board is what one source has on one benchmark: now, or in all that it had before.
boards as (
    select
        *,
        count(*) over board as board_count,
        count(*) filter (where is_low_not_0) over board as board_low_count,
        count(*) filter (where is_above) over board as board_above_count,
        bool_and(is_low) over board as is_board_low,
        board_above_count * 2 > board_count as is_board_above,
        count(*) filter (where is_low_not_0) over listing as listing_low_count,
        bool_and(is_low) over listing as is_listing_low,
    from placed
    window
        board as (
            partition by source_id, entity, source_benchmark_name, benchmark_id, is_current
        ),
        listing as (partition by source_id, entity, benchmark_release, is_current)
),

-- What is usual on a benchmark is said by boards of which not all is low, nor most above the scale.
-- A score that was seen again is one score.
usual as (
    select
        base_benchmark_id,
        count(*) as usual_count,
        avg(cast(is_low as integer)) as low_share,
        min(share) filter (where not is_low) as lowest_other,
        median(share) filter (where share > 0) as median_share,
    from (
        select distinct
            source_id,
            entity,
            record_key,
            source_benchmark_name,
            base_benchmark_id,
            share,
            is_low,
        from boards
        where not is_board_low and not is_board_above and not is_above
    ) as seen
    group by base_benchmark_id
),

-- Of two values of one model a hundred times apart the low one is wrong, where the high one is
-- nearer to what is usual.
repeats as (
    select distinct low.score_key
    from boards as low
    inner join boards as high
        on high.source_id = low.source_id
        and high.source_model_name = low.source_model_name
        and high.benchmark_id = low.benchmark_id
    inner join usual on usual.base_benchmark_id = low.base_benchmark_id
    cross join parameters
    where
        low.is_low_not_0
        and not high.is_low
        and not high.is_above
        and not high.is_board_above
        and abs(low.share * parameters.ratio / high.share - 1) <= parameters.rounding
        and low.share * high.share <= usual.median_share * usual.median_share
),

compared as (
    select
        boards.*,
        parameters.min_scores,
        parameters.min_rows,
        usual.usual_count >= parameters.min_rows
        and usual.low_share <= parameters.max_low_share as is_low_rare,
        usual.low_share <= parameters.max_low_share
        and usual.lowest_other >= parameters.gap * boards.low_end as is_gap_below_others,
        usual.usual_count,
        boards.chance_0_1 >= parameters.gap * boards.low_end as is_guessing_higher,
        count(*) over record as score_count,
        count(*) filter (where boards.is_low) over record as low_count,
        count(*) filter (where boards.is_low_not_0 and is_low_rare) over record as rare_count,
        count(*) filter (where boards.is_above) over record as above_count,
    from boards
    left join usual on usual.base_benchmark_id = boards.base_benchmark_id
    cross join parameters
    window record as (
        partition by
            boards.source_id, boards.entity, boards.record_key, boards.state_from_on
    )
),

verdicts as (
    select
        score_key,
        case
            when low_count = score_count and rare_count >= min_scores then 'record_low'
            when above_count >= 2 and above_count * 2 > score_count then 'record_above'
            when
                is_board_low
                and board_low_count >= min_scores
                and (is_low_rare or is_gap_below_others)
                then 'board_low'
            when is_board_above and board_above_count >= min_scores then 'board_above'
            when
                is_listing_low and listing_low_count >= min_rows and score_count >= min_scores
                then 'listing_low'
            when
                is_low_not_0
                and (is_guessing_higher or (usual_count >= min_rows and is_gap_below_others))
                then 'alone'
        end as off_scale_for,
        case
            when off_scale_for in ('record_low', 'record_above') then score_count
            when off_scale_for in ('board_low', 'board_above') then board_count
            when off_scale_for = 'listing_low' then listing_low_count
        end as off_scale_count,
    from compared
    where not is_above
),

off_scale as (
    select
        score_key,
        'repeated' as off_scale_for,
        cast(null as bigint) as off_scale_count,
    from repeats

    union all

    select verdicts.*
    from verdicts
    anti join repeats on repeats.score_key = verdicts.score_key
    where verdicts.off_scale_for is not null
),

final as (
    select
        scores.* replace (
            coalesce(
                scores.rejected_by, case when off_scale.score_key is not null then 'off_scale' end
            ) as rejected_by,
            case
                when scores.rejected_by is null and off_scale.score_key is null
                    then scores.value_0_1
            end as value_0_1,
            case
                when scores.rejected_by is null and off_scale.score_key is null
                    then scores.standard_error_0_1
            end as standard_error_0_1
        ),
        off_scale.off_scale_for,
        off_scale.off_scale_count,
    from scores
    left join off_scale on off_scale.score_key = scores.score_key
)

select * exclude (score_key) from final
