// The story that every client tells of a subscription: it hears of changes, loses the connection, and resumes.
import { authorization, endpoint, port, road, until } from "./lib.mjs";

export const CHANGED = `
  subscription Changed($id: ID!, $after: String) {
    customerChanged(id: $id, after: $after) { eventId customer { id city version } }
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

const rest = (milliseconds) => new Promise((later) => setTimeout(later, milliseconds));

// `follow` subscribes through a port, and tells each event to `heard`; it resumes behind the last one by itself.
export async function live(name, follow) {
  const { customer } = (await ask(CREATE, { input: { kind: "COMPANY", name } })).customerCreate;
  const move = (city) => ask(UPDATE, { id: customer.id, input: { city } });
  const way = await road();
  const events = [];
  const follower = { port: way.port, id: customer.id, heard: (event) => events.push(event) };
  await follow(follower);

  for (let knocks = 1; events.length === 0; knocks += 1) {
    if (knocks > 50) throw new Error("nothing is heard");
    await move(`Knock ${knocks}`);
    await rest(100);
  }
  await move("Linz");
  await until(() => events.at(-1).customer.city === "Linz", "the change is heard");
  const before = events.length;

  await way.cut();
  await move("Graz");
  await move("Wien");
  await rest(100);
  const meanwhile = events.length - before;
  await way.mend();
  await until(() => events.length >= before + 2, "what was missed is heard");
  await move("Bregenz");
  await until(() => events.at(-1).customer.city === "Bregenz", "the next change is heard");
  const ids = events.map(({ eventId }) => eventId);
  return {
    heard: before, meanwhile, resumed: events.length - before, again: ids.length - new Set(ids).size,
    city: events.at(-1).customer.city,
  };
}
