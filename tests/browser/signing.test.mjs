// The player's key: browsers that sign with it, browsers that have to be lent the curve for that, and signatures that do not come.

import { test } from "node:test";
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { assertAccessible } from "./support/axe.mjs";
import { fromBase58, toBase58 } from "./support/base58.mjs";
import { mouse } from "./support/hand.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";

/** What stands before a secret in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
/** RFC 8032, section 7.1: secret, public half, message and signature of tests 1 to 3. */
const KNOWN = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
];

provide();

test("a browser without the curve is lent it, and its wins are paid; with the curve, it has the same wallet and loads nothing", async () => {
  const { context, page, noticed } = await visit(browser);
  const modules = modulesOf(page);
  await page.addInitScript(withoutCurve);
  await startRound(page, server, "pipes-1");
  await playPipes(page, mouse(page));
  assert.equal(await resultOf(page, 30_000), "Cleared!");
  assert.deepEqual(modules.map((path) => /^\/[a-z0-9]+-/.exec(path)?.[0]), ["/curve-", "/noble-"]);
  const wallet = await walletOf(page);
  for (const known of KNOWN) {
    assert.deepEqual(await page.evaluate(signedWith, known), known.slice(1), "as RFC 8032 has it");
  }
  await assertBackupFits(page, wallet);

  const other = await context.newPage();
  const loaded = modulesOf(other);
  await page.close();
  assert.equal(await walletOf(other), wallet, "the same key");
  await startRound(other, server, "merge-1");
  assert.deepEqual(loaded, [], "a browser that signs by itself loads nothing more");
  for (const known of KNOWN) {
    assert.deepEqual(await other.evaluate(signedWith, known), known.slice(1), "and the same signatures");
  }
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a key that an older page kept is still the player's", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.goto(`${server.origin}/ledger`);
  const [secret, publicHalf] = KNOWN[0];
  await page.evaluate(keepAsBefore, secret);
  assert.equal(await walletOf(page), toBase58(Buffer.from(publicHalf, "hex")));
  await startRound(page, server, "merge-1");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("where the curve that is lent does not come, the page says so, and keeps the key", async () => {
  const { context, page } = await visit(browser);
  const wallet = await walletOf(page);
  await page.addInitScript(withoutCurve);
  await page.route("**/noble-*", (route) => route.abort());
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("heading", { name: "Your browser did not sign" }).waitFor();
  assert.equal(await page.getByRole("link").count(), 0, "nothing pretends to work");
  await assertAccessible(page, "the gate");
  await page.unroute("**/noble-*");
  await page.getByRole("button", { name: "Reload the page" }).click();
  await page.locator(".address-text").first().waitFor();
  assert.equal(await walletOf(page), wallet);
  await context.close();
});

test("what is not signed is told and can be tried again: a round, and its claim", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.addInitScript(signsAtWill);
  await page.goto(`${server.origin}/play/pipes-1`);
  const start = page.getByRole("button", { name: "Start", exact: true });
  await start.waitFor();
  await page.evaluate(() => (globalThis.signing = "refused"));
  await start.click();
  const told = page.getByText("Your browser did not sign");
  await told.waitFor();
  await page.evaluate(() => (globalThis.signing = "done"));
  await start.click();
  await page.getByRole("application").waitFor();
  await page.evaluate(() => (globalThis.signing = "refused"));
  await playPipes(page, mouse(page));
  await told.waitFor();
  await page.evaluate(() => (globalThis.signing = "done"));
  await page.getByRole("button", { name: "Try again" }).click();
  assert.equal(await resultOf(page, 30_000), "Cleared!");
  assertCalm(noticed, server.origin);
  await context.close();
});

for (const [how, leave] of [
  ["follows a link", async (page) => {
    await page.getByRole("link", { name: "Levels", exact: true }).click();
    await page.evaluate(() => globalThis.release());
  }],
  ["loads the page anew", async (page) => {
    await page.goto(`${server.origin}/`);
  }],
]) {
  test(`a claim that is being signed while its player ${how} is paid`, async () => {
    const { context, page, noticed } = await visit(browser);
    await page.addInitScript(signsAtWill);
    await startRound(page, server, "pipes-1");
    await page.evaluate(() => (globalThis.signing = "held"));
    await playPipes(page, mouse(page));
    await page.waitForFunction(() => globalThis.release);
    await leave(page);
    await page.locator(".toast").filter({ hasText: "arrived" }).waitFor();
    assertCalm(noticed, server.origin);
    await context.close();
  });
}

/** The modules that a page loads besides its own script, as paths. */
function modulesOf(page) {
  const modules = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith(".mjs")) {
      modules.push(pathname);
    }
  });
  return modules;
}

async function walletOf(page) {
  await page.goto(`${server.origin}/wallet`);
  return page.locator(".address-text").first().textContent();
}

/** Asserts that the backup is what other wallets import: the secret, and the public half that belongs to it. */
async function assertBackupFits(page, wallet) {
  await page.getByRole("button", { name: "Show the key" }).click();
  const bytes = fromBase58(await page.locator(".secret-text").textContent());
  assert.equal(bytes.length, 64);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" });
  const half = Buffer.from(createPublicKey(key).export({ format: "jwk" }).x, "base64url");
  assert.deepEqual([half, toBase58(half)], [bytes.subarray(32), wallet]);
}

/** Runs in the page: takes Ed25519 from its WebCrypto. */
function withoutCurve() {
  const { importKey, generateKey } = SubtleCrypto.prototype;
  const isCurve = (algorithm) => (algorithm.name ?? algorithm) === "Ed25519";
  const lacks = () => Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
  SubtleCrypto.prototype.importKey = function (format, bytes, algorithm, ...rest) {
    return isCurve(algorithm) ? lacks() : importKey.call(this, format, bytes, algorithm, ...rest);
  };
  SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
    return isCurve(algorithm) ? lacks() : generateKey.call(this, algorithm, ...rest);
  };
}

/** Runs in the page: signs, refuses to, or waits until it is released, as `signing` says. */
function signsAtWill() {
  const { sign } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.sign = async function (algorithm, key, bytes) {
    // Of the memory of the page, which may change meanwhile.
    const copy = bytes.slice();
    if (globalThis.signing === "refused") {
      throw new DOMException("not now", "OperationError");
    }
    if (globalThis.signing === "held") {
      await new Promise((resolve) => (globalThis.release = resolve));
    }
    return sign.call(this, algorithm, key, copy);
  };
}

/** Runs in the page: the public half and the signature that its WebCrypto makes of a secret and a message. */
async function signedWith([secret, , message]) {
  const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const text = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const pkcs8 = bytes(`302e020100300506032b657004220420${secret}`);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  const half = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return [text(half), message, text(await crypto.subtle.sign("Ed25519", key, bytes(message)))];
}

/** Runs in the page: keeps a secret in the form in which Dripline has always kept it. */
async function keepAsBefore(secret) {
  const bytes = Uint8Array.from(secret.match(/../g), (pair) => Number.parseInt(pair, 16));
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const vector = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: vector }, wrapping, bytes);
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open("dripline", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = reject;
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("keys", "readwrite");
      transaction.objectStore("keys").put({ wrapping, vector, sealed }, "player");
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      transaction.onabort = reject;
    };
  });
}
