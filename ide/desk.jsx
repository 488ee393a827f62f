// GraphiQL itself, put together from its parts so that the examples stand beside the editor from the beginning.
import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN, HistoryContextProvider } from "@graphiql/plugin-history";
import { useEditorContext, usePluginStore } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL, GraphiQLInterface, GraphiQLProvider } from "graphiql";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { useEffect, useState } from "react";
import { examplesPlugin } from "./examples.jsx";

const NEW_TAB = "# Ctrl-Space suggests, Ctrl-Enter runs; the book on the left explains every type and field.\n\n";

// What the page remembers in this browser; the pane of the examples begins narrower than GraphiQL would have it.
const storage = {
  getItem: (name) => localStorage.getItem(name) ?? (name === "graphiql:docExplorerFlex" ? "0.25" : null),
  setItem: (name, value) => localStorage.setItem(name, value),
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => localStorage.clear(),
  get length() { return localStorage.length; },
};

// Queries and mutations go over HTTP, subscriptions over a WebSocket that is closed when nobody listens any more.
async function prepared(session) {
  const answer = await session.fetch("/graphiql/examples");
  if (!answer.ok) throw new Error((await answer.json()).errors[0].message);
  const { examples } = await answer.json();
  const wsClient = createClient({
    url: `${location.origin.replace("http", "ws")}/graphql`,
    connectionParams: session.connectionParams,
    lazyCloseTimeout: 5_000,
  });
  const plugin = examplesPlugin(examples);
  return {
    fetcher: createGraphiQLFetcher({ url: "/graphql", fetch: session.fetch, wsClient, enableIncrementalDelivery: false }),
    plugins: [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN, plugin],
    referencePlugin: DOC_EXPLORER_PLUGIN,
    visiblePlugin: plugin,
    defaultTabs: examples.slice(0, 1),
    storage,
  };
}

// The panes are laid out once, by what is visible then; so they wait until the plugins are there. Long lines are
// wrapped, and the tab that is opened is scrolled to.
function Laid({ children }) {
  const { plugins } = usePluginStore();
  const { queryEditor, activeTabIndex } = useEditorContext({ nonNull: true });
  useEffect(() => {
    queryEditor?.setOption("lineWrapping", true);
  }, [queryEditor]);
  useEffect(() => {
    document.querySelector(".graphiql-tab-active")?.scrollIntoView();
  }, [activeTabIndex]);
  return plugins.length > 0 && children;
}

export function Desk({ session, leave }) {
  const [desk, setDesk] = useState(null);
  const [failure, setFailure] = useState(null);
  useEffect(() => {
    prepared(session).then(setDesk, (error) => setFailure(error.message));
  }, [session]);
  if (!desk) return <p className="notice" role="status">{failure}</p>;
  return (
    <GraphiQLProvider {...desk} defaultQuery={NEW_TAB} shouldPersistHeaders={false}>
      <HistoryContextProvider>
        <DocExplorerContextProvider>
          <Laid>
            <GraphiQLInterface showPersistHeadersSettings={false} defaultEditorToolsVisibility="variables">
              <GraphiQL.Logo>
                <a href="/">Salesloop</a>
                <span className="who">{session.email}</span>
                <button type="button" onClick={leave}>Sign out</button>
              </GraphiQL.Logo>
            </GraphiQLInterface>
          </Laid>
        </DocExplorerContextProvider>
      </HistoryContextProvider>
    </GraphiQLProvider>
  );
}
