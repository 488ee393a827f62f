-- The log of all this, in the words of the verbs that would have done it, the oldest first.

INSERT INTO event (topic, subject_id, actor_id, actor_name, occurred_at, data)
SELECT topic, subject_id, actor_id, 'demo', occurred_at, data FROM (
    SELECT 'pipeline.opportunity.created' AS topic, id AS subject_id, owner_id AS actor_id, opened_at AS occurred_at,
        jsonb_build_object('amount', amount, 'currency', 'USD') AS data
    FROM standing
    UNION ALL
    SELECT 'pipeline.opportunity.moved', t.id, t.owner_id, y.entered_at, jsonb_build_object('stage_id', s.id, 'status', s.kind)
    FROM stay y JOIN standing t USING (n) JOIN stage s ON s.position = y.position WHERE y.sequence > 1
    UNION ALL
    SELECT 'orders.order.confirmed', id, NULL, ordered_at, jsonb_build_object('promised_on', promised_on) FROM sale
    UNION ALL
    SELECT 'orders.order.shipped', order_id, NULL, shipped_at, jsonb_build_object('shipment_id', id) FROM parcel
    UNION ALL
    SELECT 'orders.order.delivered', order_id, NULL, delivered_at, jsonb_build_object('shipment_id', id)
    FROM parcel WHERE delivered_at IS NOT NULL
) told ORDER BY occurred_at, subject_id, topic;
