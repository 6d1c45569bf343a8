// What the page's module for keys does with a secret, without a page: Node.js has the same WebCrypto.

import { before, mock, test } from "node:test";
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { forget, remember } from "../../frontend/connect/connection.mjs";
import { signer } from "../../frontend/src/keys/browser.mjs";

/** What stands before a public half in an Ed25519 key's SubjectPublicKeyInfo (RFC 8410, section 4). */
const PUBLIC = Buffer.from("302a300506032b6570032100", "hex");
const ofBase64url = (text) => new Uint8Array(Buffer.from(text, "base64url"));

// Nothing here waits for so long that patience ends, and a timer that runs would hold the test back.
before(() => mock.timers.enable({ apis: ["setTimeout"] }));

test("a secret gives the public half and the signature of RFC 8037", async () => {
  // Appendix A: the secret and its public half, which has a `_`; and A.4, what is signed and its signature.
  const { wallet, sign } = await signer(ofBase64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
  assert.deepEqual(wallet, ofBase64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
  const text = new TextEncoder().encode("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
  const signature = await sign(text);
  const expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  assert.deepEqual(signature, ofBase64url(expected));
});

test("any secret gives a public half for which its signatures hold", async () => {
  // Fifty of them: nearly surely some public half has each letter in which base64url differs from base64.
  for (let number = 0; number < 50; number += 1) {
    const { wallet, sign } = await signer(new Uint8Array(32).fill(number));
    const key = createPublicKey({ key: Buffer.concat([PUBLIC, wallet]), format: "der", type: "spki" });
    const text = Uint8Array.of(number, 1, 2);
    assert.ok(verify(null, text, key, await sign(text)), `secret ${number}`);
  }
});

test("a secret of another length makes no signer", async () => {
  // It is not taken, so the script is wanted that lends the algorithm: Node.js has no page to load it into.
  await assert.rejects(signer(new Uint8Array(31)), ReferenceError);
});

test("the page plays for the wallet that the program for wallets remembers, on each site for its own", async (context) => {
  const kept = new Map();
  const surroundings = {
    window: {},
    localStorage: { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text), removeItem: (name) => kept.delete(name) },
    // Where the program is that tells what becomes of it.
    document: { getElementById: () => ({ content: "data:text/javascript,export const attend = () => {};" }) },
  };
  for (const [name, value] of Object.entries(surroundings)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    context.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
  const secret = new Uint8Array(32).fill(7);
  const playsFor = async () => (await signer(secret)).own;
  const by = Buffer.from((await signer(secret)).wallet).toString("base64url");
  const record = { wallet: "W", name: "Burner", by, delegate: "D", id: "1", from: 0, until: Date.now() + 60_000 };
  assert.equal(await playsFor(), undefined);
  remember(record);
  assert.equal(await playsFor(), "W");
  surroundings.window.driplineSite = "shop";
  assert.equal(await playsFor(), undefined);
  remember({ ...record, wallet: "V" });
  assert.equal(await playsFor(), "V");
  for (const other of [{ by: "another" }, { until: Date.now() }]) {
    remember({ ...record, ...other });
    assert.equal(await playsFor(), undefined);
  }
  forget();
  assert.equal(await playsFor(), undefined);
  delete surroundings.window.driplineSite;
  assert.equal(await playsFor(), "W");
});
