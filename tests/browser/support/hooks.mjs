// The server of a site, which is told by a webhook what happens there, and notes all of it.

import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

/** Starts one. It takes every message until it is told to answer otherwise. */
export async function startHooks() {
  const arrivals = [];
  const waiting = [];
  let answer = { status: 204 };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const header = (name) => request.headers[`webhook-${name}`];
    arrivals.push({
      path: request.url,
      id: header("id"),
      seconds: header("timestamp"),
      signatures: header("signature").split(" "),
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status, answer.headers).end();
    waiting.splice(0).forEach((wake) => wake());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    /** Where it is told something. */
    url: (path) => `http://127.0.0.1:${server.address().port}${path}`,
    /** What it answers from now on. */
    answers(status, headers = {}) {
      answer = { status, headers };
    },
    /** All messages that came, the oldest first; waits until there are as many as that. */
    async arrivals(count) {
      while (arrivals.length < count) {
        await new Promise((resolve) => waiting.push(resolve));
      }
      return arrivals;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Whether one of the signatures of a message is by this secret, as Standard Webhooks has it. */
export function isSigned({ id, seconds, signatures, body }, secret) {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest();
  return signatures.some((signature) => {
    const given = Buffer.from(signature.slice("v1,".length), "base64");
    return signature.startsWith("v1,") && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
