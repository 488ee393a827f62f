// graphql-codegen's client preset: what is asked decides the type of the answer, and what may be sent.
import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { authorization, endpoint, report } from "../lib.mjs";
import type { CustomerKind, PageQuery, PageQueryVariables } from "./gql/graphql.ts";
import { graphql } from "./gql/index.ts";

const PAGE = graphql(`
  query Page($where: CustomerWhere!, $first: Int, $after: String, $last: Int, $before: String) {
    customers(where: $where, first: $first, after: $after, last: $last, before: $before) {
      nodes { id name kind createdAt }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`);

const CREATE = graphql(`
  mutation Create($input: CustomerCreateInput!) {
    customerCreate(input: $input) { customer { id name version } userErrors { field code } }
  }`);

const UPDATE = graphql(`
  mutation Update($id: ID!, $input: CustomerUpdateInput!, $expectedVersion: Int) {
    customerUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
      customer { id city version } userErrors { field code }
    }
  }`);

async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const body = JSON.stringify({ query: print(document), variables });
  const headers = { "content-type": "application/json", authorization };
  const answer = await (await fetch(endpoint(), { method: "POST", headers, body })).json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

// These two are never run: they hold as long as tsc finds what it is told to expect.
export function whatTscRefuses() {
  // @ts-expect-error: a kind that the schema does not know
  void ask(CREATE, { input: { kind: "ALIEN", name: "Codegen" } });
  // @ts-expect-error: a customer without a name
  void ask(CREATE, { input: { kind: "PERSON" } });
}
export async function whatTscKnows() {
  const { customers } = await ask(PAGE, { where: {}, first: 1 });
  const kind: CustomerKind = customers.nodes[0].kind;
  // @ts-expect-error: the city was not asked for
  void customers.nodes[0].city;
  return kind;
}

type Span = Omit<PageQueryVariables, "where">;

async function read(first: Span, next: (page: PageQuery["customers"]["pageInfo"]) => Span | false) {
  const pages: string[][] = [];
  for (let span: Span | false = first; span; ) {
    const { customers }: PageQuery = await ask(PAGE, { where, ...span });
    pages.push(customers.nodes.map(({ name }) => name));
    span = next(customers.pageInfo);
  }
  return pages;
}

const where = { name: { startsWith: "Codegen" } };
const created = [];
for (const each of [1, 2, 3, 4, 5]) {
  const { customerCreate } = await ask(CREATE, { input: { kind: "COMPANY", name: `Codegen ${each}` } });
  created.push(customerCreate.customer!);
}

const change = { id: created[2].id, input: { city: "Graz" }, expectedVersion: created[2].version };
const { customerUpdate: changed } = await ask(UPDATE, change);
const { customerUpdate: refused } = await ask(UPDATE, { ...change, input: { city: null } });
report({
  forward: await read({ first: 2 }, (page) => page.hasNextPage && { first: 2, after: page.endCursor }),
  backward: await read({ last: 2 }, (page) => page.hasPreviousPage && { last: 2, before: page.startCursor }),
  changed,
  refused,
});
