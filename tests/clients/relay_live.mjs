// Relay's subscriptions over graphql-ws: the store learns of what others change.
import { createClient } from "graphql-ws";
import runtime from "relay-runtime";
import subscription from "./relay_live/__generated__/liveChangedSubscription.graphql.js";
import { authorization, report } from "./lib.mjs";
import { live } from "./live.mjs";

const { Environment, Network, Observable, RecordSource, Store, requestSubscription } = runtime;

const source = new RecordSource();

function follow({ port, id, after, heard }) {
  const socket = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    connectionParams: { authorization },
    retryAttempts: 100,
    retryWait: () => new Promise((later) => setTimeout(later, 50)),
    shouldRetry: () => true,
  });
  const variables = { id, after };
  const listen = ({ text: query }) =>
    Observable.create((sink) => socket.subscribe({ query, variables }, sink));
  const network = Network.create(() => Observable.create(() => {}), listen);
  requestSubscription(new Environment({ network, store: new Store(source) }), {
    subscription,
    variables: { id, after },
    onNext({ customerChanged }) {
      variables.after = customerChanged.id;
      heard(customerChanged);
    },
    onError: (fault) => report({ fault: String(fault) }),
  });
}

const told = await live("Listening Relay", follow);
const known = Object.values(source.toJSON()).find((each) => each.__typename === "Customer");
report({ ...told, known: known.city });
