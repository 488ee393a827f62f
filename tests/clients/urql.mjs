// urql with graphcache: one list for all pages of a connection, and entities that change wherever they are shown.
import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { countingFetch, endpoint, report } from "./lib.mjs";

const where = { name: { startsWith: "urql" } };

function client() {
  const { fetch, sent } = countingFetch();
  const cache = cacheExchange({ resolvers: { Query: { customers: relayPagination() } } });
  const urql = new Client({
    url: endpoint(), fetch, preferGetMethod: false, exchanges: [cache, fetchExchange],
  });
  return { urql, sent };
}

const CARD = gql`fragment Card on Customer { __typename id name city version }`;

const PAGE = gql`
  query Page($where: CustomerWhere!, $first: Int, $after: String, $last: Int, $before: String) {
    customers(where: $where, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { ...Card } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
  ${CARD}`;

const CREATE = gql`
  mutation Create($input: CustomerCreateInput!) {
    customerCreate(input: $input) { customer { ...Card } userErrors { field code message } }
  }
  ${CARD}`;

const UPDATE = gql`
  mutation Update($id: ID!, $input: CustomerUpdateInput!, $expectedVersion: Int) {
    customerUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
      customer { ...Card } userErrors { field code message }
    }
  }
  ${CARD}`;

async function done(asked) {
  const { data, error } = await asked.toPromise();
  if (error) throw error;
  return data;
}

async function createFive({ urql }) {
  const made = [];
  for (const each of [1, 2, 3, 4, 5]) {
    const input = { kind: "COMPANY", name: `urql ${each}`, city: "Linz" };
    made.push((await done(urql.mutation(CREATE, { input }))).customerCreate);
  }
  return made;
}

// Asks page by page; what graphcache answers is the whole list as far as it is known.
async function readAll({ urql, sent }, first, next) {
  let shown;
  for (let variables = first; variables; variables = next(shown.pageInfo)) {
    shown = (await done(urql.query(PAGE, { where, ...variables }))).customers;
  }
  return { names: shown.edges.map(({ node }) => node.name), requests: sent.length };
}

const forward = () =>
  readAll(client(), { first: 2 }, (page) => page.hasNextPage && { first: 2, after: page.endCursor });
const backward = () =>
  readAll(client(), { last: 2 }, (page) => page.hasPreviousPage && { last: 2, before: page.startCursor });

async function change({ urql, sent }, id) {
  const page = () => done(urql.query(PAGE, { where, first: 5 }));
  const cityShown = async () => (await page()).customers.edges.find(({ node }) => node.id === id).node.city;
  const update = (city) => done(urql.mutation(UPDATE, { id, input: { city }, expectedVersion: 1 }));
  const cities = [await cityShown()];
  const changed = await update("Graz");
  cities.push(await cityShown());
  const refused = await update("Wien");
  cities.push(await cityShown());
  return { changed: changed.customerUpdate, refused: refused.customerUpdate, cities, requests: sent.length };
}

const created = await createFive(client());
report({
  created,
  forward: await forward(),
  backward: await backward(),
  change: await change(client(), created[2].customer.id),
});
