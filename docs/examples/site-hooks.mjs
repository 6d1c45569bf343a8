// A receiver of what a site's server is told, to begin with: docs/webhooks.md says what it has to do.
// It needs Node 18 or newer, and nothing else.
//
//   WEBHOOK_SECRET="$(cat webhook-secret)" node site-hooks.mjs
//
// What you change is `act`, at the end.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const PORT = Number(process.env.PORT ?? 3000);
const SECRET = process.env.WEBHOOK_SECRET ?? "";
const BODY_BYTES_MAX = 64 * 1024;
const OLD_SECONDS = 300;

if (!SECRET.startsWith("whsec_")) throw new Error("WEBHOOK_SECRET is not set");
const KEY = Buffer.from(SECRET.slice("whsec_".length), "base64");

/** Whether a message is from the faucet, and was sent just now. */
function isSigned({ id, seconds, signatures }, body) {
  if (!id || !/^\d+$/.test(seconds) || Math.abs(Date.now() / 1_000 - Number(seconds)) > OLD_SECONDS) return false;
  const expected = createHmac("sha256", KEY).update(`${id}.${seconds}.`).update(body).digest();
  // There are two while the secret is changed.
  return signatures.split(" ").some((signature) => {
    const [version, code] = signature.split(",");
    const given = Buffer.from(code ?? "", "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Error("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// What was done. Yours are on disk, beside what was done, and are kept for some days.
const done = new Set();

async function answer(request) {
  if (request.method !== "POST" || request.url !== "/hooks") return 404;
  const header = (name) => request.headers[name] ?? "";
  const id = header("webhook-id");
  const head = { id, seconds: header("webhook-timestamp"), signatures: header("webhook-signature") };
  const body = await read(request);
  if (!isSigned(head, body)) return 401;
  if (!done.has(id)) {
    act(JSON.parse(body.toString("utf8")));
    done.add(id);
  }
  return 204;
}

const server = createServer((request, response) => {
  answer(request).then(
    (status) => response.writeHead(status).end(),
    (error) => {
      // It comes again.
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
server.listen(PORT, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}/hooks`));

/** Does what is to be done of a message. */
function act({ type, data }) {
  if (type === "cleared") console.log(`cleared ${data.level} ${data.wallet}`);
  else if (type === "drip") console.log(`drip ${data.amount} ${data.wallet}`);
  else if (type === "budget.low") console.log(`low ${data.campaign} ${data.percent}`);
}
