// What the faucet signs, as texts, and the leaves of its log: `docs/protocol.md`, sections 7 and 9. What comes in is looked
// at first, so that no field can pass for several lines.

import { fromBase58 } from "../modules/encoding.mjs";
import { fingerprint, isSigned } from "./bytes.mjs";

const HASH = /^[0-9a-f]{64}$/;
const ID = /^[0-9a-f]{32}$/;
/** A count of ledger units. */
const UNITS = /^(0|[1-9]\d{0,18})$/;
/** Visible ASCII: nothing that ends a line. */
const WORD = /^[!-~]{1,128}$/;

const isText = (form) => (value) => typeof value === "string" && form.test(value);
const isWord = isText(WORD);
const isHash = isText(HASH);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
/** Moments up to the end of the year 9999, as the server has them. */
const isMoment = (value) => isCount(value) && value <= 253_402_300_799_999;
const isList = (isItem) => (value) => Array.isArray(value) && value.every(isItem);
const isMaybe = (isIt) => (value) => value === undefined || value === null || isIt(value);
const isObject = (fields) => (value) =>
  typeof value === "object" && value !== null && Object.entries(fields).every(([name, isIt]) => isIt(value[name]));

const RECEIPT = {
  faucet: isHash,
  round: isText(ID),
  wallet: isWord,
  level: isWord,
  campaign: isWord,
  outcome: isObject({ score: isCount, stars: isCount, length: isCount }),
  base: isText(UNITS),
  factors: isList(isObject({ name: isWord, basis_points: isCount })),
  amount: isText(UNITS),
  asset: isWord,
  balance: isText(UNITS),
  pays_again_at_ms: isMoment,
  transcript: isHash,
  round_secret: isHash,
  claimed_at_ms: isMoment,
  log: isMaybe(isObject({ leaf: isHash, by_ms: isMoment })),
  key_id: isWord,
  signature: isWord,
};

/** The first field of something that is a receipt but for that field; nothing where it is one. */
export function wrongField(receipt) {
  if (typeof receipt !== "object" || receipt === null || Array.isArray(receipt)) {
    return "{}";
  }
  return Object.keys(RECEIPT).find((name) => !RECEIPT[name](receipt[name]));
}

/** Whether something is a signed tree head by its form. */
export const isHead = isObject({
  faucet: isHash,
  head: isObject({ size: isCount, root: isHash, at_ms: isMoment }),
  key_id: isWord,
  signature: isWord,
});

/** Whether something is a proof of inclusion, or of consistency, by its form. */
export const isInclusion = isObject({ leaf_index: isCount, tree_size: isCount, hashes: isList(isHash) });
export const isConsistency = isObject({ first: isCount, second: isCount, hashes: isList(isHash) });

const isKeys = isObject({
  faucet: isHash,
  keys: isList(isObject({ id: isWord, purpose: isWord, public_key: isWord, from_ms: isMoment, signature: isMaybe(isWord) })),
});

/** A moment as signed texts have it. */
export const moment = (ms) => new Date(ms).toISOString();

/** The text of a receipt. */
export function receiptText(receipt) {
  const { outcome, factors, log } = receipt;
  return [
    "Dripline receipt",
    `Faucet: ${receipt.faucet}`,
    `Round: ${receipt.round}`,
    `Wallet: ${receipt.wallet}`,
    `Level: ${receipt.level}`,
    `Campaign: ${receipt.campaign}`,
    `Score: ${outcome.score}`,
    `Stars: ${outcome.stars}`,
    `Length: ${outcome.length}`,
    `Base: ${receipt.base}`,
    ...factors.map((factor) => `Factor ${factor.name}: ${factor.basis_points}`),
    `Amount: ${receipt.amount} ${receipt.asset}`,
    `Balance: ${receipt.balance}`,
    `Pays again: ${moment(receipt.pays_again_at_ms)}`,
    `Transcript: ${receipt.transcript}`,
    `Round secret: ${receipt.round_secret}`,
    `Claimed: ${moment(receipt.claimed_at_ms)}`,
    ...(log ? [`Leaf: ${log.leaf}`, `In the log by: ${moment(log.by_ms)}`] : []),
    `Key: ${receipt.key_id}`,
  ].join("\n");
}

/** The text of a tree head. */
export function headText({ faucet, head, key_id: key }) {
  const { size, root, at_ms: at } = head;
  return `Dripline tree head\nFaucet: ${faucet}\nSize: ${size}\nRoot: ${root}\nAt: ${moment(at)}\nKey: ${key}`;
}

/** The text by which a key vouches for the one that comes after it. */
export function keyText(faucet, key) {
  const { id, purpose, public_key: publicKey, from_ms: from } = key;
  return `Dripline key\nFaucet: ${faucet}\nKey: ${id}\nPurpose: ${purpose}\nPublic key: ${publicKey}\nFrom: ${moment(from)}`;
}

/**
 * Whether the keys of a faucet are its own: it is named after the first, and each other one is vouched for by the one before
 * it of its purpose, the first of another purpose by one for receipts.
 */
export async function areChained(keys) {
  if (!isKeys(keys) || keys.keys.length === 0) {
    return false;
  }
  const [first] = keys.keys;
  const bytes = fromBase58(first.public_key, 32);
  if (!bytes || (await fingerprint(bytes)) !== keys.faucet) {
    return false;
  }
  const vouches = (by, key) => isSigned(keyText(keys.faucet, key), by.public_key, key.signature ?? "");
  for (const [index, key] of keys.keys.entries()) {
    const before = keys.keys.slice(0, index);
    const own = before.findLast((by) => by.purpose === key.purpose);
    const candidates = own ? [own] : before.filter((by) => by.purpose === first.purpose);
    const answers = await Promise.all(candidates.map((by) => vouches(by, key)));
    if (index > 0 && !answers.includes(true)) {
      return false;
    }
  }
  return true;
}

/** The faucet's key of this id and purpose. */
function keyOf(keys, id, purpose) {
  return keys.keys.find((key) => key.purpose === purpose && key.id === id);
}

/** Whether a receipt is signed by the key that it names, which must be one of these for receipts. */
export async function isReceiptSigned(receipt, keys) {
  const key = keyOf(keys, receipt.key_id, "receipt");
  return key !== undefined && isSigned(receiptText(receipt), key.public_key, receipt.signature);
}

/** Whether a head is signed by the key that it names, which must be one of these for heads. */
export async function isHeadSigned(signed, keys) {
  const key = keyOf(keys, signed.key_id, "log");
  const isOurs = key !== undefined && signed.faucet === keys.faucet;
  return isOurs && isSigned(headText(signed), key.public_key, signed.signature);
}

/** The lines that the leaf of a receipt's drip must have, but for the transfer's id and what it was worth, which no receipt knows. */
export function expectedLines(receipt) {
  return {
    Faucet: receipt.faucet,
    At: moment(receipt.claimed_at_ms),
    Kind: "drip",
    Asset: receipt.asset,
    From: `campaign:${receipt.campaign}`,
    To: `player:${receipt.wallet}`,
    Amount: receipt.amount,
    Reference: `round:${receipt.round}`,
  };
}

const LEAF_LINES = ["Faucet", "Id", "At", "Kind", "Asset", "From", "To", "Amount", "Reference"];
/** The line after these, where it is known what the drip was worth. */
const WORTH = /^Worth in millionths: (0|[1-9]\d{0,18}) [!-~]{1,128}$/;

/** The first line of a leaf's text that is not what the receipt says, by its name; nothing where all are. */
export function differingLine(text, receipt) {
  const expected = expectedLines(receipt);
  const [title, ...lines] = text.split("\n");
  if (WORTH.test(lines.at(-1))) {
    lines.pop();
  }
  if (title !== "Dripline transfer" || lines.length !== LEAF_LINES.length) {
    return "Dripline transfer";
  }
  return LEAF_LINES.find((name, index) => {
    // Of several servers each may have a slice of the campaign's budget.
    const line = name === "From" ? lines[index].replace(/^From: slice:\d+:/, "From: campaign:") : lines[index];
    return name === "Id" ? !/^Id: (0|[1-9]\d*)$/.test(line) : line !== `${name}: ${expected[name]}`;
  });
}
