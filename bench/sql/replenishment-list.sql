-- replenishmentProposals
SELECT json_build_object('totalCount', json_build_object('value', (
    SELECT count(*) FROM replenishment_proposal WHERE state = 'proposed')),
  'nodes', coalesce((SELECT json_agg(json_build_object('product', json_build_object('sku', p.sku, 'name', p.name),
    'location', json_build_object('code', l.code), 'supplierItem', CASE WHEN i.id IS NOT NULL THEN json_build_object(
      'supplier', json_build_object('name', s.name), 'leadTimeDays', i.lead_time_days) END,
    'quantity', x.quantity::text, 'reorderPoint', x.reorder_point, 'safetyStock', x.safety_stock,
    'onHand', x.on_hand::text, 'onOrder', x.on_order::text, 'explanation', x.explanation)
    ORDER BY x.computed_at DESC, x.id DESC)
    FROM (SELECT * FROM replenishment_proposal WHERE state = 'proposed' ORDER BY computed_at DESC, id DESC LIMIT 3) x
    JOIN product p ON p.id = x.product_id JOIN stock_location l ON l.id = x.location_id
    LEFT JOIN supplier_item i ON i.id = x.supplier_item_id LEFT JOIN supplier s ON s.id = i.supplier_id), '[]'))::text

-- purchaseOrders
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('number', x.number,
  'supplier', json_build_object('name', s.name), 'promisedOn', x.promised_on,
  'total', json_build_object('amount', x.total::text, 'currency', x.currency)) ORDER BY x.created_at DESC, x.id DESC), '[]'))::text
FROM (SELECT * FROM purchase_order WHERE status = 'sent' ORDER BY created_at DESC, id DESC LIMIT 2) x
JOIN supplier s ON s.id = x.supplier_id
