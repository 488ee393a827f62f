// relay-runtime over what relay-compiler wrote: a refetchable fragment that pages both ways, and a normalised store.
import runtime from "relay-runtime";
import CreateMutation from "./relay/__generated__/documentsCreateMutation.graphql.js";
import LastPageQuery from "./relay/__generated__/documentsLastPageQuery.graphql.js";
import NodeQuery from "./relay/__generated__/documentsNodeQuery.graphql.js";
import PageQuery from "./relay/__generated__/documentsPageQuery.graphql.js";
import UpdateMutation from "./relay/__generated__/documentsUpdateMutation.graphql.js";
import page from "./relay/__generated__/documents_page.graphql.js";
import { countingFetch, endpoint, report } from "./lib.mjs";

const {
  Environment, Network, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery,
  getPaginationMetadata, getPaginationVariables, getSelector,
} = runtime;

const where = { name: { startsWith: "Relay" } };

function client() {
  const { fetch, sent } = countingFetch();
  const ask = async ({ text: query }, variables) => {
    const headers = { "content-type": "application/json" };
    return (await fetch(endpoint(), { method: "POST", headers, body: JSON.stringify({ query, variables }) })).json();
  };
  const relay = new Environment({ network: Network.create(ask), store: new Store(new RecordSource()) });
  return { relay, sent };
}

const change = (relay, mutation, variables) =>
  new Promise((onCompleted, onError) => commitMutation(relay, { mutation, variables, onCompleted, onError }));

async function createFive({ relay }) {
  const made = [];
  for (const each of [1, 2, 3, 4, 5]) {
    const input = { kind: "COMPANY", name: `Relay ${each}`, city: "Linz" };
    made.push((await change(relay, CreateMutation, { input })).customerCreate);
  }
  return made;
}

// What a component with usePaginationFragment does: shows the fragment, and fetches its own query for the next page.
async function readAll({ relay, sent }, query, direction) {
  const first = createOperationDescriptor(query, { where });
  relay.retain(first);
  await fetchQuery(relay, query, { where }).toPromise();
  const fragment = getSelector(page, relay.lookup(first.fragment).data);
  const { paginationRequest, paginationMetadata } = getPaginationMetadata(page, "story");
  for (;;) {
    const { customers } = relay.lookup(fragment).data;
    const { hasNextPage, hasPreviousPage, endCursor, startCursor } = customers.pageInfo;
    if (!(direction === "forward" ? hasNextPage : hasPreviousPage)) {
      return { names: customers.edges.map(({ node }) => node.name), requests: sent.length };
    }
    const cursor = direction === "forward" ? endCursor : startCursor;
    const owned = fragment.variables;
    const variables = getPaginationVariables(direction, 2, cursor, owned, {}, paginationMetadata);
    relay.retain(createOperationDescriptor(paginationRequest, variables));
    await fetchQuery(relay, paginationRequest, variables).toPromise();
  }
}

async function update({ relay }, id) {
  const known = createOperationDescriptor(NodeQuery, { id });
  await fetchQuery(relay, NodeQuery, { id }).toPromise();
  const shown = () => relay.lookup(known.fragment).data.node;
  const before = shown();
  const input = (city) => ({ id, input: { city }, expectedVersion: 1 });
  const { customerUpdate: changed } = await change(relay, UpdateMutation, input("Graz"));
  const { customerUpdate: refused } = await change(relay, UpdateMutation, input("Wien"));
  return { before, changed, refused, after: shown() };
}

const created = await createFive(client());
report({
  created,
  forward: await readAll(client(), PageQuery, "forward"),
  backward: await readAll(client(), LastPageQuery, "backward"),
  update: await update(client(), created[2].customer.id),
});
