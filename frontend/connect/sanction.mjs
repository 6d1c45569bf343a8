// What only whoever has the money may say: where it is paid to, and that it is paid out. The page makes the request, and has it signed
// here by the wallet that it plays for. A guest's is signed by the browser's key.

import { agreed, attempt, byWallet, circumstances, connected, found, reached } from "./agreement.mjs";
import { withChecksum } from "./checksum.mjs";
import { toHex } from "../modules/encoding.mjs";
import { phrases } from "./phrases.mjs";
import { Failed, ask } from "./server.mjs";
import { leave, paragraph, shown, waiting, walletList } from "./sheet.mjs";
import * as bridge from "../embed/wallets.js";
import * as statements from "./statements.mjs";

const isSame = (one, other) => one.toLowerCase() === other.toLowerCase();

/** Has the wallet sign a request for an address or a withdrawal. Gives it as it is sent; nothing where it was not signed. */
export const sanctioned = (record, request, decimals) =>
  attempt(async () => {
    const wallet = await reached(record);
    const about = await circumstances();
    const isWithdrawal = "amount" in request;
    const rail = isWithdrawal ? undefined : await railOf(request);
    const { request: signed } = await agreed({
      means: isWithdrawal ? phrases.withdrawMeans : phrases.addressMeans,
      make() {
        const { origin, site, now } = about;
        const made = { ...request, ...written(request, rail), origin, ...(site === undefined ? {} : { site }), issued_at_ms: now() };
        return { request: made, text: isWithdrawal ? statements.withdrawal(made, decimals) : statements.address(made), now };
      },
      by: byWallet(wallet),
    });
    return { ...signed, ...(await proven(signed, rail)) };
  });

/**
 * Signs a guest's request with the browser's key; where it is for an address, its owner may prove that it is theirs. That the browser does
 * not sign is told by the page.
 */
export async function granted(own, request, decimals) {
  if ("amount" in request) {
    return { ...request, signature: await own.sign(statements.withdrawal(request, decimals)) };
  }
  const known = await attempt(async () => ({ rail: await railOf(request) }));
  if (!known) {
    return undefined;
  }
  const made = { ...request, ...written(request, known.rail) };
  const signature = await own.sign(statements.address(made));
  const proof = await attempt(() => proven(made, known.rail));
  return proof && { ...made, signature, ...proof };
}

/** The rail of a request, if its owners of addresses can prove that they are theirs. */
async function railOf({ rail: id }) {
  const { rails } = await ask("/api/v1/rails");
  return rails.find((rail) => rail.id === id && rail.chain_id !== undefined);
}

/** The address as statements of its chain have it: letters of one case have no checksum, and get theirs. Others stay as they are. */
function written({ address }, rail) {
  const hasNone = /^0x([\da-f]{40}|[\dA-F]{40})$/.test(address);
  return rail && hasNone ? { address: withChecksum(address) } : {};
}

/** Has the owner of the address sign that it is theirs. Gives the field that says so; none where that cannot be, or need not. */
async function proven(request, rail) {
  if (!rail) {
    return {};
  }
  const here = await waiting(phrases.prove, phrases.looking, found("ethereum"));
  const needed = rail.needs_ownership;
  if (here.length === 0 && !needed) {
    return {};
  }
  const pressed = await shown({
    title: phrases.prove,
    content: [
      paragraph(needed ? phrases.proveNeeded(request.address) : phrases.proveWhy(request.address)),
      here.length > 0 ? walletList(here) : paragraph(phrases.proveNone, { role: "status" }),
    ],
    buttons: [needed ? { name: phrases.back, value: "back" } : { name: phrases.proveNo, value: "without" }],
  });
  if (pressed === "without") {
    return {};
  }
  const chosen = here[pressed];
  if (!chosen) {
    leave(pressed);
  }
  const owner = await connected(chosen, phrases.prove);
  if (!isSame(owner.address, request.address)) {
    throw new Failed("other_address");
  }
  const { request: signed } = await agreed({
    means: phrases.proofMeans,
    // It is about the request that was signed, whose moment it has.
    make: () => ({ request, text: statements.ownership(request, rail.chain_id), now: () => request.issued_at_ms }),
    async by(text) {
      // As the text has it: with its checksum, which wallets may leave out.
      const signing = bridge.sign(owner.id, request.address, text);
      const { signature } = await waiting(phrases.prove, phrases.signing(owner.name), signing);
      return { ownership: `0x${toHex(signature)}` };
    },
  });
  return { ownership: signed.ownership };
}
