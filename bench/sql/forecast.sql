-- forecastSnapshots
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('grain', upper(grain), 'periodStart', period_start,
  'takenOn', taken_on, 'scores', scores) ORDER BY taken_at DESC, id DESC), '[]'))::text
FROM (SELECT * FROM forecast_snapshot WHERE scored_at IS NOT NULL ORDER BY taken_at DESC, id DESC LIMIT 2) x

-- forecast
SELECT coalesce(json_agg(json_build_object('ownerName', u.name, 'isTotal', x.is_total, 'opportunityCount', x.n,
  'closed', json_build_object('amount', x.closed::text, 'currency', x.currency),
  'commitView', json_build_object('amount', (x.closed + x.commit)::text),
  'bestCaseView', json_build_object('amount', (x.closed + x.commit + x.best)::text),
  'openPipelineView', json_build_object('amount', (x.closed + x.commit + x.best + x.pipeline)::text),
  'weighted', json_build_object('amount', x.weighted::text)) ORDER BY x.currency, x.is_total, u.name NULLS LAST, x.owner_id), '[]')::text
FROM (
  SELECT owner_id, currency, grouping(owner_id) = 1 AS is_total, count(*) FILTER (WHERE status = 'open') AS n,
    coalesce(sum(amount) FILTER (WHERE status = 'won'), 0) AS closed,
    coalesce(sum(amount) FILTER (WHERE status = 'open' AND forecast_category = 'commit'), 0) AS commit,
    coalesce(sum(amount) FILTER (WHERE status = 'open' AND forecast_category = 'best_case'), 0) AS best,
    coalesce(sum(amount) FILTER (WHERE status = 'open' AND forecast_category = 'pipeline'), 0) AS pipeline,
    coalesce(sum(amount * probability) FILTER (WHERE status = 'open'), 0) AS weighted
  FROM (
    SELECT owner_id, currency, status, forecast_category, amount, probability FROM opportunity
    WHERE status = 'won' AND closed_at >= '2026-10-01T00:00Z' AND closed_at < '2027-01-01T00:00Z'
    UNION ALL
    SELECT owner_id, currency, status, forecast_category, amount, probability FROM opportunity
    WHERE status = 'open' AND forecast_category <> 'omitted' AND close_date >= '2026-10-01' AND close_date < '2027-01-01'
  ) deal
  GROUP BY GROUPING SETS ((owner_id, currency), (currency))
) x LEFT JOIN access_user u ON u.id = x.owner_id
