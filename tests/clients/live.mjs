// The story that every client tells of a subscription: it hears of changes, loses the connection, and resumes.
import { authorization, endpoint, port, road, until } from "./lib.mjs";

export const CHANGED = `
  subscription Changed($id: ID!, $after: String) {
    customerChanged(id: $id, after: $after) { id topic changed customer { id city version } }
  }`;

const CREATE = `mutation($input: CustomerCreateInput!) { customerCreate(input: $input) { customer { id } } }`;
const UPDATE = `mutation($id: ID!, $input: CustomerUpdateInput!) {
  customerUpdate(id: $id, input: $input) { customer { version } } }`;

export async function ask(query, variables) {
  const headers = { "content-type": "application/json", authorization };
  const answer = await fetch(endpoint(port), { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

// `follow` subscribes through a port, behind an event, and tells each later one to `heard`; it resumes by itself.
export async function live(name, follow) {
  const { customer } = (await ask(CREATE, { input: { kind: "COMPANY", name } })).customerCreate;
  const move = (city) => ask(UPDATE, { id: customer.id, input: { city } });
  const heardOf = (city) => until(() => events.at(-1)?.customer.city === city, `${city} is heard of`);
  const { lastEventId } = await ask("{ lastEventId }");
  const way = await road();
  const events = [];
  follow({ port: way.port, id: customer.id, after: lastEventId, heard: (event) => events.push(event) });

  await move("Linz");
  await heardOf("Linz");
  await way.cut();
  await move("Graz");
  await move("Wien");
  const meanwhile = events.length - 1;
  await way.mend();
  await until(() => events.length >= 3, "what was missed is heard");
  await move("Bregenz");
  await heardOf("Bregenz");
  const different = new Set(events.map(({ id }) => id)).size;
  return { heard: events.length, meanwhile, different, changed: events.map(({ changed }) => changed) };
}
