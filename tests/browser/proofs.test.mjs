// What the page of the ledger checks, without the page: against the files that the rules are held to as well.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fingerprint, isSigned } from "../../frontend/ledger/bytes.mjs";
import { LOG_STEPS, RECEIPT_STEPS, checkLog, checkReceipt } from "../../frontend/ledger/check.mjs";
import { money, onChain, reckoned } from "../../frontend/ledger/money.mjs";
import {
  areChained,
  differingLine,
  headText,
  isHeadSigned,
  isReceiptSigned,
  receiptText,
  wrongField,
} from "../../frontend/ledger/signed.mjs";
import { fromBase58, fromHex, toHex } from "../../frontend/modules/encoding.mjs";
import { emptyRoot, isConsistent, isIncluded, leafHash, leafHashOf } from "../../frontend/ledger/tree.mjs";
import { PASSED, STATES, STEPS, WHY } from "../../frontend/ledger/words.mjs";

const golden = (name) => JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), "utf8"));
const { trees, log } = golden("log.json");
const proven = golden("proven.json");
const copy = (value) => structuredClone(value);
/** When the receipt's drip is in the log for long. */
const LATER = proven.newer_head.head.at_ms + 60_000;
/** Another hash than that one. */
const other = (hash) => (hash[0] === "0" ? "1" : "0") + hash.slice(1);

test("leaves and trees have the hashes that the rules give them", async () => {
  for (const [index, bytes] of trees.leaves.entries()) {
    assert.equal(await leafHash(fromHex(bytes)), trees.leaf_hashes[index]);
  }
  assert.equal(await emptyRoot(), trees.roots[0]);
  for (const { text, leaf_hash: hash } of log.entries) {
    assert.equal(await leafHashOf(text), hash);
  }
});

test("every proof of inclusion holds for its leaf, and for nothing else", async () => {
  assert.ok(trees.inclusion.length >= 36);
  for (const { leaf_index: index, tree_size: size, hashes } of trees.inclusion) {
    const [leaf, root] = [trees.leaf_hashes[index], trees.roots[size]];
    assert.ok(await isIncluded(leaf, index, size, root, hashes), `${index} of ${size}`);
    const wrong = [
      isIncluded(other(leaf), index, size, root, hashes),
      isIncluded(leaf, index, size, other(root), hashes),
      isIncluded(leaf, size, size, root, hashes),
      isIncluded(leaf, index, size, root, [...hashes, leaf]),
      ...hashes.map((_, at) => isIncluded(leaf, index, size, root, hashes.with(at, other(hashes[at])))),
      ...(hashes.length > 0 ? [isIncluded(leaf, index, size, root, hashes.slice(1))] : []),
      ...(index > 0 ? [isIncluded(leaf, index - 1, size, root, hashes)] : []),
    ];
    assert.ok((await Promise.all(wrong)).every((holds) => !holds), `${index} of ${size}`);
  }
});

test("every proof of consistency holds for its trees, and for no others", async () => {
  assert.ok(trees.consistency.length >= 36);
  for (const { first, second, hashes } of trees.consistency) {
    const [older, newer] = [first, second].map((size) => ({ size, root: trees.roots[size] }));
    assert.ok(await isConsistent(older, newer, hashes), `${first} to ${second}`);
    const altered = (head) => ({ ...head, root: other(head.root) });
    const wrong = [
      isConsistent(altered(older), newer, hashes),
      isConsistent(older, altered(newer), hashes),
      isConsistent(older, newer, [...hashes, newer.root]),
      ...hashes.map((_, at) => isConsistent(older, newer, hashes.with(at, other(hashes[at])))),
      ...(hashes.length > 0 ? [isConsistent(older, newer, hashes.slice(1)), isConsistent(older, newer, [])] : []),
      ...(first < second ? [isConsistent(newer, older, hashes)] : []),
    ];
    assert.ok((await Promise.all(wrong)).every((holds) => !holds), `${first} to ${second}`);
  }
});

test("the empty tree is the beginning of every other, and no other tree of no leaves is", async () => {
  const empty = { size: 0, root: trees.roots[0] };
  const three = { size: 3, root: trees.roots[3] };
  assert.ok(await isConsistent(empty, three, []));
  assert.ok(await isConsistent(empty, empty, []));
  assert.ok(!(await isConsistent({ ...empty, root: three.root }, three, [])));
  assert.ok(!(await isConsistent(empty, three, [three.root])));
});

test("trees larger than 32 bits can count are walked to their end", async () => {
  // The last leaf of a tree of 2^40 + 1: its one sibling is the root of the 2^40 others.
  const [leaf, sibling] = [trees.leaf_hashes[1], trees.roots[8]];
  const { nodeHash } = await import("../../frontend/ledger/tree.mjs");
  const root = await nodeHash(sibling, leaf);
  assert.ok(await isIncluded(leaf, 2 ** 40, 2 ** 40 + 1, root, [sibling]));
  assert.ok(!(await isIncluded(leaf, 2 ** 40 - 1, 2 ** 40 + 1, root, [sibling])));
  assert.ok(!(await isIncluded(leaf, 2 ** 40, 2 ** 40 + 2, root, [sibling])));
});

test("what is signed has the texts that the rules give it", () => {
  const { receipt, lines } = golden("receipt.json");
  assert.equal(receiptText(receipt), lines.join("\n"));
  assert.equal(wrongField(receipt), undefined);
  const withoutLog = { ...receipt, log: undefined };
  assert.equal(wrongField(withoutLog), undefined);
  assert.ok(!receiptText(withoutLog).includes("Leaf"));
  for (const { signed, lines } of [log.older_head, log.newer_head]) {
    assert.equal(headText(signed), lines.join("\n"));
  }
});

test("base58 is read exactly, and only of the length that is expected", () => {
  for (const { public_key: key } of proven.keys.keys) {
    assert.equal(fromBase58(key, 32).length, 32);
    assert.equal(fromBase58(key, 31), undefined);
  }
  assert.equal(toHex(fromBase58("1".repeat(32), 32)), "00".repeat(32));
  // An example of the draft that describes base58.
  assert.equal(new TextDecoder().decode(fromBase58("2NEpo7TZRRrLZSi2U", 12)), "Hello World!");
  for (const text of ["", "0", "O", "l", "+", "1".repeat(33)]) {
    assert.equal(fromBase58(text, 32), undefined);
  }
});

test("signatures hold for their text and their key alone", async () => {
  const statements = golden("statements.json");
  const wallet = golden("receipt.json").receipt.wallet;
  const { lines, signature } = statements.open;
  const text = lines.join("\n");
  assert.ok(await isSigned(text, wallet, signature));
  assert.ok(!(await isSigned(`${text} `, wallet, signature)));
  assert.ok(!(await isSigned(text, proven.keys.keys[0].public_key, signature)));
  for (const nonsense of ["", "1", "nonsense", `${signature}1`]) {
    assert.ok(!(await isSigned(text, wallet, nonsense)));
    assert.ok(!(await isSigned(text, nonsense, signature)));
  }
});

test("keys are the faucet's where each is vouched for by the one before it", async () => {
  const { keys } = proven;
  assert.ok(await areChained(keys));
  assert.equal(await fingerprint(fromBase58(keys.keys[0].public_key, 32)), keys.faucet);
  const changed = [
    (keys) => (keys.faucet = other(keys.faucet)),
    (keys) => keys.keys.shift(),
    (keys) => keys.keys.splice(0),
    (keys) => (keys.keys[1].from_ms += 1),
    (keys) => delete keys.keys[1].signature,
    (keys) => (keys.keys[2].id = "receipt-3"),
    (keys) => (keys.keys[3].signature = keys.keys[1].signature),
    (keys) => (keys.keys[3].public_key = keys.keys[0].public_key),
    (keys) => ([keys.keys[1], keys.keys[3]] = [keys.keys[3], keys.keys[1]]),
    (keys) => (keys.keys[1].id = "log-1\nPurpose: log"),
  ];
  for (const change of changed) {
    const forged = copy(keys);
    change(forged);
    assert.equal(await areChained(forged), false, `${change}`);
  }
  for (const nonsense of [undefined, null, 7, {}, { faucet: keys.faucet }, { faucet: keys.faucet, keys: [null] }]) {
    assert.equal(await areChained(nonsense), false);
  }
});

test("a key signs what its purpose is, and nothing else", async () => {
  const { keys, receipt, newer_head: head } = proven;
  assert.ok(await isReceiptSigned(receipt, keys));
  assert.ok(await isHeadSigned(head, keys));
  const swapped = copy(keys);
  for (const key of swapped.keys) {
    key.purpose = key.purpose === "log" ? "receipt" : "log";
  }
  assert.ok(!(await isReceiptSigned(receipt, swapped)));
  assert.ok(!(await isHeadSigned(head, swapped)));
});

/** A server that knows what the golden file has; `changes` are answers in place of its own, by the start of the path. */
function serverOf(changes = {}) {
  const answers = {
    "/.well-known/dripline-keys.json": { body: proven.keys },
    "/api/v1/log/head": { body: proven.newer_head },
    "/api/v1/log/consistency": { body: proven.consistency },
    "/api/v1/log/inclusion": { body: proven.inclusion },
    "/api/v1/log/leaves/2": { body: proven.leaf },
  };
  return async (path) => {
    const answer = changes[Object.keys(changes).find((start) => path.startsWith(start))] ?? answers[path.split("?")[0]];
    assert.ok(answer, path);
    if (answer instanceof Error) {
      throw answer;
    }
    return copy(answer);
  };
}

/** What a check came to: the state of each step, or why it did not pass. Every word for it must be there. */
function told(steps) {
  const states = Object.fromEntries(steps.map((name) => [name, "skipped"]));
  const tell = (name, { state, why, facts = {} }) => {
    assert.ok(STATES[state] && STEPS[name]);
    const words = state === "passed" ? PASSED[name](facts) : why ? WHY[why](facts) : "";
    assert.doesNotMatch(words, /undefined|NaN|Invalid/);
    states[name] = state === "passed" || state === "running" ? state : `${state}: ${why}`;
  };
  return { states, tell };
}

async function logOf(changes, kept) {
  const { states, tell } = told(LOG_STEPS);
  const log = await checkLog(serverOf(changes), kept, tell);
  return { log, states };
}

async function receiptOf(receipt, changes = {}, { now = LATER, kept } = {}) {
  const { log } = await logOf(changes, kept);
  const { states, tell } = told(RECEIPT_STEPS);
  await checkReceipt(receipt, log, serverOf(changes), now, tell);
  return states;
}

const PASSED_ALL = { form: "passed", faucet: "passed", signature: "passed", kept: "passed", leaf: "passed", inclusion: "passed" };
const NOT_THERE = { code: "log_unknown" };

test("a log is sound whose head is signed and goes on from the one that was kept", async () => {
  const sound = { keys: "passed", head: "passed", kept: "passed" };
  for (const kept of [undefined, proven.older_head, proven.newer_head]) {
    const { log, states } = await logOf({}, kept);
    assert.deepEqual(states, sound);
    assert.deepEqual(log.head, proven.newer_head);
  }
});

test("whatever is wrong with the log is told at its step", async () => {
  const { older_head: older, newer_head: newer } = proven;
  const changed = (head, change) => {
    const forged = copy(head);
    change(forged);
    return forged;
  };
  // Signed, and of another log: that of the file beside it, of another faucet.
  const strange = log.newer_head.signed;
  for (const [changes, kept, expected] of [
    [{ "/.well-known": { body: { ...proven.keys, faucet: other(proven.keys.faucet) } } }, undefined, { keys: "failed: chain" }],
    [{ "/.well-known": new Error("no network") }, undefined, { keys: "open: unanswered" }],
    [{ "/.well-known": { code: "rate_limited" } }, undefined, { keys: "open: refused" }],
    [{}, { ...older, faucet: other(older.faucet) }, { keys: "failed: other_faucet" }],
    [{ "/api/v1/log/head": NOT_THERE }, undefined, { keys: "passed", head: "open: empty" }],
    [{ "/api/v1/log/head": NOT_THERE }, older, { keys: "passed", head: "failed: gone" }],
    [{ "/api/v1/log/head": { body: { ...strange, faucet: proven.keys.faucet } } }, undefined, { keys: "passed", head: "failed: unsigned" }],
    [{ "/api/v1/log/head": { body: changed(newer, (head) => (head.head.size += 1)) } }, undefined, { keys: "passed", head: "failed: unsigned" }],
    [{ "/api/v1/log/head": { body: {} } }, undefined, { keys: "passed", head: "failed: unsigned" }],
    [{ "/api/v1/log/head": { body: older } }, newer, { keys: "passed", head: "passed", kept: "failed: shrunk" }],
    [{}, changed(older, (head) => (head.head.root = other(head.head.root))), { keys: "passed", head: "passed", kept: "failed: kept_unsigned" }],
    [{ "/api/v1/log/consistency": NOT_THERE }, older, { keys: "passed", head: "passed", kept: "failed: no_proof" }],
    [{ "/api/v1/log/consistency": { code: "overloaded" } }, older, { keys: "passed", head: "passed", kept: "open: refused" }],
    [{ "/api/v1/log/consistency": { body: { first: 3 } } }, older, { keys: "passed", head: "passed", kept: "failed: forked" }],
    [
      { "/api/v1/log/consistency": { body: changed(proven.consistency, (proof) => (proof.hashes[0] = other(proof.hashes[0]))) } },
      older,
      { keys: "passed", head: "passed", kept: "failed: forked" },
    ],
  ]) {
    const { states } = await logOf(changes, kept);
    assert.deepEqual(states, { keys: "skipped", head: "skipped", kept: "skipped", ...expected });
  }
});

test("a genuine receipt passes every step", async () => {
  assert.deepEqual(await receiptOf(proven.receipt), PASSED_ALL);
  assert.deepEqual(await receiptOf(proven.receipt, {}, { kept: proven.older_head }), PASSED_ALL);
  // Fields that come later are no fault.
  assert.deepEqual(await receiptOf({ ...proven.receipt, surprise: 1 }), PASSED_ALL);
});

test("whatever is changed of a receipt is noticed", async () => {
  const skipped = Object.fromEntries(RECEIPT_STEPS.map((name) => [name, "skipped"]));
  const unsigned = { ...skipped, form: "passed", faucet: "passed", signature: "failed: unsigned" };
  for (const change of [
    (receipt) => (receipt.amount = "26251"),
    (receipt) => (receipt.balance = "0"),
    (receipt) => (receipt.asset = "DROP"),
    (receipt) => (receipt.wallet = proven.keys.keys[0].public_key),
    (receipt) => (receipt.round = receipt.round.replace(/.$/, "2")),
    (receipt) => (receipt.outcome.score += 1),
    (receipt) => (receipt.factors[0].basis_points += 1),
    (receipt) => receipt.factors.pop(),
    (receipt) => (receipt.claimed_at_ms += 1),
    (receipt) => (receipt.log.leaf = other(receipt.log.leaf)),
    (receipt) => (receipt.log.by_ms += 1),
    (receipt) => delete receipt.log,
    (receipt) => (receipt.key_id = "receipt-1"),
    (receipt) => (receipt.key_id = "log-2"),
    (receipt) => (receipt.signature = proven.newer_head.signature),
  ]) {
    const forged = copy(proven.receipt);
    change(forged);
    assert.deepEqual(await receiptOf(forged), unsigned, `${change}`);
  }
  const foreign = { ...proven.receipt, faucet: other(proven.receipt.faucet) };
  assert.deepEqual(await receiptOf(foreign), { ...skipped, form: "passed", faucet: "failed: foreign" });
});

test("a receipt is held against no log that is not sound", async () => {
  const skipped = Object.fromEntries(RECEIPT_STEPS.map((name) => [name, "skipped"]));
  const signed = { ...skipped, form: "passed", faucet: "passed", signature: "passed" };
  const { receipt, older_head: older, newer_head: newer } = proven;
  const cutOff = { "/api/v1/log/head": { body: older } };
  assert.deepEqual(await receiptOf(receipt, cutOff, { kept: newer }), { ...signed, kept: "failed: shrunk" });
  assert.deepEqual(await receiptOf(receipt, { "/api/v1/log/head": NOT_THERE }), { ...signed, kept: "open: empty" });
  const noKeys = { "/.well-known": { body: {} } };
  assert.deepEqual(await receiptOf(receipt, noKeys), { ...skipped, form: "passed", faucet: "failed: chain" });
});

test("what is no receipt is told by its field", () => {
  for (const [nonsense, field] of [
    [undefined, "{}"],
    [null, "{}"],
    [[], "{}"],
    ["receipt", "{}"],
    [{}, "faucet"],
    [{ ...proven.receipt, amount: 26_250 }, "amount"],
    [{ ...proven.receipt, amount: "026250" }, "amount"],
    [{ ...proven.receipt, amount: "-1" }, "amount"],
    [{ ...proven.receipt, round: "7" }, "round"],
    [{ ...proven.receipt, level: "catch-1\nCampaign: rich" }, "level"],
    [{ ...proven.receipt, factors: [{ name: "stars" }] }, "factors"],
    [{ ...proven.receipt, claimed_at_ms: 1e300 }, "claimed_at_ms"],
    [{ ...proven.receipt, claimed_at_ms: -1 }, "claimed_at_ms"],
    [{ ...proven.receipt, outcome: null }, "outcome"],
    [{ ...proven.receipt, log: { leaf: proven.receipt.log.leaf } }, "log"],
  ]) {
    assert.equal(wrongField(nonsense), field);
  }
});

test("a drip that the log does not have, or has otherwise, is told at its step", async () => {
  const signed = { form: "passed", faucet: "passed", signature: "passed", kept: "passed" };
  const { by_ms: by } = proven.receipt.log;
  const early = copy(proven.older_head);
  early.head.at_ms = by - 1;
  const text = (change) => ({ body: { ...proven.leaf, text: change(proven.leaf.text) } });
  const cases = [
    [{ "/api/v1/log/inclusion": NOT_THERE }, { leaf: "failed: missing" }],
    [{ "/api/v1/log/inclusion": { code: "storage_unavailable" } }, { leaf: "open: refused" }],
    [{ "/api/v1/log/inclusion": { body: { leaf_index: -1 } } }, { leaf: "failed: no_proof" }],
    [{ "/api/v1/log/leaves/2": NOT_THERE }, { leaf: "failed: no_text" }],
    [{ "/api/v1/log/leaves/2": text((text) => text.replace("26250", "2625")) }, { leaf: "failed: other_text" }],
    [{ "/api/v1/log/leaves/2": { body: null } }, { leaf: "failed: other_text" }],
    [
      { "/api/v1/log/inclusion": { body: { ...proven.inclusion, hashes: proven.inclusion.hashes.slice(1) } } },
      { leaf: "passed", inclusion: "failed: not_included" },
    ],
  ];
  for (const [changes, expected] of cases) {
    const states = await receiptOf(proven.receipt, changes);
    assert.deepEqual(states, { ...Object.fromEntries(RECEIPT_STEPS.map((name) => [name, "skipped"])), ...signed, ...expected });
  }
});

test("a drip is missed only once it was promised for", async () => {
  const { by_ms: by } = proven.receipt.log;
  // The head is from before that, as far as this check is concerned: its signature was checked by another.
  const log = { keys: proven.keys, head: copy(proven.older_head), results: { kept: { state: "passed", facts: { isFirst: true } } } };
  log.head.head.at_ms = by - 1;
  const at = async (now, headAt = by - 1) => {
    const { states, tell } = told(RECEIPT_STEPS);
    const head = { ...log.head, head: { ...log.head.head, at_ms: headAt } };
    await checkReceipt(proven.receipt, { ...log, head }, serverOf({ "/api/v1/log/inclusion": NOT_THERE }), now, tell);
    return states.leaf;
  };
  assert.equal(await at(by - 1), "open: not_yet");
  assert.equal(await at(by + 59_999), "open: not_yet");
  assert.equal(await at(by + 60_000), "failed: missing");
  assert.equal(await at(by - 1, by), "failed: missing", "a head says that it was time");
});

test("every line of a leaf but its id must be what the receipt says", () => {
  const { text } = proven.leaf;
  assert.equal(differingLine(text, proven.receipt), undefined);
  assert.equal(differingLine(text.replace("Id: 3", "Id: 4"), proven.receipt), undefined);
  const campaign = `campaign:${proven.receipt.campaign}`;
  assert.equal(differingLine(text.replace(campaign, `slice:2:${proven.receipt.campaign}`), proven.receipt), undefined);
  for (const other of [`slice:2:${proven.receipt.campaign}x`, `slice::${proven.receipt.campaign}`, "slice:2:"]) {
    assert.equal(differingLine(text.replace(campaign, other), proven.receipt), "From");
  }
  for (const name of ["Faucet", "Id", "At", "Kind", "Asset", "From", "To", "Amount", "Reference"]) {
    const altered = text.replace(new RegExp(`^${name}: .*$`, "m"), `${name}: x`);
    assert.equal(differingLine(altered, proven.receipt), name);
  }
  // No receipt knows what its drip was worth, if anybody does.
  const withoutWorth = text.replace(/\nWorth in millionths: 2625 EUR$/, "");
  assert.notEqual(withoutWorth, text);
  assert.equal(differingLine(withoutWorth, proven.receipt), undefined);
  assert.equal(differingLine(text.replace("2625 EUR", "2626 USD"), proven.receipt), undefined);
  for (const altered of [
    "",
    `${text}\n`,
    text.replace("Dripline transfer", "Dripline"),
    withoutWorth.split("\n").slice(0, -1).join("\n"),
    text.replace("2625 EUR", "2625"),
    text.replace("2625 EUR", "-2625 EUR"),
    `${text}\nWorth in millionths: 2625 EUR`,
  ]) {
    assert.equal(differingLine(altered, proven.receipt), "Dripline transfer");
  }
});

test("amounts are written exactly, and books are added up exactly", () => {
  const asset = { code: "DRIP", decimals: 6 };
  for (const [units, text] of [
    [0n, "0 DRIP"],
    [1n, "0.000001 DRIP"],
    [1_500_000n, "1.5 DRIP"],
    [9_223_372_036_854_775_807n, "9,223,372,036,854.775807 DRIP"],
    [-1_000n, "−0.001 DRIP"],
  ]) {
    assert.equal(money(units, asset), text);
  }
  assert.equal(money(7n, { code: "POINT", decimals: 0 }), "7 POINT");
  // Two units apart, which floating point would not see.
  const books = { supply: "9007199254740995", players: "9007199254740990", pending: "3", campaigns: "1", treasury: "0", fees: "0", operating: "1" };
  assert.deepEqual(reckoned(books), { owed: 9_007_199_254_740_993n, sum: 9_007_199_254_740_995n, supply: 9_007_199_254_740_995n, addsUp: true });
  assert.equal(reckoned({ ...books, fees: "2" }).addsUp, false);
  const rail = (amount) => ({ on_chain: amount && { holdings: [{ asset, amount }] } });
  assert.equal(onChain([rail("5"), rail(undefined), rail("7")], "DRIP"), 12n);
  assert.equal(onChain([rail("5")], "COIN"), undefined);
  assert.equal(onChain([rail(undefined)], "DRIP"), undefined);
});
