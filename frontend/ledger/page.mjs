// The page of the ledger: shows the books, checks the log against what this browser kept of it, and checks receipts.

import { canCheckSignatures } from "./bytes.mjs";
import { LOG_STEPS, RECEIPT_STEPS, checkLog, checkReceipt } from "./check.mjs";
import { money, onChain, reckoned } from "./money.mjs";
import { isHead } from "./signed.mjs";
import { NO_SIGNATURES, PASSED, STATES, STEPS, VERDICTS, WHY, ago } from "./words.mjs";

/** Where the last head that held is kept. */
const KEPT = "dripline/log/1";
/** The largest file that is read as a receipt, in bytes. */
const FILE_MAX = 65_536;

/** After how long what is not in the log yet is looked for again, in milliseconds. */
const AGAIN_MS = 2_000;

/** How many checks of a receipt were begun: only the last one says what came of it. */
let checks = 0;
/** The next look at the same receipt. */
let again;

const byId = (id) => document.getElementById(id);

/** An element with its attributes and its content: elements, texts, or nothing. */
function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  made.append(...content.filter((part) => part !== undefined));
  return made;
}

/** A text as it stands. Whoever has no pointer can scroll it, too. */
function listing(name, text) {
  return element("pre", { tabindex: "0", role: "group", "aria-label": name }, text);
}

/** Asks the server; see `check.mjs`. */
async function ask(path) {
  const response = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store" });
  const body = await response.json();
  return response.ok ? { body } : { code: `${body.code}` };
}

/** What a JSON text stands for; nothing where it is none. */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The head that was kept, if there is one. */
function kept() {
  let text;
  try {
    text = localStorage.getItem(KEPT);
  } catch {
    // A browser that keeps nothing.
  }
  const head = read(text);
  return isHead(head) ? head : undefined;
}

function keep(head) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(head));
  } catch {
    // A browser that keeps nothing has nothing to hold the next visit against.
  }
}

/** Shows steps in a list, none of them taken yet. Gives what is to be told of each. */
function stepsIn(list, names) {
  const items = new Map(names.map((name) => [name, element("li")]));
  list.replaceChildren(...items.values());
  list.hidden = false;
  const show = (name, { state, why, facts = {} }) => {
    const words = state === "passed" ? PASSED[name](facts) : why && WHY[why](facts);
    items.get(name).className = `proof is-${state}`;
    items.get(name).replaceChildren(
      element("span", { class: "proof-state" }, STATES[state]),
      element("strong", {}, STEPS[name]),
      ...(words ? [element("p", {}, words)] : []),
      ...(facts.text ? [listing("The transfer", facts.text)] : []),
    );
  };
  names.forEach((name) => show(name, { state: "skipped" }));
  return show;
}

/** Checks the log anew, and keeps its head if all of it holds. */
async function lookAtLog() {
  const before = kept();
  const log = await checkLog(ask, before, stepsIn(byId("log-steps"), LOG_STEPS));
  const isSound = LOG_STEPS.every((name) => log.results[name]?.state === "passed");
  if (isSound) {
    keep(log.head);
  }
  const isBroken = Object.values(log.results).some(({ state }) => state === "failed");
  byId("heads").replaceChildren(...[evidence(log.head, before), isBroken && before ? forgetting() : undefined].filter(Boolean));
  return log;
}

/** The heads as the faucet signed them, for whoever wants to keep or to show them. */
function evidence(head, before) {
  const shown = [["The newest", head], ["From an earlier visit", before]].filter(([, one]) => one);
  const parts = shown.flatMap(([name, one]) => [
    element("p", { class: "quiet" }, name),
    listing(name, JSON.stringify(one, undefined, 2)),
  ]);
  return shown.length > 0 ? element("details", {}, element("summary", {}, "The signed states"), ...parts) : undefined;
}

/** A way out for whoever knows why: a faucet that was set up anew, say. */
function forgetting() {
  const button = element("button", { class: "button is-quiet", type: "button" }, "Forget the state from my earlier visit");
  button.addEventListener("click", () => {
    localStorage.removeItem(KEPT);
    lookAtLog();
  });
  return button;
}

/** Checks what is in the field; again after a moment where the faucet still has time to put it into the log. */
async function lookAtReceipt() {
  const check = ++checks;
  clearTimeout(again);
  const field = byId("receipt");
  const text = field.value.trim();
  const [verdict, save] = [byId("verdict"), byId("save")];
  save.hidden = true;
  field.removeAttribute("aria-invalid");
  if (!text) {
    byId("receipt-steps").hidden = true;
    verdict.textContent = "There is nothing to check yet.";
    verdict.className = "verdict";
    return;
  }
  verdict.textContent = STATES.running;
  verdict.className = "verdict";
  const show = stepsIn(byId("receipt-steps"), RECEIPT_STEPS);
  const receipt = read(text);
  let results = { form: { state: "failed", why: "json" } };
  if (receipt === undefined) {
    show("form", results.form);
  } else {
    results = await checkReceipt(receipt, await lookAtLog(), ask, Date.now(), show);
  }
  if (check !== checks) {
    return;
  }
  const states = RECEIPT_STEPS.map((name) => results[name]?.state);
  const state = states.includes("failed") ? "failed" : states.every((one) => one === "passed") ? "passed" : "open";
  verdict.textContent = VERDICTS[state];
  verdict.className = `verdict is-${state}`;
  if (state === "failed") {
    field.setAttribute("aria-invalid", "true");
  }
  save.hidden = results.form?.state !== "passed";
  if (results.leaf?.why === "not_yet") {
    again = setTimeout(lookAtReceipt, AGAIN_MS);
  }
}

function save() {
  const file = URL.createObjectURL(new Blob([byId("receipt").value], { type: "application/json" }));
  const name = `receipt-${JSON.parse(byId("receipt").value).round}.json`;
  element("a", { href: file, download: name }).click();
  URL.revokeObjectURL(file);
}

/** Takes a file as what is to be checked. */
async function takeFile(file) {
  if (file && file.size <= FILE_MAX) {
    byId("receipt").value = await file.text();
    lookAtReceipt();
  }
}

/** What the address brings behind its `#`, if that is a receipt and no part of the page. */
function fragment() {
  try {
    const text = decodeURIComponent(location.hash.slice(1));
    return text.startsWith("{") ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Takes what the address brings as what is to be checked. Tells whether it brings anything. */
function takeFragment() {
  const text = fragment();
  if (text === undefined) {
    return false;
  }
  byId("receipt").value = text;
  byId("receipt-heading").scrollIntoView();
  lookAtReceipt();
  return true;
}

async function showBooks() {
  const place = byId("books");
  try {
    const { body, code } = await ask("/api/v1/ledger");
    place.replaceChildren(...(code ? [element("p", {}, WHY.refused({ code }))] : books(body)));
  } catch (error) {
    place.replaceChildren(element("p", {}, WHY.unanswered({ error: error.message })));
  }
}

function books({ assets, rails, read_at_ms: readAt, server_time_ms: now }) {
  const tables = assets.map((books) => table(books, rails));
  const said = element("p", { class: "quiet" }, `Added up ${ago(readAt, now)}.`);
  return [...tables, said, element("h3", {}, "The treasuries on their chains"), ...rails.map((rail) => treasury(rail, now))];
}

function table(books, rails) {
  const { asset } = books;
  const { owed, sum, supply, addsUp } = reckoned(books);
  const line = (name, units, className = "") =>
    element(
      "tr",
      { class: className },
      element("th", { scope: "row" }, name),
      element("td", { class: "is-number" }, money(units, asset)),
    );
  const there = onChain(rails, asset.code);
  const gap = there === undefined ? 0n : there - owed;
  const operating = BigInt(books.operating);
  const isForChains = operating > 0n && sum === operating;
  const verdict =
    isForChains
      ? "Chains are paid with it for executing payouts. Nobody is owed any."
      : there === undefined
      ? `No ${asset.code} is known to be on a chain: whether there is any cannot be seen from outside.`
      : gap >= 0n
        ? `The treasury's ${money(there, asset)} on chain cover all that players have, and ${money(gap, asset)} more.`
        : `The treasury's ${money(there, asset)} on chain are ${money(-gap, asset)} less than what players have.`;
  return element(
    "div",
    { class: "books" },
    element("h3", {}, asset.code),
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, `The books of ${asset.code}`),
      element(
        "tbody",
        {},
        ...(isForChains
          ? []
          : [
              line("Players' balances", BigInt(books.players)),
              line("Being paid out to players", BigInt(books.pending)),
              line("Owed to players", owed, "is-total"),
              line("Campaigns, for drips to come", BigInt(books.campaigns)),
              line("Treasury, in no campaign", BigInt(books.treasury)),
              line("Fees of payouts", BigInt(books.fees)),
            ]),
        ...(operating > 0n ? [line("To pay the chains with", operating)] : []),
        line("All of it", sum, "is-total"),
        line("Came in and has not gone out", supply),
        ...(there === undefined ? [] : [line("On chain", there, "is-total")]),
      ),
    ),
    element("p", { class: addsUp ? "is-good" : "is-risk" }, addsUp ? "The books add up, to the last unit." : "The books do not add up."),
    element("p", { class: there === undefined || isForChains ? "quiet" : gap >= 0n ? "is-good" : "is-risk" }, verdict),
  );
}

function treasury({ rail, kind, on_chain: there }, now) {
  const what =
    kind === "sandbox"
      ? ["The sandbox is on no chain: nothing is really paid."]
      : there
        ? [
            `${there.holdings.map(({ asset, amount }) => money(BigInt(amount), asset)).join(", ")} at `,
            element("code", {}, there.address),
            `, read ${ago(there.read_at_ms, now)}.`,
          ]
        : ["The chain has not answered yet."];
  return element("p", {}, element("strong", {}, rail), ": ", ...what);
}

async function start() {
  showBooks();
  if (!(await canCheckSignatures())) {
    byId("log-steps").replaceChildren(element("li", { class: "proof is-open" }, NO_SIGNATURES));
    byId("verdict").textContent = NO_SIGNATURES;
    byId("receipt-form").hidden = true;
    return;
  }
  byId("receipt-form").addEventListener("submit", (event) => {
    event.preventDefault();
    lookAtReceipt();
  });
  byId("save").addEventListener("click", save);
  const field = byId("receipt");
  field.addEventListener("dragover", (event) => event.preventDefault());
  field.addEventListener("drop", (event) => {
    const [file] = event.dataTransfer.files;
    if (file) {
      event.preventDefault();
      takeFile(file);
    }
  });
  addEventListener("hashchange", takeFragment);
  if (!takeFragment()) {
    lookAtLog();
  }
}

start();
