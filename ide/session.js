// Who is signed in. The token stays in the memory of this page; where the server signs people in by itself (in
// development, on its own machine), a token that has run out is replaced by a fresh one unasked.

const LOGIN = `mutation Login($input: LoginInput!) {
  login(input: $input) { token userErrors { message } }
}`;

export const signsIn = document.body.dataset.signsIn === "true";

export class Session {
  #token;
  #ended;

  constructor(email, token, automatic, ended) {
    this.email = email;
    this.automatic = automatic;
    this.#token = token;
    this.#ended = ended;
  }

  // A `fetch` with the token, unless the headers of the tab bring one of their own.
  fetch = async (url, options = {}) => {
    const given = new Headers(options.headers);
    if (given.has("authorization")) return fetch(url, options);
    const answer = await fetch(url, { ...options, headers: this.#signed(given) });
    if (answer.status !== 401) return answer;
    await this.#renew();
    return fetch(url, { ...options, headers: this.#signed(given) });
  };

  // What a WebSocket says first, each time that it connects.
  connectionParams = async () => {
    if (this.automatic) await this.#renew();
    return { authorization: `Bearer ${this.#token}` };
  };

  #signed(headers) {
    const signed = new Headers(headers);
    signed.set("authorization", `Bearer ${this.#token}`);
    return signed;
  }

  async #renew() {
    const fresh = this.automatic ? await handedOut() : null;
    if (!fresh) {
      this.#ended();
      throw new Error("The session has ended; sign in again.");
    }
    this.#token = fresh.token;
  }
}

// What the server hands out unasked: nothing where it does not know us, or nobody is to be signed in.
async function handedOut() {
  const answer = await fetch("/graphiql/session", { method: "POST" });
  return answer.status === 200 ? answer.json() : null;
}

export async function signInUnasked(ended) {
  const found = signsIn ? await handedOut() : null;
  return found && new Session(found.email, found.token, true, ended);
}

// Raises Error with the server's own words.
export async function signIn(email, password, ended) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: LOGIN, variables: { input: { email, password } } }),
  });
  const { data, errors } = await answer.json();
  const token = data?.login?.token;
  if (!token) throw new Error((data?.login?.userErrors[0] ?? errors[0]).message);
  return new Session(email, token, false, ended);
}
