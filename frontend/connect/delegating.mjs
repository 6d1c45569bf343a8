// A wallet of the player's own lets this browser's key play for it: connecting, renewing, moving what a guest has earned, looking who
// else may, revoking, and parting.

import { agreed, attempt, byWallet, circumstances, connected, found, fresh, reached } from "./agreement.mjs";
import { canRemember, forget, remember } from "./connection.mjs";
import { held, heldIfKnown, staying } from "./guest.mjs";
import { phrases } from "./phrases.mjs";
import { Failed, ask } from "./server.mjs";
import { element, leave, ownPage, paragraph, shown, waiting, walletList } from "./sheet.mjs";
import * as statements from "./statements.mjs";
import { isFramed } from "../embed/wallets.js";

const DAY_MS = 86_400_000;
/** For how many days a delegation can be given. */
const DAYS = [statements.DELEGATION_DAYS_MAX, 7, 1];

/** Lets whoever plays choose a wallet; gives it, or nothing. */
async function chosen(own) {
  for (;;) {
    const looking = Promise.all([found("solana"), isFramed ? heldIfKnown(own.key) : ""]);
    const [here, amounts] = await waiting(phrases.choose, phrases.looking, looking);
    const pressed = await shown({
      title: phrases.choose,
      content: [
        paragraph(phrases.chooseWhy),
        here.length > 0 ? walletList(here) : paragraph(phrases.none, { role: "status" }),
        isFramed ? carrying(amounts) : undefined,
      ],
      buttons: [
        ...(here.length > 0 ? [] : [{ name: phrases.lookAgain, value: "again" }]),
        { name: phrases.later, value: "close" },
      ],
    });
    if (pressed !== "again") {
      return here[pressed];
    }
  }
}

/** In a frame: how to take along this browser's key, and what it has if it has something. */
const carrying = (amounts) =>
  amounts
    ? element("div", { class: "connect-part" }, element("strong", {}, phrases.stays(amounts)), staying())
    : element("details", { class: "connect-part" }, element("summary", {}, phrases.carry), paragraph(phrases.carryWhy), ownPage());

/** Connects a wallet, from the choice on. Gives what is remembered of it; nothing where whoever plays thought better of it. */
export async function connect(own) {
  for (;;) {
    const wallet = await attempt(() => {
      // Nobody is to sign what is gone with the page.
      if (!canRemember()) {
        throw new Failed("no_key");
      }
      return chosen(own);
    });
    if (!wallet) {
      return undefined;
    }
    // Back from there, another one can be chosen.
    const record = await attempt(async () => delegated(own, await connected(wallet)));
    if (record) {
      // It is connected, whatever becomes of this.
      await attempt(() => moved(own, record)).catch(() => {});
      return record;
    }
  }
}

/** The same once more, before it ends or after. */
export const renew = (own, record) => attempt(async () => delegated(own, await reached(record)));

/** Has the wallet say that this browser's key may play for it, and the key that it is here. Gives what is remembered. */
async function delegated(own, wallet) {
  const about = await circumstances();
  const { request, text } = await agreed({
    means: phrases.delegationMeans(about.site),
    choice: { label: phrases.days, values: DAYS, name: phrases.daysOf },
    make(days) {
      const basis = { wallet: wallet.address, delegate: own.key, ...fresh(about) };
      const request = { ...basis, until_ms: basis.issued_at_ms + days * DAY_MS };
      return { request, text: statements.delegation(request), now: about.now };
    },
    by: byWallet(wallet),
  });
  const countersignature = await own.sign(text);
  await waiting(phrases.agree, phrases.sending, ask("/api/v1/delegations", { ...request, countersignature }));
  const { delegate, client_id: id, issued_at_ms: from, until_ms: until } = request;
  const record = { wallet: wallet.address, name: wallet.name, by: own.by, delegate, id, from, until };
  try {
    remember(record);
  } catch {
    throw new Failed("no_key");
  }
  return record;
}

/** Offers to move what the guest has earned, and moves it; in a frame it only says that it stays. Gives whether it was moved. */
export async function moved(own, { wallet: to }) {
  const amounts = await waiting(isFramed ? phrases.choose : phrases.move, phrases.asking, held(own.key));
  if (!amounts) {
    return false;
  }
  if (isFramed) {
    await shown({ title: phrases.stays(amounts), content: [staying()], buttons: [{ name: phrases.go, value: "close", kind: "" }] });
    return false;
  }
  const pressed = await shown({
    title: phrases.move,
    content: [paragraph(phrases.moveWhy(amounts)), paragraph(phrases.moveMeans)],
    buttons: [
      { name: phrases.moveYes, value: "move", kind: "" },
      { name: phrases.moveNo, value: "close" },
    ],
  });
  if (pressed !== "move") {
    return false;
  }
  // Nobody prompts: this page signs itself.
  const about = { ...(await circumstances()), origin: location.origin, site: undefined };
  const { request } = await agreed({
    title: phrases.agreeOwn,
    means: phrases.moveMeans,
    label: phrases.signOwn,
    make() {
      const request = { wallet: own.key, to, ...fresh(about) };
      return { request, text: statements.move(request), now: about.now };
    },
    by: async (text) => ({ signature: await own.sign(text) }),
  });
  try {
    await waiting(phrases.agreeOwn, phrases.sending, ask("/api/v1/balances/move", request));
  } catch (error) {
    const later = phrases.moveLater[error.code]?.(error.until);
    if (later === undefined) {
      throw error;
    }
    await shown({ title: phrases.move, content: [paragraph(later)], buttons: [{ name: phrases.go, value: "close", kind: "" }] });
    return false;
  }
  await shown({ title: phrases.moved(amounts), buttons: [{ name: phrases.go, value: "close", kind: "" }] });
  return true;
}

/** Shows which browsers may play for the wallet. Comes back only where this one may no more, by what was revoked. */
export async function looked(own, record) {
  const wallet = await reached(record);
  const about = await circumstances();
  const { request } = await agreed({
    means: phrases.listMeans,
    make() {
      const request = { wallet: wallet.address, ...fresh(about) };
      return { request, text: statements.listing(request), now: about.now };
    },
    by: byWallet(wallet),
  });
  let { delegations } = await waiting(phrases.listed, phrases.sending, ask("/api/v1/delegations/list", request));
  let told;
  for (;;) {
    const pressed = await shown({
      title: phrases.listed,
      content: [told && paragraph(told, { role: "status" }), listOf(delegations, own.key)],
      buttons: [{ name: phrases.back, value: "back" }],
    });
    const gone = delegations.find(({ id }) => id === pressed);
    if (!gone) {
      leave(pressed);
    }
    // Back from the text, the list is there as before.
    if (await attempt(async () => revoked(wallet, about, gone.id))) {
      delegations = delegations.filter(({ id }) => id !== gone.id);
      told = phrases.revoked;
      if (gone.id === record.id) {
        forget();
        return true;
      }
    }
  }
}

function listOf(delegations, key) {
  if (delegations.length === 0) {
    return paragraph(phrases.listedNone);
  }
  const list = element("ul", { class: "connect-delegations" });
  for (const { id, delegate, site, until_ms: until } of delegations) {
    const name = delegate === key ? phrases.thisBrowser : phrases.otherBrowser;
    const where = site === undefined ? phrases.anywhere : phrases.onSite(site);
    const label = `${phrases.revoke}: ${name}, ${phrases.untilMoment(until)}`;
    list.append(
      element(
        "li",
        {},
        element("span", {}, element("strong", {}, name), ` ${where}, ${phrases.untilMoment(until)} `, element("code", {}, delegate)),
        element("button", { type: "button", class: "button is-quiet is-small", "data-value": id, "aria-label": label }, phrases.revoke),
      ),
    );
  }
  return list;
}

/** Has the wallet say that a delegation holds no more. Gives whether it is so. */
async function revoked(wallet, about, id) {
  const { request } = await agreed({
    means: phrases.revokeMeans,
    make() {
      // Its nonce is the delegation's id.
      const request = { wallet: wallet.address, ...fresh(about), client_id: id };
      return { request, text: statements.revocation(request), now: about.now };
    },
    by: byWallet(wallet),
  });
  try {
    await waiting(phrases.agree, phrases.sending, ask("/api/v1/delegations/revoke", request));
  } catch (error) {
    // It holds no more, which is what was wanted.
    if (error.code !== "delegation_unknown") {
      throw error;
    }
  }
  return true;
}

/** Parts this browser from the wallet. */
export async function parted(record) {
  const pressed = await shown({
    title: phrases.part,
    content: [paragraph(phrases.partWhy(record.until))],
    buttons: [
      { name: phrases.partRevoke, value: "revoke", kind: "" },
      { name: phrases.partOnly, value: "part" },
      { name: phrases.back, value: "back" },
    ],
  });
  if (pressed === "revoke") {
    const wallet = await reached(record);
    await revoked(wallet, await circumstances(), record.id);
  } else if (pressed !== "part") {
    leave(pressed);
  }
  forget();
  return true;
}

