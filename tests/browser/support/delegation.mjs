// A delegation as docs/protocol.md says: the request and its text, made here from the document and not by the code that is tested.

import { generateKeyPairSync, randomBytes, sign as signed } from "node:crypto";
import { toBase58 } from "./base58.mjs";
import { server } from "./suite.mjs";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A delegation by a wallet to a fresh key, for a page of this `origin` and, where it is one of a `site`, for that: its text, and `handIn`, which sends it. */
export async function delegation({ wallet, origin, site }) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const delegate = toBase58(publicKey.export({ type: "spki", format: "der" }).subarray(-32));
  const issued = Date.now();
  const { faucet } = await (await fetch(`${server.origin}/api/v1/catalog`)).json();
  const request = {
    wallet,
    delegate,
    until_ms: issued + DAY_MS,
    site,
    client_id: randomBytes(16).toString("hex"),
    issued_at_ms: issued,
    origin,
    faucet,
  };
  const iso = (ms) => new Date(ms).toISOString();
  const text = [
    `${new URL(origin).host} wants you to sign in with your Solana account:`,
    wallet,
    "",
    `Let this browser's key ${delegate} start rounds and claim rewards for me in Dripline until ${iso(request.until_ms)}. ` +
      "It cannot choose where I am paid. This moves no money.",
    "",
    `URI: ${origin}`,
    "Version: 1",
    "Chain ID: solana:mainnet",
    `Nonce: ${request.client_id}`,
    `Issued At: ${iso(issued)}`,
    `Expiration Time: ${iso(issued + 5 * MINUTE_MS)}`,
    "Resources:",
    `- dripline:faucet:${faucet}`,
    `- dripline:delegate:${delegate}`,
    `- dripline:until:${iso(request.until_ms)}`,
    ...(site === undefined ? [] : [`- dripline:site:${site}`]),
  ].join("\n");
  /** Sends what a wallet has signed, countersigned by the key. Gives the status and the body of the answer. */
  const handIn = async ({ signature, signedMessage }) => {
    const body = {
      ...request,
      signed_message: Buffer.from(signedMessage).toString("base64"),
      signature: toBase58(signature),
      countersignature: toBase58(signed(null, Buffer.from(text), privateKey)),
    };
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.origin}/api/v1/delegations`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  return { text, handIn };
}
