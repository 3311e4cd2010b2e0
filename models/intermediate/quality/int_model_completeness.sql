-- How much is known of each model: the share of the facts of a profile (seed profile_fields), and
-- the share of basket weight that is measured, as a mean over the categories.
-- Grain: one row per (model_id).

with models as (
    select * from {{ ref('int_models') }}
),

profile_fields as (
    select * from {{ ref('profile_fields') }}
),

facts as (
    select * from {{ ref('int_facts') }}
    where is_current
),

basket_cells as (
    select * from {{ ref('int_basket_cells') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

known as (
    select
        models.model_id,
        avg(cast(facts.model_id is not null as integer)) as fields_known_share,
    from models
    cross join profile_fields
    left join facts
        on facts.model_id = models.model_id
        and facts.attribute = profile_fields.attribute
    group by models.model_id
),

-- The weights of a basket sum to 1, so that a category's sum is a share.
measured as (
    select
        model_id,
        sum(case when measured_0_1 is not null then weight else 0 end) / count(distinct category)
            as basket_measured_share,
    from basket_cells
    group by model_id
),

final as (
    select
        known.model_id,
        known.fields_known_share,
        coalesce(measured.basket_measured_share, 0) as basket_measured_share,
        (known.fields_known_share + coalesce(measured.basket_measured_share, 0)) / 2
            as data_completeness,
    from known
    left join measured on measured.model_id = known.model_id
)

select * from final
