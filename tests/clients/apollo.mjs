// Apollo Client 4: a normalised cache that merges pages, and learns of changes from what mutations answer.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { countingFetch, endpoint, report, until } from "./lib.mjs";

const where = { name: { startsWith: "Apollo" } };

function client() {
  const { fetch, sent } = countingFetch();
  const cache = new InMemoryCache({
    possibleTypes: { Node: ["Customer"] },
    typePolicies: { Query: { fields: { customers: relayStylePagination(["where"]) } } },
  });
  return { apollo: new ApolloClient({ cache, link: new HttpLink({ uri: endpoint(), fetch }) }), sent };
}

const PAGE = gql`
  query Page($where: CustomerWhere!, $first: Int, $after: String, $last: Int, $before: String) {
    customers(where: $where, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { ...Card } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
  fragment Card on Customer { id name city version }`;

const CARD = gql`fragment Card on Customer { id name city version }`;

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

const names = (data) => data.customers.edges.map(({ node }) => node.name);

async function createFive({ apollo }) {
  const made = [];
  for (const each of [1, 2, 3, 4, 5]) {
    const input = { kind: "COMPANY", name: `Apollo ${each}`, city: "Linz" };
    const { data } = await apollo.mutate({ mutation: CREATE, variables: { input } });
    made.push(data.customerCreate);
  }
  return made;
}

async function readAll({ apollo, sent }, first, next) {
  const query = apollo.watchQuery({ query: PAGE, variables: { where, ...first } });
  const shown = [];
  const screen = query.subscribe(({ data }) => data && shown.push(names(data)));
  await until(() => shown.length, "the first page");
  let page = query.getCurrentResult().data;
  for (let more; (more = next(page.customers.pageInfo)); ) {
    page = (await query.fetchMore({ variables: more })).data;
  }
  await until(() => shown.at(-1).length === 5, "the last page");
  screen.unsubscribe();
  return { names: shown.at(-1), requests: sent.length };
}

const forward = () =>
  readAll(client(), { first: 2 }, (page) => page.hasNextPage && { first: 2, after: page.endCursor });
const backward = () =>
  readAll(client(), { last: 2 }, (page) =>
    page.hasPreviousPage && { first: undefined, last: 2, before: page.startCursor });

async function change({ apollo, sent }, id) {
  await apollo.query({ query: PAGE, variables: { where, first: 5 } });
  const update = (city) =>
    apollo.mutate({ mutation: UPDATE, variables: { id, input: { city }, expectedVersion: 1 } });
  const { data: changed } = await update("Graz");
  const before = sent.length;
  const { data: page } = await apollo.query({ query: PAGE, variables: { where, first: 5 } });
  const { data: refused } = await update("Wien");
  return {
    changed: changed.customerUpdate,
    inThePage: page.customers.edges.find(({ node }) => node.id === id).node,
    requestsForThePage: sent.length - 1 - before,
    refused: refused.customerUpdate,
    afterwards: apollo.cache.readFragment({ id: `Customer:${id}`, fragment: CARD }),
  };
}

const teller = client();
const created = await createFive(teller);
report({
  created,
  forward: await forward(),
  backward: await backward(),
  change: await change(client(), created[2].customer.id),
});
