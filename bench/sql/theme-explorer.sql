-- feedbackThemes
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('label', t.label, 'itemCount', t.item_count,
  'meanSentiment', t.sentiment_sum::float8 / nullif(t.scored_count, 0) / 1000,
  'stakes', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('currency', x.currency, 'customerCount', x.customer_count,
      'ordered', json_build_object('amount', x.ordered::text), 'pipeline', json_build_object('amount', x.pipeline::text))
      ORDER BY x.currency, x.id) FROM feedback_theme_stake x WHERE x.theme_id = t.id), '[]')),
  'quotes', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('text', x.text, 'receivedAt', x.received_at,
      'customer', CASE WHEN c.id IS NOT NULL THEN json_build_object('name', c.name) END))
    FROM (SELECT i.* FROM feedback_theme_item m JOIN feedback_item i ON i.id = m.item_id
      WHERE m.theme_id = t.id AND m.quote_rank IS NOT NULL ORDER BY i.received_at DESC, i.id DESC LIMIT 1) x
    LEFT JOIN customer c ON c.id = x.customer_id), '[]')),
  'improvementCycles', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('title', x.title, 'state', upper(x.state))) FROM (
      SELECT * FROM improvement_cycle WHERE theme_id = t.id ORDER BY proposed_at DESC, id DESC LIMIT 2) x), '[]'))
) ORDER BY t.item_count DESC, t.id DESC), '[]'))::text
FROM (SELECT * FROM feedback_theme WHERE language = 'en' AND retired_at IS NULL ORDER BY item_count DESC, id DESC LIMIT 3) t
