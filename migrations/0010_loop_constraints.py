"""What the new tables must hold."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0009_loop")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Activity",
            constraint=CheckConstraint(
                check="num_nonnulls(customer_id, lead_id) = 1", name="activity_is_with_somebody"
            ),
        ),
        ops.AddConstraint(
            model_name="Activity",
            constraint=CheckConstraint(
                check="(state = 'done') = (done_at IS NOT NULL)", name="activity_done_has_a_time"
            ),
        ),
        ops.AddConstraint(
            model_name="Activity",
            constraint=CheckConstraint(check="duration_minutes > 0", name="activity_duration_positive"),
        ),
        ops.AddConstraint(
            model_name="Campaign",
            constraint=CheckConstraint(
                check="ends_on >= starts_on AND budget >= 0 AND cost >= 0 AND holdout_share BETWEEN 0 AND 0.5",
                name="campaign_in_range",
            ),
        ),
        ops.AddConstraint(
            model_name="CampaignCost",
            constraint=CheckConstraint(check="amount > 0", name="campaign_cost_positive"),
        ),
        ops.AddConstraint(
            model_name="CampaignMember",
            constraint=CheckConstraint(
                check="num_nonnulls(customer_id, lead_id) = 1", name="campaign_member_is_somebody"
            ),
        ),
        ops.AddConstraint(
            model_name="CloseReason",
            constraint=UniqueConstraint(fields=("outcome", "name"), name="close_reason_once"),
        ),
        ops.AddConstraint(
            model_name="CycleGuardrail",
            constraint=UniqueConstraint(fields=("cycle_id", "kpi_id"), name="improvement_guardrail_once"),
        ),
        ops.AddConstraint(
            model_name="FeedbackThemeStake",
            constraint=UniqueConstraint(fields=("theme_id", "currency"), name="feedback_theme_stake_once"),
        ),
        ops.AddConstraint(
            model_name="ForecastSnapshot",
            constraint=UniqueConstraint(
                fields=("grain", "period_start", "taken_on"), name="forecast_snapshot_once_a_day"
            ),
        ),
        ops.AddConstraint(
            model_name="HoldoutEffect",
            constraint=CheckConstraint(check="period_end > period_start", name="holdout_effect_period_runs"),
        ),
        ops.AddConstraint(
            model_name="ImprovementCycle",
            constraint=CheckConstraint(
                check="ends_on >= starts_on AND starts_on > baseline_start", name="improvement_cycle_runs"
            ),
        ),
        ops.AddConstraint(
            model_name="InventoryLevel",
            constraint=UniqueConstraint(fields=("product_id", "location_id"), name="inventory_level_once"),
        ),
        ops.AddConstraint(
            model_name="InventoryLevel",
            constraint=CheckConstraint(
                check="reserved >= 0 AND (NOT is_internal OR on_hand >= reserved)", name="inventory_level_not_oversold"
            ),
        ),
        ops.AddConstraint(
            model_name="KpiTarget",
            constraint=CheckConstraint(check="period_end > period_start", name="kpi_target_period_runs"),
        ),
        ops.AddConstraint(
            model_name="KpiValue",
            constraint=CheckConstraint(check="period_end > period_start", name="kpi_value_period_runs"),
        ),
        ops.AddConstraint(
            model_name="KpiValue",
            constraint=CheckConstraint(check="superseded_at >= recorded_at", name="kpi_value_known_forward"),
        ),
        ops.AddConstraint(
            model_name="Lead",
            constraint=CheckConstraint(
                check="(status = 'converted') = (converted_at IS NOT NULL) AND (status = 'converted') = (customer_id IS NOT NULL)",
                name="lead_conversion_is_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(check="amount >= 0", name="opportunity_amount_not_negative"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="(status = 'open' AND closed_at IS NULL AND probability BETWEEN 0 AND 1) OR (status = 'won' AND closed_at IS NOT NULL AND probability = 1) OR (status = 'lost' AND closed_at IS NOT NULL AND probability = 0 AND close_reason_id IS NOT NULL)",
                name="opportunity_outcome_fits",
            ),
        ),
        ops.AddConstraint(
            model_name="OpportunityCompetitor",
            constraint=UniqueConstraint(fields=("opportunity_id", "competitor_id"), name="opportunity_competitor_once"),
        ),
        ops.AddConstraint(
            model_name="OpportunityLine",
            constraint=UniqueConstraint(fields=("opportunity_id", "position"), name="opportunity_line_position_once"),
        ),
        ops.AddConstraint(
            model_name="OpportunityLine",
            constraint=CheckConstraint(
                check="quantity > 0 AND unit_price >= 0 AND discount BETWEEN 0 AND 1 AND amount >= 0",
                name="opportunity_line_in_range",
            ),
        ),
        ops.AddConstraint(
            model_name="PracticeAdoption",
            constraint=UniqueConstraint(fields=("practice_id", "team"), name="practice_adoption_once"),
        ),
        ops.AddConstraint(
            model_name="PurchaseOrderLine",
            constraint=UniqueConstraint(
                fields=("purchase_order_id", "position"), name="purchase_order_line_position_once"
            ),
        ),
        ops.AddConstraint(
            model_name="PurchaseOrderLine",
            constraint=CheckConstraint(
                check="quantity > 0 AND unit_cost >= 0 AND amount >= 0 AND accepted >= 0 AND rejected >= 0 AND accepted <= quantity",
                name="purchase_order_line_in_range",
            ),
        ),
        ops.AddConstraint(
            model_name="QuoteLine",
            constraint=UniqueConstraint(fields=("quote_id", "position"), name="quote_line_position_once"),
        ),
        ops.AddConstraint(
            model_name="QuoteLine",
            constraint=CheckConstraint(
                check="quantity > 0 AND unit_price >= 0 AND discount BETWEEN 0 AND 1 AND amount >= 0",
                name="quote_line_in_range",
            ),
        ),
        ops.AddConstraint(
            model_name="Receipt",
            constraint=CheckConstraint(
                check="accepted >= 0 AND rejected >= 0 AND accepted + rejected > 0",
                name="purchase_receipt_is_something",
            ),
        ),
        ops.AddConstraint(
            model_name="ReplenishmentPolicy",
            constraint=UniqueConstraint(fields=("product_id", "location_id"), name="replenishment_policy_once"),
        ),
        ops.AddConstraint(
            model_name="ReplenishmentPolicy",
            constraint=CheckConstraint(
                check="service_level BETWEEN 0.5 AND 0.9999 AND review_days >= 0 AND order_cost >= 0 AND holding_rate >= 0 AND demand_days BETWEEN 14 AND 730",
                name="replenishment_policy_in_range",
            ),
        ),
        ops.AddConstraint(
            model_name="Reservation",
            constraint=CheckConstraint(
                check="quantity > 0 AND remaining BETWEEN 0 AND quantity AND (state = 'active') = (remaining > 0)",
                name="stock_reservation_adds_up",
            ),
        ),
        ops.AddConstraint(
            model_name="SegmentMember",
            constraint=CheckConstraint(check="left_at >= joined_at", name="segment_member_runs_forward"),
        ),
        ops.AddConstraint(
            model_name="ShipmentLine",
            constraint=UniqueConstraint(fields=("shipment_id", "order_line_id"), name="shipment_line_once"),
        ),
        ops.AddConstraint(
            model_name="ShipmentLine",
            constraint=CheckConstraint(check="quantity > 0", name="shipment_line_quantity_positive"),
        ),
        ops.AddConstraint(
            model_name="Stage",
            constraint=UniqueConstraint(fields=("pipeline_id", "position"), name="pipeline_stage_position_once"),
        ),
        ops.AddConstraint(
            model_name="Stage",
            constraint=UniqueConstraint(fields=("pipeline_id", "name"), name="pipeline_stage_name_once"),
        ),
        ops.AddConstraint(
            model_name="Stage",
            constraint=CheckConstraint(
                check="(kind = 'open' AND default_probability BETWEEN 0 AND 1) OR (kind = 'won' AND default_probability = 1) OR (kind = 'lost' AND default_probability = 0)",
                name="pipeline_stage_probability_fits",
            ),
        ),
        ops.AddConstraint(
            model_name="StageHistory",
            constraint=UniqueConstraint(
                fields=("opportunity_id", "sequence"), name="opportunity_stage_history_sequence_once"
            ),
        ),
        ops.AddConstraint(
            model_name="StageHistory",
            constraint=CheckConstraint(check="left_at >= entered_at", name="opportunity_stage_history_runs_forward"),
        ),
        ops.AddConstraint(
            model_name="StockMove",
            constraint=CheckConstraint(check="quantity > 0", name="stock_move_quantity_positive"),
        ),
        ops.AddConstraint(
            model_name="StockMove",
            constraint=CheckConstraint(check="from_location_id <> to_location_id", name="stock_move_goes_somewhere"),
        ),
        ops.AddConstraint(
            model_name="SupplierItem",
            constraint=UniqueConstraint(fields=("supplier_id", "product_id"), name="supplier_item_once"),
        ),
        ops.AddConstraint(
            model_name="SupplierItem",
            constraint=CheckConstraint(
                check="unit_cost >= 0 AND lead_time_days >= 0 AND minimum_quantity > 0 AND lot_size > 0",
                name="supplier_item_in_range",
            ),
        ),
        ops.AddConstraint(
            model_name="SurveyResponse",
            constraint=CheckConstraint(check="score BETWEEN 0 AND 10", name="survey_response_score_in_range"),
        ),
        ops.AddConstraint(
            model_name="Touchpoint",
            constraint=CheckConstraint(check="num_nonnulls(customer_id, lead_id) = 1", name="touchpoint_is_somebodys"),
        ),
    ]
