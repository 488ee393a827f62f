// What every story stands on: where the server is, who asks, fetch that counts, a road that can be cut, the report.
import net from "node:net";

export const port = Number(process.env.GRAPH_PORT);
export const authorization = `Bearer ${process.env.GRAPH_TOKEN}`;
export const endpoint = (through = port) => `http://127.0.0.1:${through}/graphql`;

// A fetch that notes what it was sent, and what came back.
export function countingFetch() {
  const sent = [];
  const counting = async (where, options) => {
    const answer = await fetch(where, { ...options, headers: { ...options.headers, authorization } });
    sent.push({ ...JSON.parse(options.body ?? "{}"), status: answer.status });
    return answer;
  };
  return { fetch: counting, sent };
}

// A way to the server that stands for a mobile network: it can be cut, and mended on the same port.
export async function road() {
  const open = new Set();
  const gate = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      one.on("error", () => other.destroy()).on("close", () => other.destroy()).pipe(other);
    }
    open.add(near);
    near.on("close", () => open.delete(near));
  });
  const listen = (on) => new Promise((ready) => gate.listen(on, "127.0.0.1", ready));
  await listen(0);
  const own = gate.address().port;
  return {
    port: own,
    mend: () => listen(own),
    cut: () => new Promise((closed) => {
      gate.close(closed);
      open.forEach((each) => each.destroy());
    }),
  };
}

// Waits until something is so; an error after five seconds.
export async function until(isSo, what) {
  for (let left = 250; left > 0; left -= 1) {
    if (isSo()) return;
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error(`still not so: ${what}`);
}

// The last line of a story; then it ends, whatever is still open.
export function report(told) {
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
}
