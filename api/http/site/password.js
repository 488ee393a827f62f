"use strict";

const CHOOSE = `mutation ($input: PasswordChooseInput!) {
  passwordChoose(input: $input) { email userErrors { field message } }
}`;

const form = document.getElementById("choose");
const said = document.getElementById("said");
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname); // so that no history keeps the link
if (!token) {
  said.textContent = "This page is opened by a link in a mail; ask for one.";
  form.querySelector("button").disabled = true;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again } = form.elements;
  if (password.value !== again.value) {
    said.textContent = "The two are not the same.";
    return;
  }
  said.textContent = "…";
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: CHOOSE, variables: { input: { token, password: password.value } } }),
    });
    const { data, errors } = await response.json();
    const wrong = errors?.[0] ?? data.passwordChoose.userErrors[0];
    const worded = wrong?.field?.includes("token") ? "This link is good no more; ask for a new one." : wrong?.message;
    said.textContent = worded ?? `Done. Sign in as ${data.passwordChoose.email} with it.`;
    if (!wrong) {
      form.reset();
    }
  } catch {
    said.textContent = "The server does not answer; try again in a moment.";
  }
});
