// Apollo Client 4 over GraphQLWsLink: its cache learns of what others change, and it asks for what it has missed.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { authorization, report } from "./lib.mjs";
import { CHANGED, live } from "./live.mjs";

const cache = new InMemoryCache();

// Whenever the connection is lost, Apollo ends the subscription; a new one begins behind the last event.
function follow({ port, id, after, heard }) {
  const url = `ws://127.0.0.1:${port}/graphql`;
  const socket = createClient({ url, connectionParams: { authorization }, retryAttempts: 0 });
  const apollo = new ApolloClient({ cache, link: new GraphQLWsLink(socket) });
  const subscribe = () => {
    const again = () => setTimeout(subscribe, 50);
    apollo.subscribe({ query: gql(CHANGED), variables: { id, after } }).subscribe({
      next({ data, error }) {
        if (error) return again();
        after = data.customerChanged.id;
        heard(data.customerChanged);
      },
      error: again,
    });
  };
  subscribe();
}

const told = await live("Listening Apollo", follow);
const known = Object.values(cache.extract()).find((each) => each.__typename === "Customer");
report({ ...told, known: known.city });
