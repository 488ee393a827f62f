-- What the other steps draw and name with. A draw is the same wherever its number and its die are: hash, not chance.

CREATE FUNCTION pg_temp.u(n bigint, die bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (hashint8extended(n, die) & 4503599627370495)::float8 / 4503599627370496 $$;

CREATE FUNCTION pg_temp.below(most bigint, n bigint, die bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT floor(pg_temp.u(n, die) * most)::bigint $$;

CREATE FUNCTION pg_temp.pick(words text[], n bigint, die bigint) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT words[1 + pg_temp.below(cardinality(words), n, die)] $$;

-- A UUIDv7 of a moment; `kind` tells the tables apart, `n` the rows.
CREATE FUNCTION pg_temp.key(moment timestamptz, kind int, n bigint) RETURNS uuid IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(kind), 3, '0')
    || '8' || lpad(to_hex(n), 15, '0'))::uuid $$;

CREATE FUNCTION pg_temp.days(many float8) RETURNS interval IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT many * interval '1 day' $$;

CREATE TEMP TABLE span ON COMMIT DROP AS
SELECT at, at::date AS today, at::date - 1092 AS first_day, (at::date - 1100)::timestamptz AS born, deals FROM asked;
