// The examples beside the editor: a click opens one in a tab, or goes to the tab that has it already.
import { useEditorContext } from "@graphiql/react";

const Icon = () => (
  <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M7.5 15h9" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);

export function examplesPlugin(examples) {
  const Content = () => {
    const editor = useEditorContext({ nonNull: true });
    const open = ({ query, variables }) => {
      const found = editor.tabs.findIndex((tab) => tab.query === query);
      if (found >= 0) return editor.changeTab(found);
      editor.addTab();
      setTimeout(() => {
        editor.queryEditor.setValue(query);
        editor.variableEditor.setValue(variables ?? "");
      });
    };
    return (
      <section className="examples" aria-label="Examples">
        <h2>Examples</h2>
        <ol>
          {examples.map((example) => (
            <li key={example.title}>
              <button type="button" onClick={() => open(example)}>{example.title}</button>
            </li>
          ))}
        </ol>
      </section>
    );
  };
  return { title: "Examples", icon: Icon, content: Content };
}
