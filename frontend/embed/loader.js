// Puts a faucet's games into the page of another site: `<dripline-faucet site="…">`, or an element with `data-dripline-site`.
//
// The games run in a frame of the faucet's origin, which this script and the page around it cannot look into, and which cannot look
// out. The two speak by a MessageChannel of each element, opened by one handshake: the frame greets the origin that it was told to be
// in, and this script answers only its own frame, of the faucet's origin, that knows the number made up for it.
(() => {
  const TAG = "dripline-faucet";
  /** Tells the developer. */
  const complain = (message) => console.error(`Dripline: ${message}.`);
  const script = document.currentScript;
  // In a page that lets its users name images, one of them may be called `currentScript`.
  if (!(script instanceof HTMLScriptElement && script.src.includes("/embed/v1."))) {
    // It would not know whose frame to show.
    complain("the loader is a script by itself, from the faucet's /embed/v1.js: no module, and no part of a bundle");
    return;
  }
  const { origin: faucet, pathname } = new URL(script.src);
  const earlier = customElements.get(TAG);
  if (earlier) {
    // Loaded twice there is nothing to say.
    if (earlier.faucet !== faucet) {
      complain(`this page has the widget of ${earlier.faucet} already, and cannot have that of ${faucet}`);
    }
    return;
  }
  /** What finds the visitor's wallets, where it is asked for, and its digest: the build puts both in. */
  const BRIDGE = ["/embed/bridge.js", "bridge-integrity"];
  let bridge;
  /** How long a frame that has loaded may keep silent, in milliseconds: it greets before the page in it has loaded. */
  const PATIENCE_MS = 2000;
  /** Half of how long it takes until the first attempt to load a silent frame anew, in milliseconds; then twice as long each time. */
  const PAUSE_MS = 500;
  /** How often a frame is loaded that keeps silent. With the pauses that takes a minute and a half. */
  const LOADS_MAX = 7;
  /** The height that is kept where nothing is said, in pixels. */
  const HEIGHT_PX = 640;
  /** What may be changed from outside, besides the look: each is an attribute. The first of them stand in the frame's address. */
  const ADDRESSED = ["site", "level", "layout", "lang", "theme"];
  const WATCHED = [...ADDRESSED, "label", "cdata", "height"];
  /** What goes before their names in an element of any other kind. */
  const PREFIX = "data-dripline-";
  /** Elements of any other kind. */
  const PLACES = "[data-dripline-site]";
  /** The custom properties that are handed on, without their `--dripline-`. */
  const LOOK = ["accent", "accent-ink", "background", "surface", "ink", "muted", "line", "radius", "font"];
  /** The longest text that is handed on with a round, in bytes. */
  const CDATA_MAX = 255;
  const TOO_LONG = "cdata_too_long";

  const STYLES = new CSSStyleSheet();
  STYLES.replaceSync(
    ":host{display:block;box-sizing:border-box;width:100%}" +
      ":host([hidden]),:host([gone]){display:none!important}" +
      ":host([layout=popup]){display:inline-block;width:auto;height:auto!important;min-height:0!important}" +
      ":host(:not([layout])),:host([layout=card]){max-width:420px}" +
      "iframe{display:block;width:100%;height:100%;border:0;border-radius:var(--dripline-radius,14px)}" +
      ":host([layout=full]){height:100vh!important;height:100dvh!important}" +
      ":host([layout=full]) iframe{border-radius:0}" +
      "dialog{width:420px;height:720px;max-width:100vw;max-height:100dvh;padding:0;border:0;" +
      "border-radius:var(--dripline-radius,14px);overflow:hidden;background:#eaf3f8;color-scheme:light dark}" +
      "dialog::backdrop{background:#04141e99}" +
      "[part=button]{display:block;font:600 16px/1.2 var(--dripline-font,system-ui,sans-serif);min-height:44px;padding:0 20px;" +
      "border-radius:var(--dripline-radius,8px);color:var(--dripline-accent-ink,#fff);background:var(--dripline-accent,#0a588c)}" +
      "[part=close]{position:absolute;top:2px;right:4px;width:44px;height:44px;padding:0;background:none;" +
      "font:24px/1 system-ui,sans-serif;color:var(--dripline-muted,#708894)}" +
      "button{border:0;cursor:pointer}button:focus-visible{outline:3px solid #1385c6;outline-offset:2px}",
  );

  /** An element with these properties. */
  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  /** What makes the addresses of the scripts below, of this faucet and no other: a page that wants trusted types lets them in by it. */
  let policy;
  /** Puts another script of the faucet's into the page, by the nonce of this one where the page's policy has one. */
  const bring = (path, more) =>
    new Promise((resolve, reject) => {
      const rules = { createScriptURL: (path) => faucet + path };
      try {
        policy ??= trustedTypes.createPolicy("dripline", rules);
      } catch {
        // The browser knows no such types, or the page lets only others make them. It may want none.
        policy = rules;
      }
      document.head.append(make("script", { src: policy.createScriptURL(path), nonce: script.nonce, onerror: reject, ...more(resolve) }));
    });

  class DriplineFaucet extends HTMLElement {
    static observedAttributes = WATCHED;
    static faucet = faucet;

    #root = Object.assign(this.attachShadow({ mode: "open" }), { adoptedStyleSheets: [STYLES] });
    #frame;
    #dialog;
    #port;
    #nonce;
    #timer;
    /** Whether it is in the page as its attributes say, or is not shown because of them. */
    #isBuilt;
    /** How high is what is in the frame, in pixels, once that was told. */
    #height;
    /** Whether the page that is being loaded into the frame has greeted. */
    #isGreeted;
    /** How often the frame was loaded and has kept silent, since it greeted last. */
    #loads;
    /** Whether the faucet answered all the same, when that was seen. */
    #wasThere;
    /** What the developer was told. */
    #why;

    connectedCallback() {
      addEventListener("message", this.#heard);
      this.#build();
    }

    disconnectedCallback() {
      // A frame that is moved loads anew, and greets anew.
      this.#isBuilt = false;
      this.#clear();
      removeEventListener("message", this.#heard);
    }

    attributeChangedCallback(name, before, now) {
      // Several attributes that a framework sets one after the other are one change.
      if (before === now || !this.#isBuilt) {
        return;
      }
      if (name === "height") {
        this.#resize();
      } else if (name === "theme" || (name === "cdata" && this.#why !== TOO_LONG)) {
        this.#tell();
      } else {
        this.#isBuilt = false;
        queueMicrotask(() => this.reset());
      }
    }

    /** Shows the games: opens the popup, or scrolls to the frame. One that was given up is tried again. */
    open() {
      if (this.#loads === LOADS_MAX) {
        this.reset();
      }
      if (this.#dialog) {
        this.#load();
        if (!this.#dialog.open) {
          this.#dialog.showModal();
        }
        // One that is not displayed, for the widget is hidden, would hold the page all the same.
        if (!this.#dialog.offsetWidth) {
          this.close();
        }
      } else {
        this.scrollIntoView({ block: "nearest" });
      }
      this.#frame?.focus();
    }

    /** Closes the popup. Another layout has nothing to close. */
    close() {
      this.#dialog?.close();
    }

    /** Begins anew, as if the page had just been opened. */
    reset() {
      this.#clear();
      if (this.isConnected) {
        this.#build();
      }
    }

    /** Has the games look "light", "dark", or as the visitor's system does: "auto". */
    setTheme(theme) {
      this.setAttribute("theme", theme);
      // A page that changes its looks changes its colours with them.
      this.#tell();
    }

    #build() {
      // It says no more than nothing does, and would be taken for the language of the words in here.
      if (this.lang === "auto") {
        this.removeAttribute("lang");
      }
      this.#isBuilt = true;
      this.#height = undefined;
      this.#begin();
      if (!this.getAttribute("site")) {
        this.#fail("site_missing", 'the attribute "site" is missing: the faucet\'s operator tells the id of yours');
        return;
      }
      if (faucet === location.origin && location.pathname !== "/embed/playground") {
        // There the frame could leave its sandbox.
        this.#fail("own_origin", "the faucet's own pages need no widget");
        return;
      }
      if (this.getAttribute("layout") === "popup") {
        const label = this.getAttribute("label") ?? "Play";
        const button = make("button", { part: "button", textContent: label, onclick: () => this.open() });
        this.#dialog = make("dialog", {
          part: "dialog",
          ariaLabel: label,
          onclose: () => this.#emit("close", {}),
          onclick: ({ target }) => target === this.#dialog && this.close(),
        });
        this.#dialog.append(make("button", { part: "close", ariaLabel: "Close", textContent: "×", onclick: () => this.close() }));
        this.#root.append(button, this.#dialog);
      } else {
        this.#resize();
        this.#load();
      }
    }

    /** Makes the frame. It is loaded when it comes near what the visitor sees; one that is hidden for its silence never does. */
    #load() {
      if (this.#frame) {
        return;
      }
      this.#nonce = crypto.getRandomValues(new Uint32Array(4)).join("-");
      const query = new URLSearchParams();
      for (const name of ADDRESSED) {
        const value = this.getAttribute(name);
        if (value) {
          query.set(name, value);
        }
      }
      this.#frame = make("iframe", {
        // What follows the `#` is sent to nobody.
        src: `${faucet}/embed/frame?${query}#${this.#nonce}`,
        title: this.getAttribute("label") ?? "Dripline",
        loading: this.#loads ? "eager" : "lazy",
        referrerPolicy: "origin",
        // The frame is of another origin: what it may do with its own storage, it may do there anyway.
        sandbox: "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox",
        onload: () => {
          clearTimeout(this.#timer);
          // Also a page that reloads itself in there is missed where it does not greet again.
          if (!this.#isGreeted) {
            this.#port = undefined;
            this.#timer = setTimeout(() => this.#missed(), PATIENCE_MS);
          }
          this.#isGreeted = false;
        },
      });
      (this.#dialog ?? this.#root).append(this.#frame);
    }

    #clear() {
      clearTimeout(this.#timer);
      this.close();
      this.#port?.close();
      this.#frame = this.#dialog = this.#port = this.#nonce = this.#isGreeted = undefined;
      this.#root.replaceChildren();
    }

    /**
     * A frame keeps silent. Its browser says nobody why, so it is asked whether the faucet answers at all, in the way that the page's
     * policy allows. Visitors see nothing meanwhile, and the widget once it greets after all.
     */
    async #missed() {
      const frame = this.#frame;
      this.close();
      this.setAttribute("gone", "");
      this.#loads += 1;
      // By this very script: a page that holds it to its digest is brought no other.
      const { integrity, crossOrigin } = script;
      const isThere = await bring(`${pathname}?${Math.random()}`, (resolve) => ({ integrity, crossOrigin, onload: resolve })).catch(() => {});
      if (frame !== this.#frame || this.#port) {
        return;
      }
      if (!isThere) {
        this.#complain("faucet_unreachable", `${faucet} does not answer, or this page's policy keeps its script out. The widget is hidden meanwhile`);
      } else if (this.#wasThere) {
        // It answered before this attempt and after it.
        const around = self === top ? "" : ", or not that of a page around this one";
        this.#fail(
          "origin_refused",
          `${faucet} is not shown here: it knows no site "${this.getAttribute("site")}", or one whose origins do not ` +
            `include ${location.origin}${around}: ask the faucet's operator to register exactly that`,
        );
        return;
      }
      this.#wasThere = isThere;
      if (this.#loads < LOADS_MAX) {
        this.#timer = setTimeout(() => {
          frame.remove();
          this.#frame = undefined;
          this.#load();
        }, PAUSE_MS * 2 ** this.#loads);
      }
    }

    /** Shows it, and forgets what was wrong. What the page says of its being hidden stays. */
    #begin() {
      this.removeAttribute("gone");
      this.#loads = 0;
      this.#why = this.#wasThere = undefined;
    }

    /** Tells the developer what is wrong, once. */
    #complain(code, message) {
      if (this.#why !== code) {
        this.#why = code;
        complain(message);
        // Whoever has put the element into the page may listen to it first.
        queueMicrotask(() => this.#emit("error", { code, message }));
      }
    }

    /** Tells the developer, and leaves visitors with nothing. */
    #fail(code, message) {
      this.#clear();
      this.setAttribute("gone", "");
      this.#complain(code, message);
    }

    /** Hears the greeting of its own frame, and no other. */
    #heard = ({ source, origin, data }) => {
      if (source !== this.#frame?.contentWindow || origin !== faucet || data?.dripline !== this.#nonce) {
        return;
      }
      clearTimeout(this.#timer);
      this.#isGreeted = true;
      this.#begin();
      this.#port?.close();
      const { port1, port2 } = new MessageChannel();
      this.#port = port1;
      port1.onmessage = this.#told;
      source.postMessage({ dripline: this.#nonce }, faucet, [port2]);
      this.#tell();
    };

    /** Tells the frame what it is to look like, and what goes with its rounds. */
    #tell() {
      const computed = getComputedStyle(this);
      const look = {};
      for (const name of LOOK) {
        const value = computed.getPropertyValue(`--dripline-${name}`).trim();
        if (value) {
          look[name] = value;
        }
      }
      const theme = this.getAttribute("theme") ?? "auto";
      if (this.#frame) {
        this.#frame.style.colorScheme = theme === "auto" ? "light dark" : theme;
      }
      const cdata = this.getAttribute("cdata") ?? undefined;
      // Cut, it would be another text than the one that the site's server expects.
      if (new TextEncoder().encode(cdata).length > CDATA_MAX) {
        this.#fail(TOO_LONG, `the attribute "cdata" has more than ${CDATA_MAX} bytes`);
        return;
      }
      this.#port?.postMessage({ theme, look, cdata });
    }

    /** Asks the visitor's wallets, for the frame. */
    async #ask(ask, about, port) {
      const [path, integrity] = BRIDGE;
      bridge ??= bring(path, (dripline) => ({ integrity, crossOrigin: "", dripline }));
      // What could not be loaded may be loaded the next time.
      bridge.catch(() => (bridge = undefined));
      const reply = await bridge.then((bridge) => bridge(about, this.getAttribute("site"))).then(
        (answer) => ({ answer }),
        ({ code = "unavailable" }) => ({ code }),
      );
      port.postMessage({ ...reply, ask });
    }

    #told = ({ data: { event, detail, height, ask, about }, target }) => {
      if (ask) {
        this.#ask(ask, about, target);
      } else if (event === "close") {
        this.close();
      } else if (event) {
        this.#emit(event, detail);
      } else if (height > 0) {
        this.#height = Math.min(Math.max(height, 320), 4000);
        this.#resize();
      }
    };

    /** Makes it as high as what is in the frame, or as the page says; what is `full` or a `popup` has its height from the styles. */
    #resize() {
      const said = parseInt(this.getAttribute("height"), 10);
      this.style.height = `${this.#height ?? (said > 0 ? said : HEIGHT_PX)}px`;
    }

    #emit(name, detail) {
      // They do not rise: an `error` or a `close` of ours is none of a dialog or a window around it.
      for (const target of [this, this.driplineHost]) {
        target?.dispatchEvent(new CustomEvent(name, { detail }));
      }
    }
  }
  customElements.define(TAG, DriplineFaucet);

  /** Has the widget in an element be as that says. */
  const follow = (place, name) => {
    const value = place.getAttribute(PREFIX + name);
    if (value === null) {
      place.dripline.removeAttribute(name);
    } else {
      place.dripline.setAttribute(name, value);
    }
  };
  /** Elements of any kind: the widget goes into them, and tells them what happens. */
  const adopt = (place) => {
    if (!place.dripline) {
      place.dripline = make(TAG, { driplineHost: place });
      WATCHED.forEach((name) => follow(place, name));
      place.append(place.dripline);
    }
  };
  /** Finds them in what is new. */
  const find = (node) => {
    if (node.matches?.(PLACES)) {
      adopt(node);
    }
    node.querySelectorAll?.(PLACES).forEach(adopt);
  };
  new MutationObserver((changes) => {
    for (const { target, attributeName, addedNodes } of changes) {
      if (attributeName && target.dripline) {
        follow(target, attributeName.slice(PREFIX.length));
      }
      // An element may be told its site later.
      (attributeName ? [target] : addedNodes).forEach(find);
    }
  }).observe(document, { childList: true, subtree: true, attributeFilter: WATCHED.map((name) => PREFIX + name) });
  find(document);
})();
