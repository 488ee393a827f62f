-- Whose customers they are: of whoever has their latest deal, else of a seller by chance; older orders go with them.

UPDATE customer c SET owner_id = d.owner_id
FROM (SELECT DISTINCT ON (customer_id) customer_id, owner_id FROM standing ORDER BY customer_id, opened_at DESC, n DESC) d
WHERE d.customer_id = c.id AND c.owner_id IS NULL;

UPDATE customer c SET owner_id = s.id
FROM seller s WHERE c.owner_id IS NULL AND c.external_id LIKE 'demo-%'
    AND s.place = abs(hashtext(c.external_id)) % (SELECT count(*) FROM seller);

UPDATE sales_order o SET owner_id = c.owner_id
FROM customer c WHERE c.id = o.customer_id AND o.owner_id IS NULL AND o.external_id LIKE 'demo-%';
