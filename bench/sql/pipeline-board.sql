-- pipelines
SELECT json_build_object('nodes', json_agg(json_build_object('name', p.name, 'stages', json_build_object('nodes', (
  SELECT json_agg(json_build_object('name', s.name, 'defaultProbability', s.default_probability::text,
    'exitCriteria', s.exit_criteria,
    'opportunitiesAggregate', (
      SELECT json_build_object('count', coalesce(sum(n), 0), 'sum', json_build_object(
        'amount', coalesce(json_agg(json_build_object('amount', amount::text, 'currency', currency) ORDER BY currency), '[]'),
        'expectedRevenue', coalesce(json_agg(json_build_object('amount', expected::text, 'currency', currency) ORDER BY currency), '[]')))
      FROM (SELECT currency, count(*) AS n, sum(amount) AS amount, sum(amount * probability) AS expected
        FROM opportunity WHERE stage_id = s.id GROUP BY currency) x),
    'opportunities', json_build_object('nodes', coalesce((
      SELECT json_agg(json_build_object('name', x.name, 'customer', json_build_object('name', c.name),
        'amount', json_build_object('amount', x.amount::text, 'currency', x.currency), 'closeDate', x.close_date,
        'closeDatePushes', x.close_date_pushes,
        'owner', CASE WHEN u.id IS NOT NULL THEN json_build_object('name', u.name) END, 'nextStep', x.next_step)
        ORDER BY x.close_date, x.id)
      FROM (SELECT * FROM opportunity WHERE stage_id = s.id ORDER BY close_date, id LIMIT 2) x
      JOIN customer c ON c.id = x.customer_id LEFT JOIN access_user u ON u.id = x.owner_id), '[]'))
  ) ORDER BY s.position) FROM pipeline_stage s WHERE s.pipeline_id = p.id AND s.kind = 'open'))
)))::text
FROM pipeline p WHERE p.is_default
