// urql's subscriptionExchange over graphql-ws: graphcache learns of what others change.
import { Client, gql, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { createClient } from "graphql-ws";
import { authorization, endpoint, report } from "./lib.mjs";
import { CHANGED, live } from "./live.mjs";

function follow({ port, id, after, heard }) {
  const socket = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    connectionParams: { authorization },
    retryAttempts: 100,
    retryWait: () => new Promise((later) => setTimeout(later, 50)),
    shouldRetry: () => true,
  });
  const asked = { id, after };
  const forward = ({ query }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables: asked }, sink) }),
  });
  const exchanges = [cacheExchange({}), subscriptionExchange({ forwardSubscription: forward })];
  const urql = new Client({ url: endpoint(), preferGetMethod: false, exchanges });
  urql.subscription(gql(CHANGED), asked).subscribe(({ data, error }) => {
    if (error) return report({ fault: String(error) });
    asked.after = data.customerChanged.id;
    heard(data.customerChanged);
  });
}

report(await live("Listening urql", follow));
