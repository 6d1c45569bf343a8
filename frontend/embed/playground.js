// The playground: makes the widget that was chosen, and the lines that make it elsewhere.
(() => {
  const EVENTS = ["ready", "round", "cleared", "drip", "balance", "error", "close"];
  /** How long nobody has to have typed before the widget is made anew, in milliseconds. */
  const PAUSE_MS = 400;
  const ATTRIBUTES = ["site", "level", "layout", "theme", "lang", "height", "label", "cdata"];
  /** What need not be said, for it is so anyway. */
  const USUAL = { layout: "card", theme: "auto", lang: "auto", height: "640" };
  /** The custom properties that are handed on: their names, what they are called here, and what of this page's looks is the same. */
  const LOOK = [
    ["accent", "Accent", "--button"],
    ["accent-ink", "Words on the accent", "--button-ink"],
    ["background", "Background", "--page"],
    ["surface", "Cards", "--surface"],
    ["ink", "Words", "--ink"],
    ["muted", "Quieter words", "--muted"],
    ["line", "Borders", "--line"],
    ["radius", "Corners"],
    ["font", "Font"],
  ];
  const CDATA_MAX = 255;
  const bytes = (text) => new TextEncoder().encode(text).length;
  /** What is wrong with a value that was typed; nothing where it is good. */
  const MISTAKES = {
    lang: (tag) => (tag === USUAL.lang || driplineLanguage(tag) ? "" : "Expected a language's tag, as “de” or “pt-BR”."),
    height: (pixels) => (/^[1-9]\d{1,3}$/.test(pixels) ? "" : "Expected a number of pixels, from 10 to 9999."),
    cdata: (text) => (bytes(text) <= CDATA_MAX ? "" : `Expected at most ${CDATA_MAX} bytes, not ${bytes(text)}.`),
    radius: (length) => (/^\d{1,2}(\.\d{1,3})?(px|rem|em)?$/.test(length) ? "" : "Expected a length, as “4px”."),
    font: (names) => (/^[\w\s,"'-]{1,200}$/.test(names) ? "" : "Expected names of fonts, with commas between them."),
  };
  /** What an empty field stands for, where it is no colour. */
  const USUAL_LOOK = { radius: "14px", font: "system-ui, sans-serif" };
  const colourMistake = (colour) =>
    driplineOpaque(colour, document.head) ? "" : "Expected a colour that cannot be seen through, as “#7a1fa2”.";

  const element = (id) => document.getElementById(id);
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const site = element("site");
  const live = element("live");
  let widget;
  let timer;
  /** The site whose levels are offered. */
  let offered;
  /** Whether the widget's place has come near what is seen. On phones it is below all that can be chosen, and games are much to load. */
  let isNear = false;
  /** The address of this very loader, and its digest. */
  let held;

  /** A field's value where it is good; its mistake stands below it. One that nobody has opened is not there yet, and empty. */
  const valueOf = (name) => {
    const field = element(name);
    if (!field) {
      return "";
    }
    const value = field.value.trim();
    const isColour = field.parentElement.className === "colour";
    const mistake = value === "" ? "" : (isColour ? colourMistake : MISTAKES[name] ?? (() => ""))(value);
    field.ariaInvalid = mistake !== "";
    const told = element(`${name}-mistake`);
    if (told && told.textContent !== mistake) {
      told.textContent = mistake;
    }
    return mistake ? "" : value;
  };
  const attributes = () =>
    ATTRIBUTES.map((name) => [name, valueOf(name)]).filter(([name, value]) => name === "site" || (value && value !== USUAL[name]));
  const look = () => LOOK.map(([name]) => [`--dripline-${name}`, valueOf(name)]).filter(([, value]) => value);

  // --- The lines ---------------------------------------------------------------------------------------------------------------

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  const written = (pairs, prefix = "") => pairs.map(([name, value]) => ` ${prefix}${name}="${escaped(value)}"`).join("");

  /** The heights that are kept before the loader has come, so that nothing of the page moves; of several, the last that a browser knows. */
  const kept = () => {
    const layout = valueOf("layout");
    const height = valueOf("height");
    if (layout === "popup") {
      return ["44px"];
    }
    return layout === "full" ? ["100vh", "100dvh"] : [`${height || USUAL.height}px`];
  };

  /** What a template writes is written as it is: it may well be no HTML. */
  const nonce = () => element("nonce").value.trim();
  const loader = () => (held && element("integrity").checked ? held : { script: "/embed/v1.js" });

  /** Lines of HTML, whose place is selected by this, with this in it. */
  const html = (selector, place) => {
    const { script, integrity } = loader();
    const by = nonce() && ` nonce="${nonce()}"`;
    const digest = integrity ? ` integrity="${integrity}" crossorigin="anonymous"` : "";
    const rules = ["display: block", ...kept().map((height) => `min-height: ${height}`), ...look().map((pair) => pair.join(": "))];
    const isLong = look().length > 0;
    const [begin, between, end] = isLong ? ["{\n  ", ";\n  ", "\n}\n"] : ["{ ", "; ", " }"];
    return (
      `<script async${by} src="${location.origin}${script}"${digest}></script>\n` +
      `<style${by}>${isLong ? "\n" : ""}${selector} ${begin}${rules.join(between)}${end}</style>\n${place}`
    );
  };
  const div = () => {
    return html("[data-dripline-site]", `<div${written(attributes(), "data-dripline-")}></div>`);
  };

  const react = () => {
    const { script, integrity } = loader();
    const style = [["display", "block"], ["minHeight", kept().at(-1)], ...look()]
      .map(([name, value]) => `${name.startsWith("-") ? JSON.stringify(name) : name}: ${JSON.stringify(value)}`)
      .join(", ");
    const properties = [["faucet", location.origin], ...attributes(), ...(integrity ? [["path", script], ["integrity", integrity]] : [])];
    const by = /^\{.*\}$/.test(nonce()) ? [`nonce=${nonce()}`] : nonce() ? [`nonce="${escaped(nonce())}"`] : [];
    const lines = [
      ...properties.map(([name, value]) => `${name}="${escaped(value)}"`),
      ...by,
      `style={{ ${style} }}`,
      "onCleared={({ token }) => console.log(token)}",
    ];
    return `import { DriplineFaucet } from "@dripline/embed/react";

export const Games = () => (
  <DriplineFaucet
${lines.map((line) => `    ${line}\n`).join("")}  />
);`;
  };

  /** The ways to write it, each with what is said of it. */
  const WAYS = {
    element: [
      () => html("dripline-faucet", `<dripline-faucet${written(attributes())}></dripline-faucet>`),
      "The script once in a page, the style in its head or in your stylesheet, the last line where the games are to be.",
    ],
    div: [div, "For editors that take no elements of other names. The widget goes into the div, which is told what happens."],
    react: [react, "With the package @dripline/embed, which is built with the faucet. React 18 and later."],
    wordpress: [
      div,
      "Into a block “Custom HTML”. Who may not save scripts and styles there has them put into the theme's head, and pastes the div alone.",
    ],
  };

  const write = () => {
    const [lines, help] = WAYS[element("form").value];
    const text = lines();
    element("form-help").textContent = help;
    // What was copied is what stands there until that is something else.
    if (element("snippet").textContent !== text) {
      element("snippet").textContent = text;
      element("copied").textContent = "";
    }
  };

  // --- The widget --------------------------------------------------------------------------------------------------------------

  const paint = () => {
    for (const [name] of LOOK) {
      widget?.style.removeProperty(`--dripline-${name}`);
    }
    for (const [property, value] of look()) {
      widget?.style.setProperty(property, value);
    }
  };

  const show = () => {
    widget?.remove();
    widget = undefined;
    live.replaceChildren();
    element("events").replaceChildren();
    document.querySelector(".playground").classList.toggle("is-wide", ["inline", "full"].includes(valueOf("layout")));
    if (!site.value.trim()) {
      live.append(make("p", { className: "quiet", textContent: "Enter a site." }));
      return;
    }
    if (!isNear) {
      return;
    }
    widget = document.createElement("dripline-faucet");
    for (const [name, value] of attributes()) {
      widget.setAttribute(name, value);
    }
    paint();
    for (const name of EVENTS) {
      widget.addEventListener(name, ({ detail }) => {
        const line = document.createElement("li");
        line.append(make("code", { textContent: `${name} ${JSON.stringify(detail)}` }));
        element("events").prepend(line);
        if (name === "error" && !widget?.shadowRoot.firstChild) {
          live.append(make("p", { className: "notice is-warning", textContent: detail.message }));
        }
      });
    }
    live.append(widget);
  };

  /** Offers the levels of the site. One that is not known has none. */
  const offer = async () => {
    const wanted = site.value.trim();
    if (wanted === offered) {
      return;
    }
    offered = wanted;
    const answer = await fetch(`/api/v1/catalog?site=${encodeURIComponent(wanted)}`).catch(() => undefined);
    const catalog = answer?.ok ? await answer.json() : { levels: [] };
    if (wanted === offered) {
      const options = catalog.levels.map((view) => new Option(`${view.level.name} (${view.game})`, view.id));
      element("level").replaceChildren(new Option("All of the site's levels", ""), ...options);
      write();
    }
  };

  // --- What is chosen ----------------------------------------------------------------------------------------------------------

  /** Has what is wrong with a field's value told below it. */
  const explain = (name) => {
    const field = element(name);
    field.closest(".field").append(make("p", { id: `${name}-mistake`, className: "mistake", role: "status" }));
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), `${name}-mistake`].filter(Boolean).join(" "));
  };

  /** Makes the fields of the looks: a colour is typed, or picked beside that. */
  const offerLook = () => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    /** A colour as a picker has it, where it is one of those that a picker can have. */
    const picked = (colour) => {
      canvas.fillStyle = colour;
      return canvas.fillStyle;
    };
    const own = getComputedStyle(document.documentElement);
    const fields = LOOK.map(([name, called, property]) => {
      const usual = USUAL_LOOK[name] ?? picked(own.getPropertyValue(property).trim());
      const field = make("div", { className: name === "font" ? "field is-wide" : "field" });
      const input = make("input", { id: name, autocomplete: "off", spellcheck: false, placeholder: usual });
      field.append(make("label", { htmlFor: name, textContent: called }), input);
      if (property) {
        const pick = make("input", { type: "color", value: usual, ariaLabel: `Pick: ${called.toLowerCase()}` });
        pick.addEventListener("input", () => (input.value = pick.value));
        input.addEventListener("input", () => {
          const colour = valueOf(name) ? picked(input.value) : usual;
          pick.value = colour.startsWith("#") ? colour : pick.value;
        });
        const both = make("div", { className: "colour" });
        both.append(input, pick);
        field.append(both);
      }
      return field;
    });
    element("look").append(...fields);
    LOOK.forEach(([name]) => explain(name));
  };
  // Few open it, and pickers of colours are slow to make.
  element("look").parentElement.addEventListener("toggle", offerLook, { once: true });
  ["lang", "height", "cdata"].forEach(explain);

  const chosen = () => {
    write();
    show();
  };
  element("choices").addEventListener("input", ({ target }) => {
    if (target.closest("#look")) {
      write();
      paint();
      widget?.setTheme(valueOf("theme"));
    } else if (target.localName === "input") {
      clearTimeout(timer);
      timer = setTimeout(() => {
        history.replaceState(null, "", `?site=${encodeURIComponent(site.value.trim())}`);
        offer();
        chosen();
      }, PAUSE_MS);
    }
  });
  ["level", "layout"].forEach((name) => element(name).addEventListener("change", chosen));
  element("theme").addEventListener("change", () => {
    write();
    widget?.setTheme(valueOf("theme"));
  });
  element("way").addEventListener("input", async () => {
    write();
    if (element("integrity").checked && !held) {
      held = await fetch("/embed/v1.json").then((answer) => answer.json()).catch(() => undefined);
      element("integrity").checked = held !== undefined;
      write();
    }
  });
  ["choices", "way"].forEach((id) => element(id).addEventListener("submit", (event) => event.preventDefault()));
  element("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(element("snippet").textContent);
      element("copied").textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(element("snippet"));
      element("copied").textContent = "Your browser does not let pages copy. The lines are marked: copy them by hand.";
    }
  });
  site.value = new URLSearchParams(location.search).get("site") ?? "";
  offer();
  const near = new IntersectionObserver(
    (entries) => {
      if (entries.at(-1).isIntersecting) {
        near.disconnect();
        isNear = true;
        // In a task of its own: what is typed meanwhile does not wait for both.
        customElements.whenDefined("dripline-faucet").then(() => setTimeout(show));
      }
    },
    { rootMargin: "200px" },
  );
  near.observe(live);
  write();
})();
