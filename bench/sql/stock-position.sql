-- products
SELECT json_build_object('nodes', json_agg(json_build_object('sku', p.sku, 'name', p.name, 'unit', p.unit,
  'listPrice', json_build_object('amount', p.list_price::text, 'currency', p.currency),
  'unitCost', json_build_object('amount', p.unit_cost::text, 'currency', p.currency),
  'inventoryLevelsAggregate', (SELECT json_build_object('sum', json_build_object('onHand', sum(on_hand)::text,
      'reserved', sum(reserved)::text, 'available', sum(on_hand - reserved)::text))
    FROM inventory_level WHERE product_id = p.id AND is_internal),
  'inventoryLevels', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('location', json_build_object('code', l.code), 'onHand', x.on_hand::text,
      'reserved', x.reserved::text, 'available', (x.on_hand - x.reserved)::text) ORDER BY x.updated_at DESC, x.id DESC)
    FROM inventory_level x JOIN stock_location l ON l.id = x.location_id
    WHERE x.product_id = p.id AND x.is_internal), '[]')),
  'supplierItems', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('supplier', json_build_object('name', s.name, 'status', upper(s.status)),
      'unitCost', json_build_object('amount', x.unit_cost::text, 'currency', x.currency), 'leadTimeDays', x.lead_time_days,
      'minimumQuantity', x.minimum_quantity::text) ORDER BY x.lead_time_days, x.id)
    FROM supplier_item x JOIN supplier s ON s.id = x.supplier_id WHERE x.product_id = p.id), '[]'))
)))::text FROM product p WHERE p.sku = 'demo-gear-0003'

-- stockMoves
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('kind', upper(m.kind), 'movedAt', m.moved_at,
  'quantity', m.quantity::text, 'fromLocation', json_build_object('code', f.code),
  'toLocation', json_build_object('code', t.code)) ORDER BY m.moved_at DESC, m.id DESC), '[]'))::text
FROM (SELECT m.* FROM stock_move m JOIN product p ON p.id = m.product_id WHERE p.sku = 'demo-gear-0003'
  ORDER BY m.moved_at DESC, m.id DESC LIMIT 4) m
JOIN stock_location f ON f.id = m.from_location_id JOIN stock_location t ON t.id = m.to_location_id
