// graphql-ws, the client that wrote the protocol: it reconnects by itself, and asks for what it has missed.
import { createClient } from "graphql-ws";
import { authorization, report } from "./lib.mjs";
import { CHANGED, live } from "./live.mjs";

function follow({ port, id, after, heard }) {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    connectionParams: { authorization },
    retryAttempts: 100,
    retryWait: () => new Promise((later) => setTimeout(later, 50)),
    shouldRetry: () => true,
  });
  const variables = { id, after };
  client.subscribe({ query: CHANGED, variables }, {
    next({ data, errors }) {
      if (errors) throw new Error(JSON.stringify(errors));
      variables.after = data.customerChanged.id;
      heard(data.customerChanged);
    },
    error: (fault) => report({ fault: String(fault) }),
    complete() {},
  });
}

report(await live("graphql-ws", follow));
