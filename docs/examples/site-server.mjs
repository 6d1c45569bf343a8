// The server of a site that lets nobody in who has not cleared its level, to begin with: docs/verification.md says what it has to do.
// It needs Node 18 or newer, and nothing else.
//
//   DRIPLINE_URL=https://faucet.example DRIPLINE_SECRET="$(cat site-secret)" ORIGIN=https://shop.example LEVEL=catch-1 node site-server.mjs
//
// It takes comments: `POST /comments` with `{"token": "…", "text": "…"}`. What you change is `keep`, at the end.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const PORT = Number(process.env.PORT ?? 3000);
const DRIPLINE_URL = process.env.DRIPLINE_URL ?? "http://127.0.0.1:8080";
const SECRET = process.env.DRIPLINE_SECRET;
// The origin of this site's own pages.
const ORIGIN = process.env.ORIGIN ?? "https://shop.example";
// The level that they show. Where any will do, take out what compares it.
const LEVEL = process.env.LEVEL ?? "catch-1";
const BODY_BYTES_MAX = 16 * 1024;
const TRIES = 3;
const WAIT_MS = 300;

if (!SECRET) throw new Error("DRIPLINE_SECRET is not set");

/** What was played, or `null` where the token is not good. Throws where the faucet does not answer. */
async function verify(token) {
  // The same key for each try: should the answer to the first one be lost, the second one gets it.
  const body = JSON.stringify({ secret: SECRET, token, idempotency_key: randomUUID() });
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      const answer = await fetch(`${DRIPLINE_URL}/api/v1/siteverify`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(5_000),
      });
      // Whatever else is wrong with a request stays wrong: a token that is no text, for example.
      if (answer.status === 422 || answer.status === 400 || answer.status === 413) return null;
      if (answer.status !== 200) throw new Error(`the faucet answers ${answer.status}`);
      const { success, reasons, verified } = await answer.json();
      if (!success) {
        console.error("not verified:", reasons.map(({ code }) => code).join(", "));
        return null;
      }
      return verified;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}

async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Error("too long");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

async function answer(request) {
  if (request.method !== "POST" || request.url !== "/comments") return [404, { error: "not found" }];
  let comment;
  try {
    comment = await read(request);
  } catch {
    return [400, { error: "expected a token and a text" }];
  }
  if (typeof comment?.token !== "string" || typeof comment.text !== "string") {
    return [400, { error: "expected a token and a text" }];
  }
  let verified;
  try {
    verified = await verify(comment.token);
  } catch (error) {
    // Nobody gets in because the faucet is away.
    console.error(error);
    return [503, { error: "try again" }];
  }
  if (verified === null || verified.origin !== ORIGIN || verified.level !== LEVEL) {
    return [403, { error: "clear the level first" }];
  }
  return [201, keep(comment.text, verified)];
}

const server = createServer((request, response) => {
  answer(request).then(([status, body]) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
});
server.listen(PORT, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

/** Keeps a comment of somebody who has cleared the level. */
function keep(text, { wallet, level, stars }) {
  return { text, by: wallet, level, stars };
}
