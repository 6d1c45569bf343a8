// What wallets sign and return, held to the libraries that wallets are made with: `tests/golden/messages.json` has what they make
// of our statements, and the server's tests read it. `DRIPLINE_BLESS=1` writes it anew.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { address, getBase58Encoder, getOffchainMessageDecoder, verifyOffchainMessageEnvelope } from "@solana/kit";
import { createSignInMessageText, parseSignInMessageText } from "@solana/wallet-standard-util";
import { recoverMessageAddress } from "viem";
import { parseSiweMessage, validateSiweMessage } from "viem/siwe";
import { messages } from "./support/messages.mjs";

const file = (name) => new URL(`../golden/${name}`, import.meta.url);
const golden = (name) => JSON.parse(readFileSync(file(name), "utf8"));
const statements = golden("statements.json");
const made = await messages(statements);
if (env.DRIPLINE_BLESS === "1") {
  writeFileSync(file("messages.json"), `${JSON.stringify(made, null, 2)}\n`);
}

/** Every statement that a wallet may be asked to sign. */
const signable = Object.values(statements).filter(({ lines }) => lines);

test("the bytes that wallets return for a statement are what the server is tested with", () => {
  assert.deepEqual(golden("messages.json"), made);
});

test("a wallet that signs in with Solana makes the very text of every statement from its fields", () => {
  assert.ok(signable.length >= 14);
  for (const { lines } of signable) {
    const text = lines.join("\n");
    const [, , , sentence] = lines;
    const input = parseSignInMessageText(text);
    assert.equal(createSignInMessageText(input), text);
    assert.equal(input.statement, sentence);
    assert.equal(input.domain, new URL(input.uri).host);
    assert.deepEqual([input.version, input.chainId], ["1", "solana:mainnet"]);
    assert.deepEqual([input.notBefore, input.requestId], [undefined, undefined]);
    assert.deepEqual(
      input.resources,
      lines.slice(lines.indexOf("Resources:") + 1).map((line) => line.slice("- ".length)),
    );
    // What EIP-4361 and the wallets that follow it ask of a nonce, and of resources.
    assert.match(input.nonce, /^[0-9a-f]{32}$/);
    assert.ok(input.resources.every((resource) => URL.canParse(resource)));
  }
});

test("the envelopes are read back and verified by the library that wallets make them with", async () => {
  const { lines } = statements.delegate;
  const signer = address(lines[1]);
  for (const name of ["v0_with_signers", "v0_with_signers_and_domain", "v1"]) {
    const { bytes, signature } = made.delegate[name];
    const content = Uint8Array.from(Buffer.from(bytes, "hex"));
    const message = getOffchainMessageDecoder().decode(content);
    assert.deepEqual(message.requiredSignatories, [{ address: signer }]);
    assert.equal(message.version === 1 ? message.content : message.content.text, lines.join("\n"));
    const signatures = { [signer]: getBase58Encoder().encode(signature) };
    await verifyOffchainMessageEnvelope({ content, signatures });
  }
});

test("the text of an address's owner is that of signing in with Ethereum, and its signer is found from it", async () => {
  const { lines, signature } = made.ownership;
  const text = lines.join("\n");
  const fields = parseSiweMessage(text);
  const { address: owner, domain, nonce, issuedAt } = fields;
  assert.equal(owner, lines[1]);
  assert.ok(validateSiweMessage({ address: owner, domain, message: fields, nonce, time: issuedAt }));
  assert.equal(await recoverMessageAddress({ message: text, signature }), owner);
});
