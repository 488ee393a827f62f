-- campaigns
SELECT json_build_object('nodes', json_agg(json_build_object('name', c.name, 'kind', upper(c.kind), 'state', upper(c.state),
  'startsOn', c.starts_on, 'endsOn', c.ends_on, 'budget', json_build_object('amount', c.budget::text, 'currency', c.currency),
  'cost', json_build_object('amount', c.cost::text, 'currency', c.currency),
  'costs', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('incurredOn', x.incurred_on, 'description', x.description,
      'amount', json_build_object('amount', x.amount::text)) ORDER BY x.incurred_on DESC, x.id DESC)
    FROM campaign_cost x WHERE x.campaign_id = c.id), '[]')),
  'membersAggregate', json_build_object('groups', coalesce((
    SELECT json_agg(json_build_object('key', json_build_object('arm', upper(arm)), 'count', n) ORDER BY arm)
    FROM (SELECT arm, count(*) AS n FROM campaign_member WHERE campaign_id = c.id GROUP BY arm) x), '[]')),
  'touchpointsAggregate', (SELECT json_build_object('count', coalesce(sum(n), 0), 'groups', coalesce(
      json_agg(json_build_object('key', json_build_object('kind', upper(kind)), 'count', n) ORDER BY kind), '[]'))
    FROM (SELECT kind, count(*) AS n FROM touchpoint WHERE campaign_id = c.id GROUP BY kind) x),
  'touchpoints', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('kind', upper(x.kind), 'occurredAt', x.occurred_at,
      'customer', CASE WHEN k.id IS NOT NULL THEN json_build_object('name', k.name) END) ORDER BY x.occurred_at DESC, x.id DESC)
    FROM (SELECT * FROM touchpoint WHERE campaign_id = c.id ORDER BY occurred_at DESC, id DESC LIMIT 2) x
    LEFT JOIN customer k ON k.id = x.customer_id), '[]')),
  'results', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('model', upper(x.model), 'dealCount', x.deals,
      'revenue', json_build_object('amount', x.revenue::text), 'margin', json_build_object('amount', x.margin::text),
      'returnOnMargin', x.return_on_margin) ORDER BY x.revenue DESC, x.id DESC)
    FROM campaign_result x WHERE x.campaign_id = c.id), '[]')),
  'holdoutEffect', (SELECT json_build_object('targetedCount', x.targeted_count, 'holdoutCount', x.holdout_count,
      'targetedMean', x.targeted_mean, 'holdoutMean', x.holdout_mean, 'difference', x.difference, 'low', x.low,
      'high', x.high, 'pValue', x.p_value) FROM holdout_effect x WHERE x.campaign_id = c.id)
)))::text
FROM (SELECT * FROM campaign WHERE state = 'completed' ORDER BY starts_on DESC, id DESC LIMIT 1) c

-- segments
SELECT json_build_object('nodes', json_agg(json_build_object('name', name, 'memberCount', member_count,
  'refreshedAt', refreshed_at) ORDER BY name, id))::text FROM segment
