// What wallets return when they are asked to sign a statement: made by the libraries that wallets are made with, from the
// statements in `tests/golden/statements.json`.

import { createPrivateKey, sign } from "node:crypto";
import { getOffchainMessageEncoder, offchainMessageContentUtf8Of1232BytesMax } from "@solana/kit";
import { privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { toBase58 } from "./base58.mjs";

/** The application domain of whoever names none: 32 zeros. */
const NO_DOMAIN = "1".repeat(32);
/** Where the format stands in an envelope of version 0 that names its signers: after the signing domain, the version and the
 * application domain. */
const FORMAT = 16 + 1 + 32;
/** What an ed25519 key of 32 bytes is preceded by in PKCS #8. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Text as bytes, cut or filled up to so many. */
function filled(text, length) {
  const bytes = new Uint8Array(length);
  bytes.set(new TextEncoder().encode(text).subarray(0, length));
  return bytes;
}

/** The same bytes, with another one in one place. */
function altered(bytes, at, value) {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

/** The envelope of the Solana CLI, and of the Ledger app before it knew any other: no npm package makes it. The server's tests
 * compare it with that of the CLI's own crate. */
function short(text, format) {
  const body = new TextEncoder().encode(text);
  const head = [0xff, ...new TextEncoder().encode("solana offchain"), 0, format, body.length & 0xff, body.length >> 8];
  return Uint8Array.from([...head, ...body]);
}

/** All bytes that wallets may return for a statement, by what they are. */
function returned(text, wallet) {
  const requiredSignatories = [{ address: wallet }];
  const content = offchainMessageContentUtf8Of1232BytesMax(text);
  const encoder = getOffchainMessageEncoder();
  const named = (applicationDomain) => encoder.encode({ version: 0, applicationDomain, content, requiredSignatories });
  const [domain] = text.split(" ", 1);
  return {
    text: new TextEncoder().encode(text),
    v0: short(text, 1),
    v0_with_signers: named(NO_DOMAIN),
    v0_with_signers_and_domain: named(toBase58(filled(domain, 32))),
    // Ledger counts line feeds as ASCII here; the specification does not.
    v0_with_signers_by_ledger: altered(named(NO_DOMAIN), FORMAT, 0),
    v1: encoder.encode({ version: 1, content: text, requiredSignatories }),
  };
}

/** What an ed25519 key, a seed of 32 bytes in hexadecimal, signs. */
function signature(seed, bytes) {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.from(seed, "hex")]), format: "der", type: "pkcs8" });
  return toBase58(sign(null, bytes, key));
}

/** A statement by the owner of an address on an EVM chain, and what `personal_sign` answers to it. */
async function ownership({ lines }, wallet) {
  const account = privateKeyToAccount(`0x${"0b".repeat(32)}`);
  const field = (name) => lines.find((line) => line.startsWith(name)).slice(name.length);
  const text = createSiweMessage({
    address: account.address,
    chainId: 8453,
    domain: lines[0].split(" ", 1)[0],
    expirationTime: new Date(field("Expiration Time: ")),
    issuedAt: new Date(field("Issued At: ")),
    nonce: field("Nonce: "),
    resources: [field("- dripline:faucet:"), wallet, "base"].map(
      (value, index) => `dripline:${["faucet", "wallet", "rail"][index]}:${value}`,
    ),
    statement: `Pay to this address what the wallet ${wallet} withdraws from Dripline by base. This alone moves no money.`,
    uri: field("URI: "),
    version: "1",
  });
  return { lines: text.split("\n"), signature: await account.signMessage({ message: text }) };
}

/** All that is in `tests/golden/messages.json`. */
export async function messages(statements) {
  const { lines } = statements.delegate;
  const wallet = lines[1];
  const made = returned(lines.join("\n"), wallet);
  const entries = Object.entries(made).map(([name, bytes]) => [
    name,
    { bytes: Buffer.from(bytes).toString("hex"), signature: signature(statements.secret_key, bytes) },
  ]);
  return { delegate: Object.fromEntries(entries), ownership: await ownership(statements.delegate, wallet) };
}
