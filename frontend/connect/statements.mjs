// The texts that a wallet or the browser's key signs, from the fields of the requests that they are handed in with:
// `docs/protocol.md`, sections 10 and 14. `shared::statement` makes the same ones, and `tests/golden/statements.json` holds both to it.

import { coins } from "../modules/encoding.mjs";

/** For how long a statement can be handed in, in milliseconds. */
export const STATEMENT_MS = 300_000;
/** The longest that a delegation holds, in days. */
export const DELEGATION_DAYS_MAX = 30;

const moment = (ms) => new Date(ms).toISOString();

/** A statement after CAIP-122. The site is the last that it names, where the page of one prompts. */
function statement(request, sentence, resources = [], { chain = "Solana", id = "solana:mainnet", account = request.wallet } = {}) {
  const { origin, client_id: nonce, issued_at_ms: issued, faucet, site } = request;
  return [
    `${origin.replace(/^https?:\/\//, "")} wants you to sign in with your ${chain} account:`,
    account,
    "",
    sentence,
    "",
    `URI: ${origin}`,
    "Version: 1",
    `Chain ID: ${id}`,
    `Nonce: ${nonce}`,
    `Issued At: ${moment(issued)}`,
    `Expiration Time: ${moment(issued + STATEMENT_MS)}`,
    "Resources:",
    `- dripline:faucet:${faucet}`,
    ...resources.map((resource) => `- dripline:${resource}`),
    ...(site == null ? [] : [`- dripline:site:${site}`]),
  ].join("\n");
}

/** That a key of a browser plays for a wallet. */
export function delegation(request) {
  const { delegate, until_ms: until } = request;
  return statement(
    request,
    `Let this browser's key ${delegate} start rounds and claim rewards for me in Dripline until ${moment(until)}. ` +
      "It cannot choose where I am paid. This moves no money.",
    [`delegate:${delegate}`, `until:${moment(until)}`],
  );
}

/** That a wallet's delegations are listed. */
export const listing = (request) => statement(request, "List the keys that may play for me in Dripline. This changes nothing.");

/** That a delegation holds no more. */
export const revocation = (request) =>
  statement(request, "Let a key no longer play for me in Dripline, from now on. This moves no money.");

/** That all that a key has earned moves to a wallet. */
export const move = (request) =>
  statement(
    request,
    `Move all that this key has earned in Dripline to the wallet ${request.to}. This happens once and cannot be undone.`,
    [`to:${request.to}`],
  );

/** Where a rail pays to. */
export const address = (request) =>
  statement(request, `Pay what I withdraw from Dripline to ${request.address} by ${request.rail}. This alone moves no money.`, [
    `rail:${request.rail}`,
    `address:${request.address}`,
  ]);

/** That money is paid out, of an asset with so many decimals. */
export function withdrawal(request, decimals) {
  const { rail, asset, amount, address, fee_max: fee } = request;
  const money = (units) => coins(units, { code: asset, decimals });
  return statement(request, `Withdraw ${money(amount)} to ${address} by ${rail}. Of this, the fee takes at most ${money(fee)}.`, [
    `rail:${rail}`,
    `asset:${asset}`,
    `decimals:${decimals}`,
    `amount:${amount}`,
    `address:${address}`,
    `fee-max:${fee}`,
  ]);
}

/** That an address on an EVM chain is its owner's, who is to be paid there: the same with the names of that chain (EIP-4361). */
export const ownership = (request, chain) =>
  statement(
    request,
    `Pay to this address what the wallet ${request.wallet} withdraws from Dripline by ${request.rail}. This alone moves no money.`,
    [`wallet:${request.wallet}`, `rail:${request.rail}`],
    { chain: "Ethereum", id: chain, account: request.address },
  );
