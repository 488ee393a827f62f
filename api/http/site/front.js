"use strict";

const EXAMPLES = {
  "Customers and orders": `{
  customers(first: 3, where: {orders: {some: {totalAmount: {gte: "200"}}}}) {
    totalCount { value precision }
    nodes {
      name
      city
      orders(first: 2) {
        nodes {
          placedAt
          total { amount currency }
          lines { nodes { quantity product { name } } }
        }
      }
    }
  }
}`,
  "What customers talk about": `{
  feedbackThemes(first: 10, where: {retiredAt: {isNull: true}}) {
    nodes {
      label
      language
      itemCount
      meanSentiment
      quotes(first: 2) { nodes { text sentiment } }
    }
  }
}`,
  "The bitterest words": `{
  feedbackItems(first: 5, orderBy: [{field: SENTIMENT}]) {
    nodes { text sentiment language product { name } customer { name } }
  }
}`,
  "Mood by month": `{
  feedbackSeries(grain: MONTH, start: "1997-01-01", end: "1999-01-01") {
    startsOn
    itemCount
    meanSentiment
  }
}`,
  "Record feedback": `mutation {
  feedbackRecord(input: {source: REVIEW, text: "The support was friendly and quick."}) {
    feedbackItem { id receivedAt }
    userErrors { field message code }
  }
}`,
  "Aggregate now": `mutation {
  feedbackAggregate { job { id state } userErrors { message } }
}`,
  "My jobs": `{
  jobs(first: 5) { nodes { kind state progressDone progressTotal progressMessage result error } }
}`,
};
const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) { token expiresAt userErrors { message } }
}`;

const at = (id) => document.getElementById(id);
let token = null;

async function send(query, variables) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

async function ask() {
  const began = performance.now();
  try {
    at("answer").textContent = JSON.stringify(await send(at("query").value), null, 2);
    at("took").textContent = `${Math.round(performance.now() - began)} ms`;
  } catch (error) {
    at("answer").textContent = `The server did not answer: ${error.message}`;
  }
}

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = Object.fromEntries(new FormData(event.target));
  try {
    const answer = await send(LOGIN, { input });
    const login = answer.data?.login;
    token = login?.token ?? null;
    at("who").textContent = token
      ? `${input.email} is signed in until ${new Date(login.expiresAt).toLocaleTimeString()}.`
      : (login?.userErrors[0] ?? answer.errors[0]).message;
  } catch (error) {
    at("who").textContent = `The server did not answer: ${error.message}`;
  }
});
at("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
at("query").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); }
});
for (const [name, query] of Object.entries(EXAMPLES)) {
  const button = document.createElement("button");
  button.textContent = name;
  button.addEventListener("click", () => { at("query").value = query; });
  at("examples").append(button);
}
at("query").value = Object.values(EXAMPLES)[0];
