// The audits of the graphql-http package: what GraphQL over HTTP asks of a server, must and should alike.
import { auditServer } from "graphql-http";
import { authorization, endpoint, report } from "./lib.mjs";

const headers = process.argv.includes("signed-in") ? { authorization } : {};
const fetchFn = (where, options) => fetch(where, { ...options, headers: { ...options?.headers, ...headers } });
const results = await auditServer({ url: endpoint(), fetchFn });
report(results.map(({ id, name, status, reason }) => ({ id, name, status, reason })));
