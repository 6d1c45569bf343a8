// The player's page in a frame of another site's page: runs before the page itself, of which it changes nothing.
//
// It stands where the page meets its surroundings. It puts the site into what the page asks the server, and tells the page around the
// frame what the server's answers mean: so every event follows from an answer, and none from what is drawn. It keeps the page's
// places out of the browser's history, which is the host's, and gives the page the looks of the site and of the host.
(() => {
  const query = new URLSearchParams(location.search);
  const site = query.get("site") ?? "";
  const level = query.get("level") ?? "";
  const layout = query.get("layout") ?? "card";
  const home = location.pathname + location.search + location.hash;
  const root = document.documentElement;
  /** Made up by the loader for this frame. */
  const nonce = location.hash.slice(1);
  const isLevel = /^[a-z0-9][a-z0-9-]*$/.test(level);
  /** After how long the faucet is asked again about the site for the last time, in milliseconds. */
  const ASKED_AGAIN_MS_MAX = 32_000;
  /** What is asked of the faucet about all of it, and is asked about the site: that, letter for letter. */
  const ABOUT_SITE = /^\/api\/v1\/(catalog|campaigns|vouchers\/look|wallets\/\w+)$/;
  /** The campaign of levels for which nobody pays. */
  const NOBODY = "(none)";
  /** The height of a frame that is as high as what is in it, while a round is played, in pixels. */
  const STAGE_PX = 640;
  /** The page around the frame: the browser says so itself, or the address that it came from, which is the same. */
  const host = (() => {
    try {
      return location.ancestorOrigins?.[0] ?? new URL(document.referrer).origin;
    } catch {
      return "null";
    }
  })();
  const fetchOf = window.fetch.bind(window);
  const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration));
  /** What is known of the site; `undefined` of one that is not. A faucet that does not say is asked again, for a minute. */
  const known = (async () => {
    for (let wait = 1000; ; wait *= 2) {
      const answer = await fetchOf(`/api/v1/sites/${encodeURIComponent(site)}`, { credentials: "omit" }).catch(() => undefined);
      if (answer?.ok) {
        return answer.json();
      }
      if (answer?.status === 404 || wait > ASKED_AGAIN_MS_MAX) {
        return undefined;
      }
      await pause(wait);
    }
  })().catch(() => undefined);

  // The page puts it into the rounds that it opens.
  window.driplineSite = site;
  root.dataset.embed = layout;
  root.toggleAttribute("data-level", isLevel);

  // --- Looks -------------------------------------------------------------------------------------------------------------------

  const looks = driplineLooks(query.get("theme") ?? "auto");
  /** Has the stylesheet show nothing of money on a site that pays nothing. */
  const pays = (isPaid) => root.toggleAttribute("data-unpaid", !isPaid);
  known.then((view) => {
    looks.ofSite(view?.look ?? {});
    // Mostly before there are levels, which say it again.
    if (view) {
      pays(view.pays);
    }
  });

  // `auto`, which asks for none, is none either.
  const language = driplineLanguage(query.get("lang") ?? "auto");
  if (language) {
    Object.defineProperty(navigator, "language", { value: language });
  }

  // --- The player's key ----------------------------------------------------------------------------------------------------------

  // A page that lies over this one has visitors press what they do not see. So in here nothing shows a secret or puts one on the clipboard,
  // from where that page could have it pasted: the buttons for that are not displayed, and what is not displayed nobody can press, by
  // whatever means. The backup is a file, which that page cannot read. This is said here and not in the stylesheet, which might not load.
  const SECRET = [".secret", ".backup > .buttons > .is-quiet", ".read-keys", ".wallet-balance .address > .button"];
  const hidden = new CSSStyleSheet();
  hidden.replaceSync(`:is(${SECRET}) { display: none !important }`);
  document.adoptedStyleSheets = [hidden];
  // Without this script the document shows nothing.
  root.hidden = false;

  /** How a guest takes the key along: at the end of its card, wherever the page has that. */
  const carry = document.createElement("p");
  const link = Object.assign(document.createElement("a"), { href: "/wallet#backup", rel: "noopener", textContent: "Open the faucet's own page" });
  carry.append(
    "Here this key is for this site alone. To go on with it elsewhere, or to move what it has to a wallet, save a backup, and restore it on the faucet's own page. ",
    link,
  );
  new MutationObserver(() => {
    const card = document.getElementById("backup");
    if (card && card.lastChild !== carry) {
      card.append(carry);
    } else if (!card) {
      // The page may have made another card of it.
      carry.remove();
    }
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["id"] });

  // --- The page around -----------------------------------------------------------------------------------------------------------

  let port;
  /** What happened before anybody listened. */
  let waiting = [];
  const tell = (message) => (port ? port.postMessage(message) : waiting.push(message));
  const emit = (event, detail = {}) => tell({ event, detail });

  /** Questions to the page around that have no answer yet, by their numbers; those of a page that went away get none. */
  const questions = new Map();
  let asking = 0;
  const answered = ({ ask, answer, code }) => {
    questions.get(ask)?.(code === undefined ? answer : Promise.reject(Object.assign(new Error(code), { code })));
    questions.delete(ask);
  };
  // The visitor's wallets are asked by the page around (`bridge.js`): none of them comes into a frame.
  window.driplineHost = {
    origin: host,
    ask: (about) =>
      new Promise((resolve) => {
        if (port) {
          asking += 1;
          questions.set(asking, resolve);
          port.postMessage({ ask: asking, about });
        } else {
          resolve(undefined);
        }
      }),
  };

  addEventListener("message", ({ source, origin, data, ports }) => {
    if (source !== parent || origin !== host || data?.dripline !== nonce || !ports[0]) {
      return;
    }
    port?.close();
    port = ports[0];
    for (const ask of [...questions.keys()]) {
      answered({ ask, code: "unavailable" });
    }
    port.onmessage = ({ data }) => {
      if (data?.ask) {
        answered(data);
        return;
      }
      cdata = typeof data?.cdata === "string" ? data.cdata : undefined;
      looks.ofHost(data?.look, data?.theme);
    };
    waiting.forEach(tell);
    waiting = [];
  });
  // At once, and whatever the faucet answers: the browser has held the site's origins against all that is around the frame already, or
  // this would not run (`frame-ancestors`), and it hands the greeting to a page of this origin alone. A page of `null` has none.
  if (parent !== window && host !== "null" && nonce) {
    parent.postMessage({ dripline: nonce }, host);
  }

  // In a popup the keyboard is in here: the host does not hear it.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && layout === "popup" && !root.hasAttribute("data-playing")) {
      tell({ event: "close" });
    }
  });

  // --- The page itself -----------------------------------------------------------------------------------------------------------

  // A browser that keeps nothing for frames of others refuses locks as well: there is no other tab then that could play this key.
  const locks = navigator.locks;
  if (locks) {
    const request = locks.request.bind(locks);
    locks.request = (name, options, granted) =>
      request(name, options, granted).catch((error) => {
        if (error.name !== "SecurityError") {
          throw error;
        }
        return granted({ name });
      });
  }

  // It begins where its address says. The address is that of the frame again before anybody could reload it.
  if (isLevel) {
    history.replaceState(null, "", `/play/${level}`);
  }
  const started = () => history.replaceState(null, "", home);
  // The browser's way back is the host's: places make no history in here.
  history.pushState = () => {};

  let cdata;
  let balance;
  /** The levels of rounds, by their ids; and what the page shows of its own to be told of them. */
  const levels = new Map();
  const bearers = new Map();

  /** What the browser keeps for this tab; nothing where it keeps nothing for frames of others. Then it keeps no claim either. */
  const stored = (use) => {
    try {
      return use(sessionStorage);
    } catch {
      return null;
    }
  };
  /** A claim that waits is made by its signature alone, perhaps after a reload: what the round is asked about by is kept until then. */
  const keep = (round, bearer) => {
    bearers.set(round, bearer);
    stored((storage) => storage.setItem(round, bearer));
  };
  const bearerOf = (round) => bearers.get(round) ?? stored((storage) => storage.getItem(round));
  const forget = (round) => {
    bearers.delete(round);
    stored((storage) => storage.removeItem(round));
  };

  window.fetch = async (address, init) => {
    if (typeof address !== "string" || !address.startsWith("/api/v1/")) {
      return fetchOf(address, init);
    }
    const isCatalog = address === "/api/v1/catalog";
    if (isCatalog) {
      started();
    }
    const bearer = new Headers(init?.headers).get("authorization");
    const round = /^\/api\/v1\/rounds\/([^/]+)/.exec(address)?.[1];
    if (bearer && round) {
      // Also that of a round that was opened before the frame was loaded.
      keep(round, bearer);
    }
    const answer = await fetchOf(ABOUT_SITE.test(address) ? `${address}?site=${encodeURIComponent(site)}` : address, init);
    const told = answer
      .clone()
      .json()
      .then((body) => heard(`${init?.method ?? "GET"} ${address}`, answer.ok, body, init?.body))
      // No answer of the faucet's: the page says so itself.
      .catch(() => {});
    if (isCatalog) {
      // What is not to be seen of its levels is hidden before the page has them.
      await told;
    }
    return answer;
  };

  let isReady = false;
  /** What a refusal is to the page around; nothing of what is none of the faucet's, but of something that stands before it. */
  const refused = ({ code, detail }) => (typeof code === "string" ? { code, message: detail } : undefined);
  /** What the answer to what was sent means to the page around. */
  const heard = (request, isOk, body, sent) => {
    if (!isOk) {
      const refusal = refused(body);
      if (refusal && !request.startsWith("GET")) {
        emit("error", refusal);
      }
    } else if (request === "GET /api/v1/catalog") {
      if (body.levels.length > 0) {
        pays(body.levels[0].campaign !== NOBODY);
      }
      if (!isReady) {
        isReady = true;
        const levels = body.levels.map(({ id }) => id);
        const isThere = levels.includes(level);
        if (isLevel && !isThere) {
          // Visitors are told by the page, and find the other levels.
          root.removeAttribute("data-level");
          emit("error", { code: "level_not_of_site", message: `the site has no level "${level}"` });
        }
        emit("ready", { site, level: isThere ? level : null, levels });
      }
    } else if (request === "POST /api/v1/rounds") {
      levels.set(body.round, body.level.id);
      keep(body.round, `Bearer ${body.token}`);
      emit("round", { state: "opened", round: body.round, level: body.level.id });
      const { abandon } = JSON.parse(sent);
      if (abandon) {
        // Without an answer there is nothing to tell.
        givenUp(abandon).catch(() => {});
      }
    } else if (request === "POST /api/v1/claims") {
      claimed(body);
    } else if (/^POST .*\/end$/.test(request)) {
      over(body);
    } else if (/^GET \/api\/v1\/wallets\/\w+$/.test(request)) {
      stands(body.balance);
    }
  };

  /** Whether a round has ended without a claim, its answer says. */
  const over = ({ round, state }) => {
    if (state === "ended" || state === "expired") {
      emit("round", { state: "ended", round, level: levels.get(round) ?? null });
      forget(round);
    }
  };

  /** Another round was opened, and this one given up for it, unless it was won to its end: then it can still be claimed. */
  const givenUp = async (round) => {
    const authorization = bearerOf(round);
    // Of one that was opened elsewhere the page around knows nothing.
    if (authorization) {
      const answer = await fetchOf(`/api/v1/rounds/${round}`, { headers: { authorization }, credentials: "omit" });
      if (answer.ok) {
        over(await answer.json());
      }
    }
  };

  const claimed = (receipt) => {
    const { round, level, outcome, amount, asset } = receipt;
    emit("round", { state: "claimed", round, level });
    // The playground's widget is of no site's page: there is nothing to verify, and nobody to.
    const asks = host === location.origin ? Promise.resolve() : verifiable(round);
    asks.then((token) => {
      forget(round);
      emit("cleared", { round, level, score: outcome.score, stars: outcome.stars, token });
    });
    if (amount !== "0") {
      emit("drip", { round, level, amount, asset });
    }
    stands(receipt.balance);
  };

  /** What the site's server can ask about the round by; none where the faucet gives none, and the host is told why. */
  const verifiable = async (round) => {
    let refusal;
    try {
      const answer = await fetchOf(`/api/v1/rounds/${round}/verification`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: bearerOf(round) ?? "" },
        credentials: "omit",
        body: JSON.stringify({ origin: host, cdata }),
      });
      const body = await answer.json();
      if (answer.ok) {
        return body.token;
      }
      refusal = refused(body);
    } catch {
      // Nothing came, or no answer of the faucet's.
    }
    emit("error", refusal ?? { code: "verification_missing", message: "the faucet could not be asked for a verification token" });
    return undefined;
  };

  const stands = (now) => {
    if (now !== undefined && now !== balance) {
      balance = now;
      emit("balance", { balance });
    }
  };

  // A frame that is as high as what is in it; nothing moves on the host before the visitor does something here.
  addEventListener("DOMContentLoaded", () => {
    let isTouched = false;
    const measure = () => {
      if (layout === "inline" && isTouched) {
        const height = root.hasAttribute("data-playing") ? STAGE_PX : Math.ceil(document.body.getBoundingClientRect().height);
        tell({ height });
      }
    };
    for (const type of ["pointerdown", "keydown"]) {
      addEventListener(
        type,
        () => {
          isTouched = true;
          measure();
        },
        { once: true, capture: true },
      );
    }
    new ResizeObserver(measure).observe(document.body);
    new MutationObserver(measure).observe(root, { attributeFilter: ["data-playing"] });
  });
})();
