// The page at /graphiql: nothing of the schema is asked for, or shown, before somebody is signed in.
import { setNonce } from "get-nonce";
import { useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Desk } from "./desk.jsx";
import "./main.css";
import { signIn, signInUnasked } from "./session.js";

setNonce(document.currentScript.nonce);

function Login({ onSession, ended, told }) {
  const [said, say] = useState(told);
  const submit = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target));
    try {
      onSession(await signIn(email, password, ended));
    } catch (error) {
      say(error.message);
    }
  };
  return (
    <form className="login" onSubmit={submit}>
      <h1>Salesloop</h1>
      <label>E-mail <input name="email" type="email" autoComplete="username" required autoFocus /></label>
      <label>Password <input name="password" type="password" autoComplete="current-password" required /></label>
      <button>Sign in</button>
      <output aria-live="polite">{said}</output>
    </form>
  );
}

function Page() {
  const [session, setSession] = useState(undefined);
  const [told, tell] = useState("");
  const ended = useCallback(() => {
    tell("The session has ended; sign in again.");
    setSession(null);
  }, []);
  const leave = () => {
    tell("");
    setSession(null);
  };
  useEffect(() => {
    signInUnasked(ended).then(setSession, () => setSession(null));
  }, [ended]);
  if (session === undefined) return null;
  if (session === null) return <Login onSession={setSession} ended={ended} told={told} />;
  return <Desk session={session} leave={leave} />;
}

createRoot(document.getElementById("graphiql")).render(<Page />);
