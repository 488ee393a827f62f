// Apollo's persisted queries: the digest goes first, and the text only where the server does not know it.
import { createHash } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { countingFetch, endpoint, report } from "./lib.mjs";

const ONE = gql`query One($where: CustomerWhere!) { customers(where: $where, first: 1) { nodes { id name } } }`;
const where = { name: { startsWith: "nobody" } };

function client(sent) {
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const link = new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: endpoint(), fetch: sent.fetch }));
  return new ApolloClient({ cache: new InMemoryCache(), link });
}

const sent = countingFetch();
const answers = [];
for (const each of [client(sent), client(sent)]) {
  answers.push((await each.query({ query: ONE, variables: { where } })).data.customers.nodes.length);
}
report({
  answers,
  sent: sent.sent.map(({ query, extensions, status }) => ({
    text: query !== undefined, digest: extensions?.persistedQuery?.sha256Hash !== undefined, status,
  })),
});
