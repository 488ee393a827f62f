-- customers
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object(
  'name', c.name, 'industry', c.industry, 'city', c.city, 'country', c.country,
  'contacts', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('name', x.name, 'title', x.title, 'email', x.email))
    FROM (SELECT * FROM contact WHERE customer_id = c.id ORDER BY name, id LIMIT 2) x), '[]')),
  'opportunitiesAggregate', (
    SELECT json_build_object('count', coalesce(sum(n), 0), 'sum', json_build_object(
      'amount', coalesce(json_agg(json_build_object('amount', amount::text, 'currency', currency) ORDER BY currency), '[]'),
      'expectedRevenue', coalesce(json_agg(json_build_object('amount', expected::text, 'currency', currency) ORDER BY currency), '[]')))
    FROM (SELECT currency, count(*) AS n, sum(amount) AS amount, sum(amount * probability) AS expected
      FROM opportunity WHERE customer_id = c.id GROUP BY currency) x),
  'opportunities', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('name', x.name, 'status', upper(x.status), 'stage', json_build_object('name', s.name),
      'amount', json_build_object('amount', x.amount::text, 'currency', x.currency), 'closeDate', x.close_date,
      'owner', CASE WHEN u.id IS NOT NULL THEN json_build_object('name', u.name) END) ORDER BY x.created_at DESC, x.id DESC)
    FROM (SELECT * FROM opportunity WHERE customer_id = c.id ORDER BY created_at DESC, id DESC LIMIT 3) x
    JOIN pipeline_stage s ON s.id = x.stage_id LEFT JOIN access_user u ON u.id = x.owner_id), '[]')),
  'quotes', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('number', x.number, 'status', upper(x.status),
      'total', json_build_object('amount', x.total::text, 'currency', x.currency), 'validUntil', x.valid_until))
    FROM (SELECT * FROM quote WHERE customer_id = c.id ORDER BY created_at DESC, id DESC LIMIT 2) x), '[]')),
  'ordersAggregate', (
    SELECT json_build_object('count', coalesce(sum(n), 0), 'sum', json_build_object(
      'total', coalesce(json_agg(json_build_object('amount', total::text, 'currency', currency) ORDER BY currency), '[]')),
      'max', json_build_object('placedAt', max(placed)))
    FROM (SELECT currency, count(*) AS n, sum(total) AS total, max(ordered_at) AS placed
      FROM sales_order WHERE customer_id = c.id GROUP BY currency) x),
  'orders', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('placedAt', x.ordered_at, 'status', upper(x.status),
      'total', json_build_object('amount', x.total::text, 'currency', x.currency), 'promisedOn', x.promised_on,
      'deliveredAt', x.delivered_at))
    FROM (SELECT * FROM sales_order WHERE customer_id = c.id ORDER BY ordered_at DESC, id DESC LIMIT 3) x), '[]')),
  'activities', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('kind', upper(x.kind), 'subject', x.subject, 'state', upper(x.state), 'dueAt', x.due_at,
      'owner', CASE WHEN u.id IS NOT NULL THEN json_build_object('name', u.name) END) ORDER BY x.due_at DESC, x.id DESC)
    FROM (SELECT * FROM activity WHERE customer_id = c.id ORDER BY due_at DESC, id DESC LIMIT 3) x
    LEFT JOIN access_user u ON u.id = x.owner_id), '[]')),
  'feedback', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('receivedAt', x.received_at, 'text', x.text, 'sentimentLabel', upper(x.sentiment_label)))
    FROM (SELECT * FROM feedback_item WHERE customer_id = c.id ORDER BY received_at DESC, id DESC LIMIT 2) x), '[]')),
  'surveyResponses', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('score', x.score, 'respondedAt', x.responded_at,
      'survey', json_build_object('name', s.name)) ORDER BY x.responded_at DESC, x.id DESC)
    FROM (SELECT * FROM survey_response WHERE customer_id = c.id ORDER BY responded_at DESC, id DESC LIMIT 2) x
    JOIN survey s ON s.id = x.survey_id), '[]'))
)), '[]'))::text
FROM customer c WHERE c.external_id = 'demo-company-000007'
