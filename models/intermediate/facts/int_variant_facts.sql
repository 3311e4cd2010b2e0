-- How fast each variant of a model is on the day that the build speaks of: a variant that thinks
-- longer is slower, so that the speed of one says nothing of another. Of several rows of Artificial
-- Analysis for one variant the one seen last speaks, unless it is skipped as a source.
-- Grain: one row per (model_id, variant, attribute).

with skipped as (
    select source_id
    from {{ ref('int_source_quality') }}
    where is_skipped and is_current
),

deployments as (
    select
        routes.*,
        coalesce(routes.variant, 'unstated') as scoped_variant,
    from {{ ref('int_deployments') }} as routes
    anti join skipped on skipped.source_id = routes.source_id
    where routes.is_current and routes.origin = 'analytics' and routes.model_id is not null
),

measured as (
    {% for attribute in ['ttft_ms', 'tokens_per_second'] %}
    select
        model_id,
        scoped_variant as variant,
        '{{ attribute }}' as attribute,
        source_id,
        record_key,
        {{ attribute }} as value_number,
        observed_at,
    from deployments
    where {{ attribute }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

final as (
    select *
    from measured
    qualify row_number() over (
        partition by model_id, variant, attribute order by observed_at desc, record_key
    ) = 1
)

select * from final
