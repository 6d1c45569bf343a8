// A receiver of Dripline's webhooks, to begin with: docs/webhooks.md says what it has to do. It needs Node 18 or newer, and
// nothing else.
//
//   WEBHOOK_SECRET="$(cat webhook-secret)" node webhook-receiver.mjs
//
// In place of paying it writes a line to a file. What you change are the two functions at the end, `pay` and `findPayment`.
// Let it listen on loopback, beside the faucet or behind something that terminates TLS.

import { createHmac, timingSafeEqual } from "node:crypto";
import { appendFileSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";

const PORT = Number(process.env.PORT ?? 3000);
// What was answered and paid. Keep it forever, and back it up: whoever loses it may pay twice.
const JOURNAL = process.env.JOURNAL ?? "webhook-receiver.jsonl";
const BODY_BYTES_MAX = 1024 * 1024;
const TOLERANCE_SECONDS = 5 * 60;

const keys = (process.env.WEBHOOK_SECRET ?? "").split(/\s+/).filter(Boolean).map((secret) => {
  if (!/^whsec_[A-Za-z0-9+/]+=*$/.test(secret)) throw new Error("WEBHOOK_SECRET: expected whsec_ and base64");
  return Buffer.from(secret.slice("whsec_".length), "base64");
});
if (keys.length === 0) throw new Error("WEBHOOK_SECRET is not set");

// The journal: what this program knows after a restart. A line that was torn by a crash was never acted on.
const answers = new Map(); // By the message's id.
const paid = new Map(); // Transactions, by the withdrawal's id.
const begun = new Set(); // Withdrawals.
if (existsSync(JOURNAL)) {
  for (const line of readFileSync(JOURNAL, "utf8").split("\n")) {
    try {
      remember(JSON.parse(line));
    } catch {
      continue;
    }
  }
}
const journal = openSync(JOURNAL, "a");
// What follows a torn line begins in a line of its own.
writeSync(journal, "\n");

function remember({ message, answer, withdrawal, transaction }) {
  if (message) answers.set(message, answer);
  else if (transaction) paid.set(withdrawal, transaction);
  else begun.add(withdrawal);
}

/** Writes an event down, and comes back once it is on the disk. */
function note(event) {
  writeSync(journal, `${JSON.stringify(event)}\n`);
  fsyncSync(journal);
  remember(event);
}

function isSigned(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures } = headers;
  if (!id || !/^\d+$/.test(seconds ?? "") || !signatures) return false;
  if (Math.abs(Date.now() / 1000 - Number(seconds)) > TOLERANCE_SECONDS) return false;
  return keys.some((key) => {
    const expected = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest();
    return signatures.split(" ").some((signature) => {
      const [version, text] = signature.split(",");
      const given = Buffer.from(text ?? "", "base64");
      return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
    });
  });
}

const working = new Set(); // Withdrawals that are being paid at the moment.

/** What a message is answered, once it is known; `undefined` while it is not. */
async function answerTo(message, { data }) {
  if (answers.has(message)) return answers.get(message);
  // All of a message is paid or nobody. This program pays one after the other, so it takes only messages for one;
  // the faucet divides what fails in halves.
  if (data.payouts.length !== 1) return answered(message, { status: "failed", reason: "One at a time" });
  const payout = { ...data.payouts[0], asset: data.asset };
  const { withdrawal } = payout;
  // It came twice at the same time.
  if (working.has(withdrawal)) return undefined;
  working.add(withdrawal);
  try {
    if (!paid.has(withdrawal)) {
      // It may have been paid just before a crash. Otherwise the mark is made first, and then it is paid.
      const before = begun.has(withdrawal) ? await findPayment(withdrawal) : undefined;
      if (before === undefined) note({ withdrawal });
      const { transaction, reason } = before ?? (await pay(payout));
      if (transaction === undefined) return answered(message, { status: "failed", reason });
      note({ withdrawal, transaction });
    }
    return answered(message, { status: "settled", transaction: paid.get(withdrawal) });
  } finally {
    working.delete(withdrawal);
  }
}

function answered(message, answer) {
  note({ message, answer });
  return answer;
}

async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  const reply = (status, body, headers = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
  try {
    const body = await read(request);
    if (request.method !== "POST") return reply(405, { error: "only POST" });
    if (body === undefined) return reply(413, { error: "too long" });
    if (!isSigned(request.headers, body)) return reply(401, { error: "not signed, or not now" });
    const message = JSON.parse(body);
    if (message.type !== "payout.requested") return reply(202, {});
    const answer = await answerTo(request.headers["webhook-id"], message);
    return answer ? reply(200, answer) : reply(202, { status: "accepted" }, { "retry-after": "2" });
  } catch (error) {
    // Nothing is known: the message comes again.
    console.error(error);
    return reply(500, { error: "it went wrong here" });
  }
});
server.listen(PORT, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});

// What follows is in place of the system that really pays. It writes a line for each payment, and pays at most LIMIT units.

const PAYMENTS = process.env.PAYMENTS ?? "payments.jsonl";
const LIMIT = BigInt(process.env.LIMIT ?? "1000000000");

/** Pays, under the name of the withdrawal; tells the transaction, or why it can never be paid. Throws where it is not known. */
async function pay({ withdrawal, address, asset, amount, units }) {
  if (BigInt(units) > LIMIT) return { reason: "More than is paid at once" };
  const transaction = `payment-${withdrawal}`;
  appendFileSync(PAYMENTS, `${JSON.stringify({ name: withdrawal, address, asset, amount, transaction })}\n`);
  return { transaction };
}

/** Finds what was paid under a name, `undefined` where nothing was. Throws where it is not known. */
async function findPayment(name) {
  if (!existsSync(PAYMENTS)) return undefined;
  const lines = readFileSync(PAYMENTS, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line)).find((payment) => payment.name === name);
}
