// What the program for players' own wallets signs and remembers, without a page: against the files that the rules are held to as well.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { getBase58Decoder } from "@solana/kit";
import { getAddress, keccak256, toBytes as bytesOf } from "viem";
import { keccak, withChecksum } from "../../frontend/connect/checksum.mjs";
import { read, standing } from "../../frontend/connect/connection.mjs";
import { NUMBERS, question, waitAfter } from "../../frontend/connect/reading.mjs";
import { coins, toBase58, toBase64, toBase64url, toHex } from "../../frontend/modules/encoding.mjs";
import * as statements from "../../frontend/connect/statements.mjs";

const text = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const golden = JSON.parse(text("../golden/statements.json"));

/** The fields of a request, out of the text that its statement has. */
function requestOf(lines) {
  const field = (name) => lines.find((line) => line.startsWith(name))?.slice(name.length);
  const resource = (name) => field(`- dripline:${name}:`);
  const until = resource("until");
  const optional = { site: resource("site"), until_ms: until && Date.parse(until) };
  return {
    wallet: lines[1],
    origin: field("URI: "),
    client_id: field("Nonce: "),
    issued_at_ms: Date.parse(field("Issued At: ")),
    faucet: resource("faucet"),
    delegate: resource("delegate"),
    to: resource("to"),
    rail: resource("rail"),
    address: resource("address"),
    asset: resource("asset"),
    amount: resource("amount"),
    fee_max: resource("fee-max"),
    decimals: Number(resource("decimals")),
    ...optional,
  };
}

/** What makes the texts of these statements. */
const MADE = {
  delegate: statements.delegation,
  delegate_on_a_site: statements.delegation,
  list_delegations: statements.listing,
  list_delegations_on_a_site: statements.listing,
  revoke_delegation: statements.revocation,
  revoke_delegation_on_a_site: statements.revocation,
  move_balance: statements.move,
  address: statements.address,
  address_on_a_site: statements.address,
  withdraw: (request) => statements.withdrawal(request, request.decimals),
  withdraw_on_a_site: (request) => statements.withdrawal(request, request.decimals),
};

for (const [name, made] of Object.entries(MADE)) {
  test(`the statement ${name} is byte for byte that of the rules`, () => {
    const { lines } = golden[name];
    assert.equal(made(requestOf(lines)), lines.join("\n"));
  });
}

test("a field that a request has not got is none that it has empty", () => {
  const request = requestOf(golden.address.lines);
  assert.equal(statements.address({ ...request, site: null }), statements.address({ ...request, site: undefined }));
});

test("the owner of an address on an EVM chain signs the text of the protocol", () => {
  const example = /<!-- example: ownership-statement -->\n```text\n([^`]*)\n```/.exec(text("../../docs/protocol.md"))[1];
  const lines = example.split("\n");
  const resource = (name) => lines.find((line) => line.startsWith(`- dripline:${name}:`)).split(":")[2];
  const request = { ...requestOf(lines), address: lines[1], wallet: resource("wallet") };
  assert.equal(statements.ownership(request, 8453), example);
});

test("an address on an EVM chain has its checksum, by the hash that its chain has it by", () => {
  for (const length of [0, 1, 40, 135, 136, 137, 300]) {
    const letters = "0123456789abcdef".repeat(20).slice(0, length);
    assert.equal(`0x${keccak(letters)}`, keccak256(bytesOf(letters)), `${length} letters`);
  }
  for (let seed = 0; seed < 50; seed += 1) {
    const small = `0x${keccak(`${seed}`).slice(0, 40)}`;
    assert.equal(withChecksum(small), getAddress(small));
    assert.equal(withChecksum(small.toUpperCase().replace("0X", "0x")), getAddress(small));
  }
});

test("keys and signatures are written as everywhere else", () => {
  const decoder = getBase58Decoder();
  for (const bytes of [[0, 0, 7], [255], [0], Array(32).fill(5), Array(64).fill(255), [0, 255, 0]]) {
    const array = Uint8Array.from(bytes);
    assert.equal(toBase58(array), decoder.decode(array));
    assert.equal(toBase64(array), Buffer.from(array).toString("base64"));
    assert.equal(toBase64url(array), Buffer.from(array).toString("base64url"));
    assert.equal(toHex(array), Buffer.from(array).toString("hex"));
  }
});

test("an amount is written in whole coins, as the rules write it", () => {
  const coin = { code: "DRIP", decimals: 6 };
  for (const [units, told] of [["0", "0"], ["1", "0.000001"], ["1500000", "1.5"], ["1000000", "1"], ["123456789012345678", "123456789012.345678"]]) {
    assert.equal(coins(units, coin), `${told} DRIP`);
  }
  assert.equal(coins("1500", { code: "POINT", decimals: 0 }), "1500 POINT");
});

const DAY = 86_400_000;
const record = { wallet: "W", name: "Burner", by: "x", delegate: "D", id: "1", from: 0, until: 30 * DAY };

test("a connection holds, ends soon, has ended, or is another key's", () => {
  assert.equal(standing(record, "x", DAY), "holds");
  assert.equal(standing(record, "x", 27 * DAY - 1), "holds");
  assert.equal(standing(record, "x", 27 * DAY), "ends");
  assert.equal(standing(record, "x", 30 * DAY - 1), "ends");
  assert.equal(standing(record, "x", 30 * DAY), "ended");
  assert.equal(standing(record, "y", DAY), "another");
  assert.equal(standing(record, "y", 30 * DAY), "another");
});

test("a connection of a day does not end soon from its beginning", () => {
  const short = { ...record, until: DAY };
  assert.equal(standing(short, "x", DAY / 2 - 1), "holds");
  assert.equal(standing(short, "x", DAY / 2), "ends");
});

test("what is remembered is read back, and anything else counts as nothing", () => {
  assert.deepEqual(read(JSON.stringify(record)), record);
  const { until, ...less } = record;
  for (const bad of [null, "", "{}", "[]", "null", "7", JSON.stringify(less), JSON.stringify({ ...record, until: `${until}` })]) {
    assert.equal(read(bad), undefined, bad);
  }
});

/** Gives these bytes, one after another. */
const scripted = (bytes) => {
  const left = [...bytes];
  return () => left.shift();
};

test("a question asks for two of its numbers, all of which differ", () => {
  for (let time = 0; time < 200; time += 1) {
    const { wanted, numbers } = question();
    assert.deepEqual([numbers.length, new Set(numbers).size], [NUMBERS, NUMBERS]);
    assert.deepEqual([wanted.length, new Set(wanted).size], [2, 2]);
    assert.ok(wanted.every((number) => numbers.includes(number)) && numbers.every((number) => number >= 1 && number <= 9));
  }
});

test("the numbers that are asked for are in every two places as often as in any others, whatever is on the others", () => {
  const places = new Map();
  const count = ({ wanted, numbers }) => {
    const pair = `${wanted.map((number) => numbers.indexOf(number))}`;
    places.set(pair, (places.get(pair) ?? 0) + 1);
  };
  for (let first = 0; first < 252; first += 1) {
    for (let second = 0; second < 255; second += 1) {
      count(question(scripted([3, 1, 4, 1, 5, 0, first, second])));
    }
  }
  assert.deepEqual([...places.values()], Array(30).fill(42 * 51), "who presses blindly is right once in thirty times");
  // Of 256 bytes four are left over for the first one, and one for the second, which would make some places likelier than the others.
  for (const left of [[252, 5, 4], [253, 5, 4], [254, 5, 4], [255, 5, 4], [5, 255, 4]]) {
    const { wanted, numbers } = question(scripted([0, 0, 0, 0, 0, 0, ...left]));
    assert.deepEqual(wanted, [numbers[5], numbers[4]]);
  }
});

test("whoever presses wrong numbers waits longer for every one, and not for ever", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 50].map(waitAfter), [500, 2_000, 8_000, 30_000, 30_000, 30_000]);
});

/** Has the browser keep texts in this object, or nothing. */
function keeping(texts) {
  const refused = () => {
    throw new Error("nothing is kept");
  };
  const kept = { getItem: (name) => texts[name] ?? null, setItem: (name, text) => (texts[name] = text) };
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: texts ? () => kept : refused });
}

/** What knows of wrong numbers in a page that was just loaded. */
let pages = 0;
const loaded = () => import(`../../frontend/connect/reading.mjs?page=${(pages += 1)}`);

test("a page that is loaded anew, or shown twice, waits for the wrong numbers that were pressed before", async () => {
  const texts = {};
  keeping(texts);
  const one = await loaded();
  assert.equal(one.waitLeft(5_000), 0);
  one.mistaken(5_000);
  const other = await loaded();
  assert.deepEqual([5_000, 6_999, 7_000].map(other.waitLeft), [2_000, 1, 0]);
  other.mistaken(7_000);
  other.mistaken(7_000);
  assert.deepEqual([one, await loaded()].map(({ waitLeft }) => waitLeft(7_000)), [30_000, 30_000]);
  assert.equal(one.waitLeft(0), 30_000, "by a clock that was put back it is as long as if it were pressed now");
  one.understood();
  assert.deepEqual([one, other, await loaded()].map(({ waitLeft }) => waitLeft(7_000)), [0, 0, 0]);
  for (const odd of ["", "{}", "null", "7", '{"count":"9","at":7000}', '{"count":9}']) {
    texts["dripline/mistakes/1"] = odd;
    assert.equal(one.waitLeft(7_000), 0, odd);
  }
});

test("where the browser keeps nothing, a page knows of the wrong numbers that were pressed in it", async () => {
  keeping(undefined);
  const page = await loaded();
  page.mistaken(5_000);
  page.mistaken(5_000);
  assert.equal(page.waitLeft(5_000), 8_000);
  assert.equal((await loaded()).waitLeft(5_000), 0);
  page.understood();
  assert.equal(page.waitLeft(5_000), 0);
});
