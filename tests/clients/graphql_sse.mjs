// graphql-sse over plain HTTP: a request for each subscription, answered by a stream of events.
import { createClient } from "graphql-sse";
import { authorization, endpoint, report } from "./lib.mjs";
import { CHANGED, live } from "./live.mjs";

function follow({ port, id, after, heard }) {
  const client = createClient({
    url: endpoint(port),
    headers: { authorization },
    retryAttempts: 100,
    retry: () => new Promise((later) => setTimeout(later, 50)),
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

report(await live("graphql-sse", follow));
