// PostGraphile as its makers advise for production, over the same tables: nothing watched, explained or shown, and
// the plugins that give what our schema has too. Whoever sends a token is signed in as its documentation has it: the
// claims are settings of the transaction that each request gets; as with ours, a token is good for some seconds.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { PgAggregatesPreset } from "@graphile/pg-aggregates";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const key = createPublicKey(readFileSync(process.env.TOKEN_KEY_FILE));
const known = new Map();

function user(header) {
  const remembered = known.get(header);
  if (remembered && Date.now() < remembered.until) return remembered.user;
  const [head, claims, signature] = header.replace("Bearer ", "").split(".");
  if (!verify(null, Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"))) {
    throw new Error("The token is not ours.");
  }
  const { sub } = JSON.parse(Buffer.from(claims, "base64url"));
  known.set(header, { user: sub, until: Date.now() + 5000 });
  return sub;
}

function context({ node }) {
  const header = node?.req.headers.authorization;
  return header ? { pgSettings: { "jwt.claims.user_id": user(header) } } : {};
}

export default {
  extends: [
    PostGraphileAmberPreset,
    PgSimplifyInflectionPreset,
    PostGraphileConnectionFilterPreset,
    PgAggregatesPreset,
  ],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      poolConfig: { min: 1, max: Number(process.env.DATABASE_POOL_SIZE) },
    }),
  ],
  grafserv: { host: "127.0.0.1", port: Number(process.env.PORT), graphiql: false, watch: false },
  grafast: { explain: false, context },
};
